//! `import FILE…`: the layouts of tables, the plan, and the refusals.

use std::{collections::BTreeSet, fs, process::Command};

use serde_json::Value;

use super::{NO_ROWS, Workspace, assert_lines, fixture, import_error};
use crate::support::{
    program::{CommandResult, marquee, run},
    root,
};

/// Returns the names of the samples, one for each layout and one whose columns have the names of the catalogue.
fn samples() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("tests/it/fixtures/layouts")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .map(|name| name.strip_suffix(".csv").unwrap().to_owned())
        .collect()
}

/// Returns a workspace with these samples.
fn workspace(names: &[&str]) -> Workspace {
    let workspace = Workspace::empty();
    for name in names {
        workspace.write(
            &format!("{name}.csv"),
            fixture(&format!("layouts/{name}.csv")),
        );
    }
    workspace
}

/// Runs `import` without a database in the directory of the samples.
fn import_here(arguments: &[&str]) -> CommandResult {
    run(command_here(arguments))
}

fn command_here(arguments: &[&str]) -> Command {
    let mut command = marquee(&[&["import"], arguments].concat());
    command.current_dir(root().join("tests/it/fixtures/layouts"));
    command
}

#[test]
fn each_layout_has_a_sample_and_its_plan_is_as_recorded() {
    let layouts = marquee::import::layouts::all().unwrap();
    let mut expected: BTreeSet<String> = layouts.iter().map(|layout| layout.name.clone()).collect();
    expected.insert("columns".to_owned());
    assert_eq!(samples(), expected);
    for name in expected {
        let rows = layouts.iter().find(|layout| layout.name == name);
        let is_read =
            rows.is_none_or(|layout| layout.rows != marquee::import::layouts::RowsOf::None);
        let file = format!("{name}.csv");
        let result = import_here(&[&file, "--plan", "text", "--critic", "Nora Merrow"]);
        let text = if is_read {
            result.output()
        } else {
            import_error(&result).to_owned()
        };
        insta::assert_snapshot!(format!("plan_of_{name}"), text);
    }
}

#[test]
fn a_plan_as_json_has_the_columns_and_the_reasons() {
    let result = import_here(&["imdb-ratings.csv", "--plan", "json"]);
    let plan: Value = serde_json::from_str(&result.output()).unwrap();
    let table = &plan["tables"][0];
    assert_eq!(table["layout"], "imdb-ratings");
    assert_eq!(table["rows"], 2);
    assert_eq!(
        table["columns"][1]["meaning"],
        "original_score, bare numbers of 10"
    );
    assert_eq!(table["columns"][1]["example"], "7");
    assert_eq!(
        table["notes"][0],
        "left out: 1 × series and other titles that are no films"
    );
}

#[test]
fn a_dry_run_needs_no_database() {
    let directory = tempfile::tempdir().unwrap();
    let file = root().join("tests/it/fixtures/layouts/metacritic-movies.csv");
    let mut command = marquee(&["import", file.to_str().unwrap(), "--dry-run"]);
    command
        .env("XDG_RUNTIME_DIR", directory.path())
        .current_dir(directory.path());
    let output = run(command).output();
    assert_lines(
        &output,
        &[
            "films: 1 read",
            "published scores: 1 read",
            "reviews: 0 read",
            "dry run: nothing was stored",
        ],
    );
    assert!(output.contains("nothing to compare with: there is no database here"));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn each_refusal_says_what_to_type_next() {
    let workspace = workspace(&["letterboxd-ratings", "imdb-ratings"]);
    workspace.write("films.csv", "Title,Year,Genre\nAmber Tide,2019,Drama\n");
    workspace.write("bare.csv", "Title,Year,Rating\nAmber Tide,2019,7\n");
    workspace.write("blank.csv", "Title,Year,Critic,Rating\nAmber Tide,2019,,\n");
    workspace.write("other.csv", "Naslov,Godina\nAmber Tide,2019\n");
    workspace.write(
        "twice.csv",
        "Title,Film,Critic\nAmber Tide,Amber Tide,Nora Merrow\n",
    );
    for (arguments, remedy) in [
        (&["letterboxd-ratings.csv"][..], "--critic NAME says who"),
        (&["films.csv"], "--as films reads the rows as films"),
        (&["bare.csv"], "--bare-scores-out-of 10 says of how many"),
        (&["blank.csv"], "--as films reads them as films"),
        (&["other.csv"], "--map 'Naslov=film'"),
        (
            &["twice.csv"],
            "leave one of them out, by --ignore 'Title' or --ignore 'Film'",
        ),
        (
            &["films.csv", "--layout", "imdb"],
            "the layouts are letterboxd-reviews",
        ),
        (
            &["films.csv", "--layout", "imdb-ratings"],
            "needs the columns \"Const\"",
        ),
        (
            &["films.csv", "--map", "Titel=film"],
            "the columns are \"Title\"",
        ),
        (
            &["films.csv", "--map", "Title"],
            "such as 'Your Rating=original_score'",
        ),
        (
            &["films.csv", "--map", "Title=name of it"],
            "use a name of docs/catalogue.md",
        ),
        (
            &["csv", "imdb-ratings.csv"],
            "`marquee import imdb-ratings.csv` reads it",
        ),
        (
            &["jsonl", "films.csv"],
            "`marquee import films.csv` finds out the form",
        ),
        (
            &["page", "films.csv", "--title", "Amber Tide"],
            "`marquee import films.csv`",
        ),
    ] {
        let result = workspace.run(&[&["import"], arguments].concat());
        let error = import_error(&result);
        assert!(error.contains(remedy), "{arguments:?}: {error}");
    }
    assert_eq!(workspace.counts(), NO_ROWS);
}

#[test]
fn files_that_belong_together_are_joined_whatever_their_order() {
    let workspace = workspace(&["rt2023-movies", "rt2023-reviews"]);
    let line = ["import", "rt2023-reviews.csv", "rt2023-movies.csv"];
    workspace.run(&line).output();
    assert_eq!(
        workspace.counts(),
        "films 2, critics 2, publications 2, reviews 3, scores 2, ids 2, revisions 0"
    );
    assert_eq!(
        workspace.rows(
            "film.title, film.year, score, recommended, reviewed_on FROM review JOIN film ON film.id = film_id
             ORDER BY review.external_id"
        ),
        [
            "(\"Glass Meadow\",2004,75,t,2004-03-20)",
            "(\"Glass Meadow\",2004,,f,)",
            "(\"Glass Meadow\",2018,75,t,2018-09-08)",
        ]
    );
    let again = workspace.run(&line).output();
    assert!(again.ends_with("nothing changed\n"), "{again}");
    workspace.assert_tallies();
}

/// `import rt` reads the same lists, and finds what `import FILE…` has stored.
#[test]
fn the_lists_of_import_rt_are_known_without_it() {
    let workspace = workspace(&["rt-movies", "rt-reviews"]);
    let output = workspace
        .run(&["import", "rt-reviews.csv", "rt-movies.csv"])
        .output();
    assert_eq!(
        workspace.counts(),
        "films 2, critics 2, publications 2, reviews 3, scores 2, ids 4, revisions 0",
        "{output}"
    );
    let line = [
        "import",
        "rt",
        "--films=rt-movies.csv",
        "--reviews=rt-reviews.csv",
    ];
    let again = workspace.run(&line).output();
    // It adds the addresses of critics and publications.
    assert_lines(
        &again,
        &[
            "films: 0 new, 0 changed, 2 the same",
            "reviews: 0 new, 0 changed, 3 the same",
        ],
    );
    workspace.assert_tallies();
}

#[test]
fn the_same_viewing_in_several_files_is_one_review() {
    let names = [
        "letterboxd-ratings",
        "letterboxd-diary",
        "letterboxd-reviews",
    ];
    let workspace = workspace(&names);
    let files = names.map(|name| format!("{name}.csv"));
    let [ratings, diary, reviews] = files.each_ref().map(String::as_str);
    let line = ["import", ratings, diary, reviews, "--critic", "Nora Merrow"];
    let output = workspace.run(&line).output();
    assert_lines(
        &output,
        &[
            "reviews: 5 new, 0 changed, 0 the same",
            "left out: 2 × reviews that another file of this import has",
        ],
    );
    assert_eq!(
        workspace.rows(
            "film.title, film.year, score, reviewed_on FROM review JOIN film ON film.id = film_id ORDER BY reviewed_on, year"
        ),
        [
            "(\"Amber Tide\",2019,70,2022-05-01)",
            "(\"Glass Meadow\",2004,20,2022-05-02)",
            "(\"Glass Meadow\",2018,100,2022-05-03)",
            "(\"Nine Lamps\",2011,,2022-05-09)",
            "(\"Amber Tide\",2019,80,2023-02-11)",
        ]
    );
    // Each file alone has the same reviews.
    for file in [ratings, diary, reviews] {
        let again = workspace
            .run(&["import", file, "--critic", "Nora Merrow"])
            .output();
        assert_lines(&again, &["critics: 0 new, 0 changed, 1 the same"]);
        assert!(again.contains("reviews: 0 new, "), "{again}");
    }
}

#[test]
fn options_overrule_the_layout_and_are_kept_in_a_file() {
    let workspace = workspace(&["imdb-ratings"]);
    let first = [
        "import",
        "imdb-ratings.csv",
        "--critic",
        "Nora Merrow",
        "--ignore",
        "URL",
        "--bare-scores-out-of",
        "20",
        "--map",
        "Title Type=synopsis",
        "--save-mapping",
        "mine.toml",
    ];
    workspace.run(&first).output();
    assert_eq!(
        workspace.read("mine.toml"),
        "critic = \"Nora Merrow\"\nbare-scores-out-of = 20\nignore = [\"URL\"]\n\n[map]\n\"Title Type\" = \"synopsis\"\n"
    );
    assert_eq!(
        workspace.rows(
            "film.title, film.url, film.synopsis, score FROM review JOIN film ON film.id = film_id ORDER BY film.title"
        ),
        ["(\"Amber Tide\",,movie,35)", "(\"Glass Meadow\",,movie,20)"]
    );
    let again = workspace.run(&["import", "imdb-ratings.csv", "--mapping", "mine.toml"]);
    assert!(again.output().ends_with("nothing changed\n"));
    // The file says the same already.
    workspace.run(&first).output();
    workspace.write("wrong.toml", "maps = 1");
    let refused = workspace.run(&["import", "imdb-ratings.csv", "--mapping", "wrong.toml"]);
    assert!(
        import_error(&refused).contains("unknown field `maps`"),
        "{refused:?}"
    );
}

#[test]
fn a_list_of_films_is_read_as_films_only() {
    let workspace = Workspace::empty();
    workspace.write(
        "films.csv",
        "Title,Genre,Rating\nAmber Tide (2019),\"Drama, Mystery\",7\n",
    );
    workspace
        .run(&["import", "films.csv", "--as", "films"])
        .output();
    assert_eq!(
        workspace.rows("title, year, genres FROM film"),
        ["(\"Amber Tide\",2019,\"{Drama,Mystery}\")"]
    );
    assert!(workspace.counts().contains("reviews 0, "));
}

#[test]
fn an_exported_catalogue_is_read_as_it_is() {
    let workspace = Workspace::demo();
    workspace
        .run(&["export", "csv", "--output", "all.csv"])
        .output();
    let output = workspace.run(&["import", "all.csv"]).output();
    assert!(output.ends_with("nothing changed\n"), "{output}");
}
