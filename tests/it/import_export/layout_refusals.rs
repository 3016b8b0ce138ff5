//! `import FILE…`: what a refusal shows, and hints of other commands.

use super::{NO_ROWS, Workspace, fixture, import_error};

#[test]
fn the_plan_is_printed_before_all_that_is_wrong() {
    let workspace = Workspace::empty();
    workspace.write("ratings.csv", fixture("layouts/letterboxd-ratings.csv"));
    workspace.write("bare.csv", "Title,Year,Rating\nAmber Tide,2019,7\n");
    workspace.write(
        "other.csv",
        "Godina,Naslov\n2019,Amber Tide\n2020,Nine Lamps\n",
    );
    workspace.write("films.csv", "Title,Year,Genre\nQuay,2012,Drama\n");
    let refused = workspace.run(&[
        "import",
        "ratings.csv",
        "bare.csv",
        "films.csv",
        "other.csv",
    ]);
    let error = import_error(&refused);
    for reason in [
        "other.csv: no column is known as the title of a film among \"Godina\", \"Naslov\": name it by --map 'Naslov=film'",
        "ratings.csv: these are the reviews of one person",
        "films.csv: no column says what only a review says",
        "bare.csv: the column \"Rating\" has bare numbers such as \"7\"",
    ] {
        assert!(error.contains(reason), "{error}");
    }
    for line in [
        "  Name            → film (Amber Tide)",
        "  Rating  → original_score (7)",
        "  Genre  → genres (Drama)",
    ] {
        assert!(refused.stdout.contains(line), "{refused:?}");
    }
    assert_eq!(workspace.counts(), NO_ROWS);
}

#[test]
fn two_columns_of_one_name_are_told_apart_by_their_number() {
    let workspace = Workspace::empty();
    workspace.write(
        "list.csv",
        "Title,Critic,Rating,Rating\nAmber Tide,Ann,4/5,80\n",
    );
    let line = ["import", "list.csv"];
    let refused = workspace.run(&line);
    assert!(
        import_error(&refused).contains(
            "the columns \"Rating\" and \"Rating#2\" both mean original_score: leave one of them out, by --ignore 'Rating' or \
             --ignore 'Rating#2', or give it another meaning, by --map 'Rating#2=MEANING'"
        ),
        "{refused:?}"
    );
    workspace
        .run(&[&line[..], &["--map", "Rating#2=score"]].concat())
        .output();
    assert_eq!(
        workspace.rows("score, original_score FROM review"),
        ["(80,4/5)"]
    );
}

#[test]
fn the_plan_says_what_bare_numbers_are_out_of_and_what_has_no_rows() {
    let workspace = Workspace::empty();
    workspace.write(
        "bare.csv",
        "Title,Critic,Rating\nAmber Tide,Ann,4.5\nQuay,Ann,\"3,5\"\n",
    );
    let plan = workspace
        .run(&["import", "bare.csv", "--plan", "text"])
        .output();
    let note = "the bare numbers of \"Rating\" are up to 4.5: they are scores if the site rule `bareScoresOutOf`";
    assert!(plan.contains(note), "{plan}");
    workspace.write("none.csv", "Title,Critic,Rating\n");
    let output = workspace.run(&["import", "none.csv"]).output();
    assert!(
        output.contains("it has no rows: nothing is imported from it"),
        "{output}"
    );
}

#[test]
fn names_of_columns_and_values_may_be_german_or_french() {
    let workspace = Workspace::empty();
    workspace.write(
        "liste.csv",
        "Titel;Jahr;Kritiker;Zeitung;Bewertung;Datum;Rezension\n\
         Bernsteinflut;2019;Anna Feld;Kaiblatt;4/5;8. März 2021;Langsam.\n",
    );
    workspace.write(
        "liste_fr.csv",
        "Titre,Année,Nom du critique,Recommended,Date de publication\nMarée,2018,Luc Petit,oui,1er août 2020\n",
    );
    workspace
        .run(&["import", "liste.csv", "liste_fr.csv"])
        .output();
    assert_eq!(
        workspace.rows(
            "film.title, year, critic.name, score, recommended, reviewed_on FROM review
             JOIN film ON film.id = film_id JOIN critic ON critic.id = critic_id ORDER BY 1"
        ),
        [
            "(Bernsteinflut,2019,\"Anna Feld\",80,,2021-03-08)",
            "(Marée,2018,\"Luc Petit\",,t,2020-08-01)"
        ]
    );
}

#[test]
fn a_file_without_a_table_is_called_what_it_is() {
    let workspace = Workspace::empty();
    workspace.write("still.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    workspace.write(
        "noise.csv",
        (0..=255_u8).cycle().take(2_000).collect::<Vec<u8>>(),
    );
    workspace.write(
        "none.zip",
        b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    );
    for (file, reason) in [
        ("still.csv", "still.csv: it is an image"),
        ("noise.csv", "noise.csv: it is no text, but binary data"),
        ("none.zip", "none.zip: the archive has no file in it"),
    ] {
        let refused = workspace.run(&["import", file]);
        assert!(import_error(&refused).contains(reason), "{refused:?}");
    }
}

#[test]
fn another_command_names_the_one_that_reads_the_file() {
    let workspace = Workspace::empty();
    for name in ["rt2023-movies", "rt2023-reviews"] {
        workspace.write(
            &format!("{name}.csv"),
            fixture(&format!("layouts/{name}.csv")),
        );
    }
    workspace.write(
        "array.json",
        "[{\"film\": \"Amber Tide\", \"critic\": \"Ann\"}]",
    );
    workspace.write(
        "nested.jsonl",
        "{\"film\": \"Amber Tide\", \"author\": {\"name\": \"Ann\"}}\n",
    );
    workspace.write("list.xlsx", "no workbook");
    for (line, hint) in [
        (
            &[
                "rt",
                "--films=rt2023-movies.csv",
                "--reviews=rt2023-reviews.csv",
            ][..],
            "`marquee import rt2023-movies.csv rt2023-reviews.csv` reads it",
        ),
        (
            &["jsonl", "array.json"],
            "`marquee import array.json` finds out",
        ),
        (
            &["jsonl", "nested.jsonl"],
            "`marquee import nested.jsonl` finds out",
        ),
        (
            &["csv", "array.json"],
            "`marquee import array.json` finds out",
        ),
        (
            &["xlsx", "list.xlsx"],
            "there is no file xlsx: `marquee import list.xlsx` finds out the form",
        ),
    ] {
        let refused = workspace.run(&[&["import"], line].concat());
        assert!(
            import_error(&refused).contains(hint),
            "{line:?}: {refused:?}"
        );
    }
}
