//! `import FILE…`: options, files of options, and dry runs.

use super::{NO_ROWS, Workspace, assert_lines, fixture, import_error};

const BAD_ROW: &str = "Title,Critic,Date\nAmber Tide,Ann,someday\nNine Lamps,Ann,2019-10-05\n";

#[test]
fn a_dry_run_leaves_no_file_in_the_way() {
    let workspace = Workspace::empty();
    workspace.write("list.csv", BAD_ROW);
    let line = [
        "import",
        "list.csv",
        "--skip-bad-rows",
        "--save-mapping",
        "mine.toml",
        "--critic",
        "Ann",
    ];
    for _ in 0..2 {
        let preview = [&line[..], &["--dry-run"]].concat();
        workspace.run(&preview).output();
        assert_eq!(
            workspace.files(),
            ["list.csv", "mine.toml", "rejected.dry-run.csv"]
        );
    }
    let result = workspace.run(&line);
    assert!(
        result
            .stderr
            .contains("mine.toml has the options of this import, for --mapping"),
        "{result:?}"
    );
    result.output();
    assert_eq!(
        workspace.files(),
        [
            "list.csv",
            "mine.toml",
            "rejected.csv",
            "rejected.dry-run.csv"
        ]
    );
    assert_eq!(
        workspace.read("rejected.csv"),
        workspace.read("rejected.dry-run.csv")
    );
}

#[test]
fn a_mapping_keeps_all_that_decides_the_reading() {
    let workspace = Workspace::empty();
    // In windows-1252, with semicolons, without names, with stars of 4.
    workspace.write("list.txt", b"Caf\xe9;2019;Ann;\xd7 ***;3/4/2021\n");
    workspace.write("list.txt", b"Caf\xe9;2019;Ann;3 stars;3/4/2021\n");
    let line = [
        "import",
        "list.txt",
        "--encoding",
        "latin1",
        "--delimiter",
        ";",
        "--no-header",
        "--stars-out-of",
        "4",
        "--dates",
        "dmy",
        "--map",
        "column_1=film",
        "--map",
        "column_2=film_year",
        "--map",
        "column_3=critic",
        "--map",
        "column_4=original_score",
        "--map",
        "column_5=reviewed_on",
        "--save-mapping",
        "mine.toml",
    ];
    workspace.run(&line).output();
    assert_eq!(
        workspace.read("mine.toml"),
        "dates = \"dmy\"\nencoding = \"windows-1252\"\ndelimiter = \";\"\nstars-out-of = 4\nno-header = true\n\n[map]\n\
         \"column_1\" = \"film\"\n\"column_2\" = \"film_year\"\n\"column_3\" = \"critic\"\n\"column_4\" = \"original_score\"\n\
         \"column_5\" = \"reviewed_on\"\n"
    );
    let again = workspace.run(&["import", "list.txt", "--mapping", "mine.toml"]);
    assert!(again.output().ends_with("nothing changed\n"));
    assert_eq!(
        workspace.rows("title, score, reviewed_on FROM review JOIN film ON film.id = film_id"),
        ["(Café,75,2021-04-03)"]
    );
    // The same command again finds its own file.
    workspace.run(&line).output();
    let refused = workspace.run(&[&line[..], &["--critic", "Ben"]].concat());
    assert!(
        import_error(&refused).contains("mine.toml: the file exists and says something else"),
        "{refused:?}"
    );
}

#[test]
fn a_kept_mapping_may_name_columns_that_a_file_lacks() {
    let workspace = Workspace::empty();
    workspace.write("list.csv", "Title,Critic,Rating\nAmber Tide,Ann,4/5\n");
    workspace.write(
        "mine.toml",
        "ignore = [\"Seat\"]\n\n[map]\n\"Stars given\" = \"original_score\"\n",
    );
    let output = workspace
        .run(&["import", "list.csv", "--mapping", "mine.toml"])
        .output();
    for column in ["Seat", "Stars given"] {
        let note = format!("--mapping names the column {column:?}, which no table has\n");
        assert!(output.contains(&note), "{output}");
    }
    let refused = workspace.run(&["import", "list.csv", "--ignore=Seat", "--ignore=Row"]);
    assert!(
        import_error(&refused)
            .contains("no table has the columns \"Row\", \"Seat\", which --map or --ignore names"),
        "{refused:?}"
    );
    workspace.write("long.toml", vec![b'#'; (1 << 20) + 1]);
    let refused = workspace.run(&["import", "list.csv", "--mapping", "long.toml"]);
    assert!(
        import_error(&refused).contains("long.toml: it is longer than 1 MiB"),
        "{refused:?}"
    );
}

#[test]
fn each_file_may_have_rows_of_its_own_kind() {
    let workspace = Workspace::empty();
    workspace.write("movies.csv", "Title,Year,Genre\nAmber Tide,2019,Drama\n");
    workspace.write("all.csv", "kind,film,film_year\nfilm,Nine Lamps,2011\n");
    workspace.write("reviews.csv", fixture("layouts/columns.csv"));
    let files = ["import", "reviews.csv", "movies.csv", "all.csv"];
    let refused = workspace.run(&files);
    assert!(
        import_error(&refused).contains("movies.csv: no column says what only a review says"),
        "{refused:?}"
    );
    let refused = workspace.run(&[&files[..], &["--as", "films.csv=films"]].concat());
    assert!(
        import_error(&refused).contains("--as: no file is \"films.csv\"; the files are"),
        "{refused:?}"
    );
    assert_eq!(workspace.counts(), NO_ROWS);
    let output = workspace
        .run(
            &[
                &files[..],
                &["--as", "movies.csv=films", "--save-mapping=m.toml"],
            ]
            .concat(),
        )
        .output();
    assert_lines(
        &output,
        &[
            "films: 2 new, 0 changed, 0 the same",
            "reviews: 1 new, 0 changed, 0 the same",
        ],
    );
    assert_eq!(
        workspace.read("m.toml"),
        "\n[files]\n\"movies.csv\" = \"films\"\n"
    );
    let output = workspace
        .run(&["import", "reviews.csv", "--mapping", "m.toml"])
        .output();
    let note = "--mapping names the file \"movies.csv\", which is not read\n";
    assert!(output.contains(note), "{output}");
}

#[test]
fn the_names_of_columns_are_found_below_a_title() {
    let workspace = Workspace::empty();
    let table = "Title,Year,Critic,Rating\nAmber Tide,2019,Ann,4/5\n";
    workspace.write(
        "list.csv",
        format!("Reviews of the spring; all of them\n\n{table}"),
    );
    let output = workspace.run(&["import", "list.csv"]).output();
    assert!(
        output.contains("the names of the columns are in line 3, and what is above is not read"),
        "{output}"
    );
    assert_eq!(
        workspace.rows("title, year, score FROM review JOIN film ON film.id = film_id"),
        ["(\"Amber Tide\",2019,80)"]
    );
    workspace.write("twice.csv", format!("film,critic,year,remark\n{table}"));
    let output = workspace
        .run(&["import", "twice.csv", "--header-row", "2"])
        .output();
    assert!(output.ends_with("nothing changed\n"), "{output}");
    let refused = workspace.run(&["import", "twice.csv", "--header-row", "9"]);
    assert!(
        import_error(&refused).contains("no row begins in line 9"),
        "{refused:?}"
    );
}
