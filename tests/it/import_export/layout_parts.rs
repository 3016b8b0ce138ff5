//! `import FILE…` of archives and of files that have more, or less, than one person's reviews.

use std::io::{Cursor, Read as _, Write as _};

use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{Workspace, assert_lines, fixture, import_error};

/// Returns an archive of these members.
fn archive(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Returns an archive with one of its members changed.
pub fn changed_part(archive: &[u8], part: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let mut reader = ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..reader.len() {
        let mut member = reader.by_index(index).unwrap();
        let name = member.name().unwrap().into_owned();
        let mut text = String::new();
        member.read_to_string(&mut text).unwrap();
        if name == part {
            text = change(&text);
        }
        writer
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn reviews_of(name: &str) -> String {
    format!(
        "critic.name, film.title FROM review JOIN film ON film.id = film_id LEFT JOIN critic ON critic.id = critic_id {name}"
    )
}

#[test]
fn what_a_member_has_deleted_is_not_read() {
    let workspace = Workspace::empty();
    let diary = fixture("layouts/letterboxd-diary.csv");
    let deleted = diary.replace("Amber Tide", "Taken Back");
    let profile = fixture("layouts/letterboxd-profile.csv");
    let members = [
        ("profile.csv", profile.as_str()),
        ("diary.csv", &diary),
        ("deleted/diary.csv", &deleted),
    ];
    workspace.write("export.zip", archive(&members));
    let output = workspace.run(&["import", "export.zip"]).output();
    assert!(
        output
            .contains("export.zip/deleted/diary.csv: not read: the member has deleted what it has"),
        "{output}"
    );
    assert_eq!(
        workspace.rows("title FROM film"),
        ["(\"Amber Tide\")"],
        "{output}"
    );
}

#[test]
fn a_table_without_films_beside_others_is_not_read() {
    let workspace = Workspace::empty();
    let members = [
        ("notes.csv", "call,when\nthe printer,soon\n"),
        (
            "list.csv",
            "Title,Critic,Rating\nAmber Tide,Nora Merrow,4/5\n",
        ),
    ];
    workspace.write("list.zip", archive(&members));
    let output = workspace.run(&["import", "list.zip"]).output();
    assert!(
        output.contains("list.zip/notes.csv: not read: no column is known as the title of a film"),
        "{output}"
    );
    assert_lines(&output, &["reviews: 1 new, 0 changed, 0 the same"]);
}

#[test]
fn each_export_has_the_member_of_its_own_profile() {
    let workspace = Workspace::empty();
    let diary = fixture("layouts/letterboxd-diary.csv");
    let profile = fixture("layouts/letterboxd-profile.csv");
    let other = profile.replace("Nora,Merrow", "Karl,Stroem");
    let [first, second] = [&profile, &other]
        .map(|profile| archive(&[("profile.csv", profile.as_str()), ("diary.csv", &diary)]));
    workspace.write("nora.zip", first);
    workspace.write("karl.zip", second);
    workspace.write(
        "newspaper.csv",
        fixture("layouts/newspaper.csv").replace("By Nora Merrow", "Staff"),
    );
    workspace
        .run(&["import", "nora.zip", "karl.zip", "newspaper.csv"])
        .output();
    let critics = workspace.rows(&reviews_of("WHERE film.title = 'Amber Tide' ORDER BY 1, 2"));
    assert_eq!(
        critics,
        [
            "(\"Karl Stroem\",\"Amber Tide\")",
            "(\"Karl Stroem\",\"Amber Tide\")",
            "(\"Nora Merrow\",\"Amber Tide\")",
            "(\"Nora Merrow\",\"Amber Tide\")",
            "(,\"Amber Tide\")",
        ]
    );
    // The same member in another case has the same reviews.
    workspace.write("diary.csv", diary);
    let again = workspace
        .run(&["import", "diary.csv", "--critic", "NORA MERROW"])
        .output();
    assert_lines(&again, &["reviews: 0 new, 0 changed, 2 the same"]);
}

#[test]
fn rows_without_an_address_are_told_apart_by_what_they_say() {
    let workspace = Workspace::empty();
    let paper = |film: &str| {
        format!(
            "web_url,snippet,source,pub_date,headline.main,byline.original,title\n\
             ,One of {film}.,Quay Weekly,2019-10-05,A,By Nora Merrow,{film} One\n\
             ,Two of {film}.,Quay Weekly,2019-10-06,B,By Nora Merrow,{film} Two\n"
        )
    };
    for film in ["Amber", "Glass"] {
        workspace.write("paper.csv", paper(film));
        let output = workspace.run(&["import", "paper.csv"]).output();
        assert_lines(&output, &["reviews: 2 new, 0 changed, 0 the same"]);
    }
}

#[test]
fn a_list_that_lacks_a_column_removes_no_values_of_another_list() {
    let workspace = Workspace::empty();
    let films = "Title,Year,Director,Genre\nAmber Tide,2019,Lena Holm,Drama\n";
    workspace.write("films.csv", films);
    workspace.write("more.csv", "Title,Year,Genre\nGlass Meadow,2018,Comedy\n");
    workspace
        .run(&["import", "films.csv", "--as", "films"])
        .output();
    workspace.write(
        "films.csv",
        films.replace("Amber Tide,2019", "Nine Lamps,2011"),
    );
    workspace.write("more.csv", "Title,Year,Genre\nAmber Tide,2019,Mystery\n");
    workspace
        .run(&["import", "films.csv", "more.csv", "--as", "films"])
        .output();
    assert_eq!(
        workspace.rows("directors, genres FROM film WHERE title = 'Amber Tide'"),
        ["(\"{\"\"Lena Holm\"\"}\",{Mystery})"]
    );
}

#[test]
fn a_film_is_described_by_the_first_row_that_is_stored() {
    let workspace = Workspace::empty();
    workspace.write(
        "list.csv",
        "Title,Year,Genre,Critic,Rating,Date\n\
         Amber Tide,2019,Drama,Nora Merrow,4/5,someday\n\
         Amber Tide,2019,Drama,Karl Stroem,3/5,2019-10-05\n",
    );
    let refused = workspace.run(&["import", "list.csv"]);
    assert!(import_error(&refused).contains("someday"), "{refused:?}");
    workspace
        .run(&["import", "list.csv", "--skip-bad-rows"])
        .output();
    assert_eq!(workspace.rows("genres FROM film"), ["({Drama})"]);
}

#[test]
fn a_sheet_of_films_beside_one_of_reviews_needs_no_option() {
    let workspace = Workspace::empty();
    let members = [
        (
            "films.csv",
            "Title,Year,Genre\nAmber Tide,2019,Drama\nGlass Meadow,2004,Comedy\n",
        ),
        (
            "reviews.csv",
            "Title,Year,Critic,Rating\nAmber Tide,2019,Nora Merrow,4/5\n",
        ),
    ];
    workspace.write("club.zip", archive(&members));
    let output = workspace.run(&["import", "club.zip"]).output();
    assert_lines(
        &output,
        &[
            "  rows as films: 2",
            "  rows as reviews: 1",
            "films: 2 new, 0 changed, 0 the same",
        ],
    );
    assert_eq!(
        workspace.rows("title, genres FROM film ORDER BY id"),
        ["(\"Amber Tide\",{Drama})", "(\"Glass Meadow\",{Comedy})"]
    );
    // Without reviews beside it, nothing says what the rows are.
    workspace.write("club.zip", archive(&members[..1]));
    let result = workspace.run(&["import", "club.zip"]);
    let error = import_error(&result);
    assert!(
        error.contains("--as films reads the rows as films"),
        "{error}"
    );
}
