//! Several descriptions of one film.

use super::{NO_ROWS, Workspace, assert_lines, fixture, import_error, import_files};

const COLUMNS: &str = "title, year, genres, runtime_minutes, synopsis FROM film";

#[test]
fn the_first_description_beside_reviews_counts_and_others_fill_in_what_it_lacks() {
    let text = "Title,Year,IMDb,TMDB,Genre,Runtime,Synopsis,Critic,Page,Rating\n\
        Amber Tide,2019,tt1,,Drama,,,Ann Lee,,4/5\n\
        AMBER TIDE,2019,,,Comedy,97,,Bo Marsh,,3/5\n\
        Amber Tide,,,,,98,A flood.,Cy Dale,,2/5\n";
    let workspace = Workspace::empty();
    for result in ["reviews: 3 new, 0 changed, 0 the same", "nothing changed"] {
        let output = import_files(&workspace, &[("list.csv", text)], &[]).output();
        assert_lines(&output, &[result]);
        assert_eq!(
            workspace.rows(COLUMNS),
            ["(\"Amber Tide\",2019,{Drama},97,\"A flood.\")"]
        );
    }
    // The same holds for a film that exists already.
    let changed = text.replace("Drama", "Mystery").replace(",97,", ",99,");
    let output = import_files(&workspace, &[("list.csv", &changed)], &[]).output();
    assert_lines(&output, &["films: 0 new, 1 changed, 0 the same"]);
    assert_eq!(
        workspace.rows(COLUMNS),
        ["(\"Amber Tide\",2019,{Mystery},99,\"A flood.\")"]
    );
}

#[test]
fn two_lists_may_describe_one_film_and_publish_its_score() {
    let workspace = Workspace::empty();
    let douban = fixture("layouts/douban.csv");
    let tmdb = fixture("layouts/tmdb.csv");
    for (name, text) in [
        ("douban.csv", douban.as_str()),
        ("tmdb.csv", &tmdb),
        ("imdb.csv", &fixture("layouts/imdb-ratings.csv")),
    ] {
        workspace.write(name, text);
    }
    for order in [
        ["douban.csv", "tmdb.csv", "imdb.csv"],
        ["imdb.csv", "tmdb.csv", "douban.csv"],
    ] {
        let arguments = [
            "import",
            order[0],
            order[1],
            order[2],
            "--critic",
            "Nora Merrow",
        ];
        workspace.run(&arguments).output();
        assert_eq!(
            workspace.rows(
                "title, count(*), string_agg(source, ' ' ORDER BY source) FROM film JOIN film_external_id ON film_id = film.id
                 WHERE title = 'Amber Tide' GROUP BY film.id"
            ),
            ["(\"Amber Tide\",3,\"douban imdb tmdb\")"]
        );
        assert_eq!(
            workspace.rows("synopsis FROM film WHERE title = 'Amber Tide'"),
            ["(\"A pilot waits for the flood.\")"]
        );
    }
    workspace.assert_tallies();
}

#[test]
fn of_two_lists_with_a_score_of_one_film_the_first_counts() {
    let tmdb = fixture("layouts/tmdb.csv");
    for (first, second, value) in [("6.6", "6.9", 66), ("6.9", "6.6", 69)] {
        let workspace = Workspace::empty();
        for (name, value) in [("a.csv", first), ("b.csv", second)] {
            workspace.write(name, tmdb.replace(",6.6,", &format!(",{value},")));
        }
        for result in [
            "published scores: 1 new, 0 changed, 0 the same",
            "nothing changed",
        ] {
            let output = workspace.run(&["import", "a.csv", "b.csv"]).output();
            assert_lines(&output, &[result]);
        }
        assert_eq!(
            workspace.rows("value FROM published_score"),
            [format!("({value})")]
        );
    }
}

#[test]
fn a_list_that_describes_a_film_twice_contradicts_itself() {
    let workspace = Workspace::empty();
    let list = "Title,Year,Genre\nAmber Tide,2019,Drama\nQuay,1950,Drama\nAMBER TIDE,2019,Comedy\n";
    workspace.write("a.csv", "Title,Year,Genre\nAmber Tide,2019,Mystery\n");
    workspace.write("b.csv", list);
    let result = workspace.run(&["import", "a.csv", "b.csv", "--as", "films"]);
    assert_eq!(
        import_error(&result),
        "1 invalid row, so nothing was stored; --skip-bad-rows skips it\n  \
         b.csv, line 4: film: this film is already described in line 2"
    );
    assert_eq!(workspace.counts(), NO_ROWS);
    workspace
        .run(&[
            "import",
            "a.csv",
            "b.csv",
            "--as",
            "films",
            "--skip-bad-rows",
        ])
        .output();
    assert_eq!(
        workspace.rows("title, genres FROM film ORDER BY title"),
        ["(\"Amber Tide\",{Mystery})", "(Quay,{Drama})"]
    );
}

#[test]
fn the_first_description_that_is_not_rejected_counts() {
    let workspace = Workspace::empty();
    let text = "Title,Year,IMDb,TMDB,Genre,Critic,Page,Rating\n\
        Quay,1950,tt9,,,Bo Marsh,,4/5\n\
        Quay,1950,,,Thriller,Bo Marsh,,4/5\n\
        QUAY,1950,,,Comedy,Cy Dale,,3/5\n";
    import_files(&workspace, &[("list.csv", text)], &["--skip-bad-rows"]).output();
    assert_eq!(
        workspace.rows("title, genres FROM film"),
        ["(Quay,{Comedy})"]
    );
}
