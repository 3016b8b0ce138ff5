//! `import FILE…`: cells that have no value, or the wrong one.

use rust_xlsxwriter::{Formula, Workbook};

use super::{NO_ROWS, Workspace, assert_lines, fixture, import_error};

/// Returns a workbook with reviews, of which one has the error of a formula and one a formula without a value.
fn workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let names = ["Title", "Year", "Critic", "Rating", "Remarks"];
    sheet.write_row(0, 0, names).unwrap();
    for (row, title) in [(1, "Amber Tide"), (2, "Glass Meadow"), (3, "Nine Lamps")] {
        sheet.write(row, 0, title).unwrap();
        sheet.write(row, 1, 2019).unwrap();
        sheet.write(row, 2, "Nora Merrow").unwrap();
        sheet
            .write(row, 4, Formula::new("1/0").set_result("#DIV/0!"))
            .unwrap();
    }
    sheet.write(1, 3, "4/5").unwrap();
    sheet
        .write(2, 3, Formula::new("VLOOKUP(A3,F:G,2)").set_result("#N/A"))
        .unwrap();
    sheet
        .write(3, 3, Formula::new("A1&A2").set_result(""))
        .unwrap();
    without_values(&workbook.save_to_buffer().unwrap())
}

/// Removes the value of a formula, as programs write them that calculate nothing.
fn without_values(workbook: &[u8]) -> Vec<u8> {
    super::layout_parts::changed_part(workbook, "xl/worksheets/sheet1.xml", |xml| {
        let changed = xml.replace("A1&amp;A2</f><v>0</v>", "A1&amp;A2</f>");
        assert_ne!(changed, xml);
        changed
    })
}

#[test]
fn the_errors_of_formulas_are_errors_of_their_rows() {
    let workspace = Workspace::empty();
    workspace.write("list.xlsx", workbook());
    let line = ["import", "list.xlsx"];
    let refused = workspace.run(&line);
    let error = import_error(&refused);
    assert!(error.contains("2 invalid rows"), "{error}");
    assert!(
        error.contains("line 3: Rating: the cell D3 has the error #N/A"),
        "{error}"
    );
    assert!(
        error.contains("line 4: Rating: the cell D4 has the formula =A1&A2 without a value"),
        "{error}"
    );
    assert_eq!(workspace.counts(), NO_ROWS);
    workspace
        .run(&[&line[..], &["--skip-bad-rows"]].concat())
        .output();
    assert_eq!(
        workspace.rows("title FROM film"),
        ["(\"Amber Tide\")"],
        "{error}"
    );
}

#[test]
fn words_for_no_value_are_no_grade_no_day_and_no_text() {
    let workspace = Workspace::empty();
    workspace.write(
        "list.csv",
        "Title,Year,Critic,Rating,Date,Review\n\
         Amber Tide,2019,Nora Merrow,n/a,#N/A,NULL\n\
         Glass Meadow,n/a,Nora Merrow,-,-,None\n\
         None,2011,#N/A,4/5,null,\n",
    );
    workspace.run(&["import", "list.csv"]).output();
    assert_eq!(
        workspace.rows(
            "film.title, film.year, critic_id IS NULL, original_score, reviewed_on, excerpt
             FROM review JOIN film ON film.id = film_id ORDER BY film.title"
        ),
        [
            "(\"Amber Tide\",2019,f,,,)",
            "(\"Glass Meadow\",,f,,,)",
            "(None,2011,t,4/5,,)"
        ]
    );
    // They judge nothing either.
    workspace.write("none.csv", "Title,Rating,Date\nAmber Tide,n/a,-\n");
    let refused = workspace.run(&["import", "none.csv"]);
    assert!(
        import_error(&refused).contains("none of its 1 rows has"),
        "{refused:?}"
    );
    workspace.write("broken.csv", "Title,Critic,Rating\nAmber Tide,Ann,#REF!\n");
    let refused = workspace.run(&["import", "broken.csv"]);
    assert!(
        import_error(&refused).contains("Rating: is #REF!, the error of a formula"),
        "{refused:?}"
    );
}

#[test]
fn the_ratings_of_two_members_without_a_name_stand_beside_each_other() {
    let workspace = Workspace::empty();
    let ratings = fixture("layouts/imdb-ratings.csv");
    workspace.write("one.csv", &ratings);
    let other = ratings
        .replace("tt8000001,7,2020-06-01", "tt8000001,3,2021-01-01")
        .replace("tt8000002,4,", "tt8000002,9,");
    workspace.write("other.csv", other);
    let output = workspace.run(&["import", "one.csv"]).output();
    assert!(
        output.contains("the reviews have no critic: --critic NAME says whose they are"),
        "{output}"
    );
    let output = workspace.run(&["import", "other.csv"]).output();
    assert_lines(&output, &["reviews: 2 new, 0 changed, 0 the same"]);
    for files in [&["one.csv"][..], &["other.csv"], &["one.csv", "other.csv"]] {
        let again = workspace.run(&[&["import"], files].concat()).output();
        assert!(again.ends_with("nothing changed\n"), "{again}");
    }
    assert_eq!(
        workspace
            .rows("film.title, score FROM review JOIN film ON film.id = film_id ORDER BY 1, 2"),
        [
            "(\"Amber Tide\",30)",
            "(\"Amber Tide\",70)",
            "(\"Glass Meadow\",40)",
            "(\"Glass Meadow\",90)"
        ]
    );
}

#[test]
fn a_viewing_without_stars_or_a_text_is_no_review() {
    let workspace = Workspace::empty();
    let diary = fixture("layouts/letterboxd-diary.csv");
    workspace.write("diary.csv", diary.replace("d2,4,Yes", "d2,,Yes"));
    let line = ["import", "diary.csv", "--critic", "Nora Merrow"];
    let output = workspace.run(&line).output();
    assert_lines(
        &output,
        &[
            "reviews: 1 new, 0 changed, 0 the same",
            "left out: 1 × viewings without stars or a text",
        ],
    );
    let ignored = [&line[..], &["--ignore", "Rating"]].concat();
    let output = workspace.run(&ignored).output();
    assert_lines(&output, &["left out: 2 × viewings without stars or a text"]);
}

#[test]
fn a_year_in_a_column_of_days_is_a_year() {
    let workspace = Workspace::empty();
    let ratings = fixture("layouts/imdb-ratings.csv");
    workspace.write("year.csv", ratings.replace("2019-10-04", "2001"));
    workspace
        .run(&["import", "year.csv", "--critic", "Ann"])
        .output();
    workspace.write(
        "noyear.csv",
        "Title,Released,Critic,Rating\nNine Lamps,2011,Ann,4/5\nQuay,2012-05,Ann,4/5\n",
    );
    workspace.run(&["import", "noyear.csv"]).output();
    assert_eq!(
        workspace.rows("title, year, release_date FROM film ORDER BY title"),
        [
            "(\"Amber Tide\",2019,)",
            "(\"Glass Meadow\",2004,2004-03-19)",
            "(\"Nine Lamps\",2011,)",
            "(Quay,2012,)"
        ]
    );
}
