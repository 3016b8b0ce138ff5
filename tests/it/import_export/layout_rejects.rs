//! `import FILE…`: rows that are skipped are written in the form of their file, to be corrected and imported again.

use super::{Workspace, assert_lines};

const SKIP: [&str; 1] = ["--skip-bad-rows"];

#[test]
fn skipped_rows_of_csv_are_corrected_and_imported_again() {
    let workspace = Workspace::empty();
    // One row has errors of its own, one has another number of cells, and the database rejects one.
    let list =
        b"sep=;\nFilm;Jahr;Kritiker;Note;Platz\nQuay;2011;Ann;4/5;1\nCaf\xe9;someday;Ann;5/5;2\n\
        Amber;Tide;2019;Ann;3/5;3\nQuay;2011;Ann;2/5;4\n";
    workspace.write("liste.csv", list);
    let options = ["--encoding=latin1", "--map=Platz=synopsis"];
    let line = [&["import", "liste.csv"], &options[..], &SKIP[..]].concat();
    let result = workspace.run(&line);
    assert!(
        result.stderr.contains(
            "skipped rows: 3; rejected.csv has them with the reasons: correct them there, and import them with the same options"
        ),
        "{result:?}"
    );
    assert_lines(&result.output(), &["reviews: 1 new, 0 changed, 0 the same"]);
    let rejected = workspace.read("rejected.csv");
    let lines: Vec<&str> = rejected.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "Film;Jahr;Kritiker;Note;Platz;marquee error");
    assert!(
        lines[1].starts_with("Café;someday;Ann;5/5;2;"),
        "{rejected}"
    );
    assert!(
        lines[2].starts_with("Amber;Tide;2019;Ann;3/5;3;"),
        "{rejected}"
    );
    assert!(lines[3].starts_with("Quay;2011;Ann;2/5;4;"), "{rejected}");
    assert_eq!(lines.len(), 4, "{rejected}");
    let mended = rejected
        .replace("someday", "2018")
        .replace("Amber;Tide", "Amber Tide")
        .replace("Quay;2011;Ann", "Quay;2011;Bo");
    workspace.write("mended.csv", mended);
    let line = [&["import", "mended.csv"], &options[..]].concat();
    let output = workspace.run(&line).output();
    assert_lines(&output, &["reviews: 3 new, 0 changed, 0 the same"]);
    assert_eq!(
        workspace
            .rows("title, year, score FROM review JOIN film ON film.id = film_id ORDER BY 1, 3"),
        [
            "(\"Amber Tide\",2019,60)",
            "(Café,2018,100)",
            "(Quay,2011,40)",
            "(Quay,2011,80)"
        ]
    );
}

#[test]
fn skipped_rows_of_json_are_lines_of_json() {
    let workspace = Workspace::empty();
    let list = r#"[{"film": "Quay", "author": {"name": "Ann"}, "grade": "4/5", "genres": ["Drama", "Crime"], "year": "someday"},
        {"film": "Reef", "author": {"name": "Ann"}, "grade": "3/5", "year": 2011}]"#;
    workspace.write("list.json", list);
    let preview = [&["import", "list.json", "--dry-run"], &SKIP[..]].concat();
    workspace.run(&preview).output();
    let line = [&["import", "list.json"], &SKIP[..]].concat();
    workspace.run(&line).output();
    assert_eq!(
        workspace.files(),
        ["list.json", "rejected.dry-run.jsonl", "rejected.jsonl"]
    );
    let rejected = workspace.read("rejected.jsonl");
    assert_eq!(rejected, workspace.read("rejected.dry-run.jsonl"));
    assert!(
        rejected.starts_with(
            r#"{"film":"Quay","author.name":"Ann","grade":"4/5","genres":["Drama","Crime"],"year":"someday","marquee error":"year: "#
        ),
        "{rejected}"
    );
    workspace.write("mended.jsonl", rejected.replace("\"someday\"", "2010"));
    workspace.run(&["import", "mended.jsonl"]).output();
    assert_eq!(
        workspace.rows("title, year, genres, critic.name FROM review JOIN film ON film.id = film_id JOIN critic ON critic.id = critic_id ORDER BY 1"),
        ["(Quay,2010,\"{Drama,Crime}\",Ann)", "(Reef,2011,{},Ann)"]
    );
}

#[test]
fn each_table_has_a_file_of_its_own_and_errors_do_not_pile_up() {
    let workspace = Workspace::empty();
    workspace.write("films.csv", "Title,Year\nQuay,2011\nReef,someday\n");
    workspace.write(
        "reviews.csv",
        "remark\n\nTitle,Critic,Date\nQuay,Ann,someday\nQuay,Bo,2019-01-02\n",
    );
    let options = ["--as=films.csv=films", "--header-row=3"];
    let line = ["import", "reviews.csv", "--header-row=3", "--skip-bad-rows"];
    workspace.run(&line).output();
    let rejected = workspace.read("rejected.csv");
    assert!(
        rejected.starts_with("\n\nTitle,Critic,Date,marquee error\nQuay,Ann,someday,"),
        "{rejected}"
    );
    // Rows that are still wrong have one column of errors.
    workspace.write("again.csv", &rejected);
    let line = [
        "import",
        "again.csv",
        "--header-row=3",
        "--skip-bad-rows",
        "--rejects=more.csv",
    ];
    workspace.run(&line).output();
    assert_eq!(workspace.read("more.csv"), rejected);
    workspace.write("reviews.csv", "Title,Critic,Date\nQuay,Ann,someday\n");
    let line = [
        "import",
        "films.csv",
        "reviews.csv",
        options[0],
        SKIP[0],
        "--rejects=why.csv",
    ];
    let result = workspace.run(&line);
    assert!(
        result
            .stderr
            .contains("why.1-films.csv, why.2-reviews.csv have them"),
        "{result:?}"
    );
    assert!(
        workspace
            .read("why.2-reviews.csv")
            .starts_with("Title,Critic,Date,marquee error\nQuay,Ann,someday,")
    );
    let refused = workspace.run(&line);
    assert!(
        refused.error().contains("why.1-films.csv already exists"),
        "{refused:?}"
    );
}

#[test]
fn a_named_critic_is_that_of_the_rows_without_one() {
    let workspace = Workspace::empty();
    workspace.write("list.csv", "Title,Critic,Rating\nQuay,Bo,4/5\nReef,,3/5\n");
    let output = workspace
        .run(&["import", "list.csv", "--critic", "Ann"])
        .output();
    assert!(
        output.contains("the critic of the rows that name none is \"Ann\""),
        "{output}"
    );
    assert_eq!(
        workspace.rows("title, critic.name FROM review JOIN film ON film.id = film_id JOIN critic ON critic.id = critic_id ORDER BY 1"),
        ["(Quay,Bo)", "(Reef,Ann)"]
    );
}

#[test]
fn names_of_columns_are_the_same_however_their_accents_are_encoded() {
    let workspace = Workspace::empty();
    let list = "Réalité,Année,Critic,Écran\nQuay,2011,Ann,B\n";
    let decomposed = list.replace('é', "e\u{301}").replace('É', "E\u{301}");
    workspace.write("list.csv", &decomposed);
    workspace.write(
        "mine.toml",
        "ignore = [\"écran\"]\n\n[map]\n\"Réalité\" = \"film\"\n",
    );
    let output = workspace
        .run(&["import", "list.csv", "--mapping", "mine.toml"])
        .output();
    assert!(output.contains("--ignore leaves it out"), "{output}");
    workspace.write("list.csv", list);
    let output = workspace
        .run(&[
            "import",
            "list.csv",
            "--map=Re\u{301}alite\u{301}=film",
            "--ignore=E\u{301}cran",
        ])
        .output();
    assert!(output.ends_with("nothing changed\n"), "{output}");
    assert_eq!(workspace.rows("title, year FROM film"), ["(Quay,2011)"]);
}
