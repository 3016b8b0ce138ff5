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

#[test]
fn a_later_row_about_a_film_gives_it_a_further_id() {
    let workspace = Workspace::empty();
    let table = "Title,Year,imdb,tmdb,Critic,Rating\n\
        Amber Tide,2019,tt0000001,,Nora Merrow,4/5\n\
        Amber Tide,2019,tt0000001,77,Karl Stroem,3/5\n";
    workspace.write("list.csv", table);
    let line = [
        "import",
        "list.csv",
        "--map=imdb=film_id:imdb",
        "--map=tmdb=film_id:tmdb",
    ];
    workspace.run(&line).output();
    let ids = "SELECT string_agg(source || ':' || external_id, ' ' ORDER BY source) AS value FROM film_external_id";
    assert_eq!(workspace.value(ids), "imdb:tt0000001 tmdb:77");
}

#[test]
fn objects_on_one_line_are_rows_of_their_own() {
    let workspace = Workspace::empty();
    let array = r#"[{"film":"Amber Tide","year":2003,"critic":"Nora Merrow","rating":"1/5","text":"Of the tide"},{"film":"Glass Meadow","year":2004,"critic":"Karl Stroem","rating":"2/5","text":"Of the meadow"}]"#;
    workspace.write("list.json", array);
    let output = workspace.run(&["import", "list.json"]).output();
    assert_lines(&output, &["reviews: 2 new, 0 changed, 0 the same"]);
    let reviews = "SELECT string_agg(title || ': ' || excerpt, ', ' ORDER BY title) AS value
        FROM review JOIN film ON film.id = film_id";
    assert_eq!(
        workspace.value(reviews),
        "Amber Tide: Of the tide, Glass Meadow: Of the meadow"
    );
}

#[test]
fn what_stands_beside_a_review_removes_nothing_and_renames_no_film() {
    let workspace = Workspace::empty();
    let films = "imdb,title,year,director,runtime\ntt0000001,Amber Tide,2002,Jo Field,90\n";
    workspace.write("films.csv", films);
    let id = "--map=imdb=film_id:imdb";
    workspace
        .run(&["import", "films.csv", "--as=films", id])
        .output();
    let reviews = "imdb,tmdb,title,year,director,runtime,critic,rating\n\
        tt0000001,77,Amber Tide (Restored),2003,,,Nora Merrow,4/5\n";
    workspace.write("reviews.csv", reviews);
    workspace
        .run(&["import", "reviews.csv", id, "--map=tmdb=film_id:tmdb"])
        .output();
    let film = "SELECT concat_ws('|', title, year, directors, runtime_minutes) AS value FROM film";
    assert_eq!(workspace.value(film), "Amber Tide|2002|{\"Jo Field\"}|90");
}

#[test]
fn a_file_that_lacks_a_column_removes_no_value_of_another_file() {
    let workspace = Workspace::empty();
    workspace.write(
        "short.csv",
        "film,critic,rating\nAmber Tide,Nora Merrow,4/5\n",
    );
    workspace.write(
        "long.csv",
        "film,critic,rating,text\nAmber Tide,Nora Merrow,4/5,A slow tide\n",
    );
    workspace.write(
        "other.csv",
        "film,critic,rating,text\nGlass Meadow,Karl Stroem,3/5,A cold meadow\n",
    );
    workspace.run(&["import", "long.csv"]).output();
    workspace
        .run(&["import", "short.csv", "other.csv"])
        .output();
    let texts = "SELECT string_agg(excerpt, ', ' ORDER BY excerpt) AS value FROM review";
    assert_eq!(workspace.value(texts), "A cold meadow, A slow tide");
}

#[test]
fn the_year_in_brackets_may_stand_in_its_column_as_well() {
    let workspace = Workspace::empty();
    let table = "Title,Year,Critic,Rating\nAmber Tide (2019),2019,Nora Merrow,4/5\nAmber Tide,2019,Karl Stroem,3/5\n";
    workspace.write("list.csv", table);
    let output = workspace.run(&["import", "list.csv"]).output();
    assert_lines(&output, &["films: 1 new, 0 changed, 0 the same"]);
}
