//! `import FILE…`: grades as people write them, with the scale in the cell, in the name of the column, or beside it.

use super::{Workspace, assert_lines, import_error};

const SCORES: &str =
    "original_score, score FROM review JOIN film ON film.id = film_id ORDER BY title";

/// Imports CSV of one column of grades with the name `column`, and returns them as stored.
fn grades(column: &str, grades: &[&str]) -> Vec<String> {
    let workspace = Workspace::empty();
    let rows = grades.iter().enumerate();
    let rows: Vec<String> = rows
        .map(|(number, grade)| format!("Film {number};Ann;{grade}\n"))
        .collect();
    let rows = rows.concat();
    workspace.write("list.csv", format!("Title;Critic;{column}\n{rows}"));
    workspace.run(&["import", "list.csv"]).output();
    workspace.rows(SCORES)
}

#[test]
fn the_scale_may_be_in_the_cell_in_several_languages() {
    assert_eq!(
        grades(
            "Rating",
            &[
                "8,5 von 10",
                "7 sur 10",
                "3 de 5",
                "8 su 10",
                "4 van de 5",
                "8 из 10",
                "4 Sterne von 5"
            ]
        ),
        [
            "(\"8,5 von 10\",85)",
            "(\"7 sur 10\",70)",
            "(\"3 de 5\",60)",
            "(\"8 su 10\",80)",
            "(\"4 van de 5\",80)",
            "(\"8 из 10\",80)",
            "(\"4 Sterne von 5\",80)",
        ]
    );
}

#[test]
fn the_scale_may_be_in_the_name_of_the_column() {
    for (column, scale) in [
        ("Stars (out of 5)", 5),
        ("Score /10", 10),
        ("Note sur 20", 20),
        ("Rating (1-10)", 10),
    ] {
        assert_eq!(
            grades(column, &["4", "B+"]),
            [format!("(4/{scale},{})", 400 / scale), "(B+,83)".to_owned()],
            "{column}"
        );
    }
}

#[test]
fn the_scale_may_be_in_an_object() {
    let workspace = Workspace::empty();
    workspace.write(
        "schema.json",
        r#"[{"@type": "Review", "itemReviewed": {"@type": "Movie", "name": "Amber Tide"},
          "author": {"@type": "Person", "name": "Ann Lee"}, "datePublished": "2021-03-04",
          "reviewRating": {"@type": "Rating", "ratingValue": 4, "bestRating": 5, "worstRating": 1},
          "reviewBody": "Slow water."}]"#,
    );
    let output = workspace.run(&["import", "schema.json"]).output();
    assert!(
        output.contains("→ the maximum of \"reviewRating.ratingValue\" (5)"),
        "{output}"
    );
    assert_eq!(
        workspace.rows(
            "title, critic.name, original_score, score, reviewed_on, excerpt FROM review
             JOIN film ON film.id = film_id JOIN critic ON critic.id = critic_id"
        ),
        ["(\"Amber Tide\",\"Ann Lee\",4/5,80,2021-03-04,\"Slow water.\")"]
    );
    workspace.write(
        "cells.csv",
        "Title;Critic;Rating\nQuay;Ann Lee;\"{\"\"value\"\":7,\"\"max\"\":10}\"\nReef;Ann Lee;\"{\"\"rating\"\":3,\"\"scale\"\":4}\"\n",
    );
    workspace.run(&["import", "cells.csv"]).output();
    assert_eq!(
        workspace.rows(SCORES),
        ["(4/5,80)", "(7/10,70)", "(3/4,75)"]
    );
}

#[test]
fn an_import_without_the_scale_of_another_one_removes_no_scores() {
    let workspace = Workspace::empty();
    workspace.write(
        "list.csv",
        "Title,Critic,Rating,Review\nAmber Tide,Ann,4,Slow.\nQuay,Ann,B+,\n",
    );
    let scaled = ["import", "list.csv", "--bare-scores-out-of", "5"];
    workspace.run(&scaled).output();
    let read = ["(4/5,80)", "(B+,83)"];
    assert_eq!(workspace.rows(SCORES), read);
    let again = workspace.run(&["import", "list.csv"]).output();
    assert!(again.ends_with("nothing changed\n"), "{again}");
    // What else changes is stored, and so is another grade.
    workspace.write(
        "list.csv",
        "Title,Critic,Rating,Review\nAmber Tide,Ann,4,Slower.\nQuay,Ann,3,\n",
    );
    let output = workspace.run(&["import", "list.csv"]).output();
    assert_lines(&output, &["reviews: 0 new, 2 changed, 0 the same"]);
    assert_eq!(workspace.rows(SCORES), ["(4/5,80)", "(3,)"]);
    // A catalogue in which the grade is as an earlier version stored it.
    workspace.value("WITH changed AS (UPDATE review SET original_score = '4' WHERE score = 80 RETURNING 1) SELECT count(*)::text AS value FROM changed");
    workspace.run(&["import", "list.csv"]).output();
    assert_eq!(workspace.rows(SCORES), ["(4,80)", "(3,)"]);
    // The other formats keep the scale as well.
    workspace
        .import(
            "rows.csv",
            "film,critic,rating\nReef,Ann,7\n",
            &["--bare-scores-out-of=10"],
        )
        .output();
    assert_eq!(workspace.rows(SCORES)[2], "(7/10,70)");
    let again = workspace
        .import("rows.csv", "film,critic,rating\nReef,Ann,7\n", &[])
        .output();
    assert!(again.ends_with("nothing changed\n"), "{again}");
    workspace.assert_tallies();
}

#[test]
fn a_list_of_objects_is_no_name() {
    let workspace = Workspace::empty();
    let list = |critic: &str| {
        format!("[{{\"film\": \"Amber Tide\", \"rating\": \"4/5\", \"critic\": {critic}}}]")
    };
    workspace.write("list.json", list(r#"[{"call": "Ann Lee", "seat": 4}]"#));
    let refused = workspace.run(&["import", "list.json"]);
    let error = import_error(&refused);
    assert!(
        error.contains(
            "critic: is a list of an object: --map 'critic.call=critic' reads a value of it"
        ),
        "{error}"
    );
    workspace
        .run(&["import", "list.json", "--map", "critic.call=critic"])
        .output();
    let critics = "critic.name FROM review JOIN critic ON critic.id = critic_id";
    assert_eq!(workspace.rows(critics), ["(\"Ann Lee\")"]);
    // A member whose name says what it is needs no option, and a text may stand beside objects.
    let mixed = r#"[{"film": "Amber Tide", "rating": "4/5", "critic": [{"name": "Ann Lee"}]},
        {"film": "Quay", "rating": "3/5", "critic": "Ann Lee"}]"#;
    workspace.write("list.json", mixed);
    let output = workspace.run(&["import", "list.json"]).output();
    assert_lines(&output, &["reviews: 1 new, 0 changed, 1 the same"]);
    for (critic, reason) in [
        (
            r#"[{"name": "Ann"}, {"name": "Bo"}]"#,
            "is a list of 2, and a row has one critic",
        ),
        (r#"["Ann"]"#, "write the value itself, without brackets"),
    ] {
        workspace.write("list.json", list(critic));
        let refused = workspace.run(&["import", "list.json"]);
        assert!(import_error(&refused).contains(reason), "{refused:?}");
    }
    workspace.write(
        "list.csv",
        "Title;Critic;Rating\nReef;\"{\"\"name\"\": \"\"Ann\"\"}\";4/5\n[REC];Ann;4/5\n",
    );
    let refused = workspace.run(&["import", "list.csv"]);
    assert!(
        import_error(&refused).contains("1 invalid row, so"),
        "{refused:?}"
    );
}

#[test]
fn a_row_of_totals_at_the_end_is_no_film() {
    let workspace = Workspace::empty();
    let list =
        "Titel;Jahr;Kritiker;Bewertung\nBernsteinflut;2019;Ann;4/5\nDurchschnitt;2018;Ann;3/5\n";
    workspace.write("list.csv", format!("{list}Durchschnitt;;;3,5\n"));
    let output = workspace.run(&["import", "list.csv"]).output();
    assert_lines(
        &output,
        &[
            "  line 4 is not read: it begins with \"Durchschnitt\", and has only numbers; if it is a film, give it a year",
            "left out: 1 × row of totals at the end of a table",
            "reviews: 2 new, 0 changed, 0 the same",
        ],
    );
    assert_eq!(
        workspace.rows("title FROM film ORDER BY 1"),
        ["(Bernsteinflut)", "(Durchschnitt)"]
    );
    // In another place, with a text, or with a year, it is a film.
    for (name, text) in [
        (
            "first.csv",
            "Title,Year,Rating\nTotal,,3/5\nQuay,2011,4/5\n",
        ),
        (
            "text.csv",
            "Title,Year,Critic,Rating\nQuay,2011,Ann,4/5\nTotal,,Ann,3/5\n",
        ),
        (
            "year.csv",
            "Title,Year,Rating\nQuay,2011,4/5\nTotal,2011,3/5\n",
        ),
    ] {
        workspace.write(name, text);
        let output = workspace.run(&["import", name, "--dry-run"]).output();
        assert!(output.contains("reviews: 2 new, "), "{name}: {output}");
    }
}
