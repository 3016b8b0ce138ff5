//! Films with several external ids.

use super::{CRITICS, FILMS, WITH_IDS, Workspace, import_error, import_files};

#[test]
fn a_film_is_found_by_any_of_its_ids() {
    let workspace = Workspace::empty();
    workspace.csv("kind,film,film_year,external_ids\nfilm,Amber Tide,2019,tmdb:7\n");
    // The title of another list differs, and so does the year.
    let text = WITH_IDS.replace("Amber Tide,2019", "Ravtidevann,2018");
    import_files(&workspace, &[("list.csv", &text)], &[]).output();
    assert_eq!(
        workspace.rows("(SELECT string_agg(source || ':' || external_id, ' ' ORDER BY source) FROM film_external_id) FROM film"),
        ["(\"imdb:tt1 tmdb:7\")"]
    );
    assert_eq!(workspace.rows(CRITICS), ["(\"Ann Lee\",/ann)"]);
}

#[test]
fn rows_that_share_any_id_are_about_one_film() {
    let first = "Title,Year,IMDb,TMDB,Critic,Page,Rating\nAmber Tide,2019,tt1,7,Ann Lee,,4/5\n";
    let second =
        "Title,Year,TMDB,Critic,Rating\nRavtidevann,2019,7,Bo Marsh,3/5\n,,7,Cy Dale,2/5\n";
    let third = "Title,IMDb,Critic,Rating\nThe Amber Tide,tt1,Dee Holt,1/5\n";
    for files in [
        [("a.csv", first), ("b.csv", second), ("c.csv", third)],
        [("c.csv", third), ("b.csv", second), ("a.csv", first)],
    ] {
        let workspace = Workspace::empty();
        let output = import_files(&workspace, &files, &[]).output();
        assert!(output.contains("films: 1 new, 0 changed"), "{output}");
        assert_eq!(
            workspace.rows(FILMS),
            ["(\"Amber Tide\",2019,\"imdb:tt1 tmdb:7\")"]
        );
        let again = import_files(&workspace, &files, &[]).output();
        assert!(again.ends_with("nothing changed\n"), "{again}");
    }
}

#[test]
fn a_chain_of_ids_is_one_film() {
    // Each row shares an id with the next one only, and no title.
    let rows: Vec<String> = (0..40_u32)
        .map(|number| {
            let (imdb, tmdb) = (number / 2, number.div_ceil(2));
            format!(
                "Amber Tide {number},2019,tt{imdb},{tmdb},Critic {number},,{}/5\n",
                number % 5
            )
        })
        .collect();
    let header = "Title,Year,IMDb,TMDB,Critic,Page,Rating\n";
    let workspace = Workspace::empty();
    let text = format!("{header}{}", rows.concat());
    import_files(&workspace, &[("list.csv", &text)], &[]).output();
    assert_eq!(
        workspace.rows("count(*), (SELECT count(*) FROM film_external_id) FROM film"),
        ["(1,41)"]
    );
}

#[test]
fn ids_of_two_films_are_an_error_that_names_both() {
    let workspace = Workspace::empty();
    workspace.csv(
        "kind,film,film_year,external_ids\nfilm,Amber Tide,2019,imdb:tt1\nfilm,Glass Meadow,2004,tmdb:7\n",
    );
    let before = workspace.counts();
    let result = import_files(&workspace, &[("list.csv", WITH_IDS)], &[]);
    assert_eq!(
        import_error(&result),
        "1 invalid row, so nothing was stored; --skip-bad-rows skips it\n  \
         list.csv, line 2: film: the ids of this film are those of 2 films: imdb:tt1 of amber-tide-2019, tmdb:7 of glass-meadow-2004"
    );
    import_files(&workspace, &[("list.csv", WITH_IDS)], &["--skip-bad-rows"]).output();
    assert_eq!(workspace.counts(), before);
}

#[test]
fn ids_that_a_description_lists_resolve_references() {
    let catalogue = "kind,film,film_year,external_ids\nfilm,Amber Tide,2019,imdb:tt1; tmdb:7\n";
    let reviews = "Title,IMDb,Critic,Page,Rating\nRavtidevann,tt1,Ann Lee,,4/5\n";
    let others = "TMDB,Critic,Rating\n7,Bo Marsh,4/5\n";
    for files in [
        [("a.csv", catalogue), ("b.csv", reviews), ("c.csv", others)],
        [("c.csv", others), ("b.csv", reviews), ("a.csv", catalogue)],
    ] {
        let workspace = Workspace::empty();
        for _ in 0..2 {
            import_files(&workspace, &files, &[]).output();
            assert_eq!(
                workspace.rows(FILMS),
                ["(\"Amber Tide\",2019,\"imdb:tt1 tmdb:7\")"]
            );
        }
    }
}

#[test]
fn a_slug_and_an_id_of_one_row_resolve_the_other_rows_with_the_id() {
    let slugs = "film_slug,Title,Year,IMDb,TMDB,Critic,Page,Rating\ntide,Amber Tide,2019,tt1,,Ann Lee,,4/5\n";
    let ids = "Title,IMDb,Critic,Rating\nAmber Tide,tt1,Bo Marsh,3/5\n,tt1,Cy Dale,3/5\n";
    for files in [
        [("a.csv", slugs), ("b.csv", ids)],
        [("b.csv", ids), ("a.csv", slugs)],
    ] {
        let workspace = Workspace::empty();
        import_files(&workspace, &files, &[]).output();
        assert_eq!(workspace.rows("slug FROM film"), ["(tide)"]);
    }
}

#[test]
fn a_new_id_without_a_year_is_that_of_the_only_film_with_the_title() {
    let workspace = Workspace::empty();
    workspace.csv("kind,film,film_year\nfilm,Amber Tide,2019\nfilm,Quay,1950\nfilm,Quay,2011\n");
    let ids = "Title,IMDb,TMDB,Critic,Page,Rating\nAMBER TIDE,tt1,,Ann Lee,,4/5\nQuay,tt2,,Ann Lee,,3/5\n";
    import_files(&workspace, &[("ids.csv", ids)], &[]).output();
    // Two films have the other title, so that the id is that of a third one.
    assert_eq!(
        workspace.rows(FILMS),
        [
            "(\"Amber Tide\",2019,imdb:tt1)",
            "(Quay,1950,)",
            "(Quay,2011,)",
            "(Quay,,imdb:tt2)",
        ]
    );
    // The only film has an id of the source already.
    let more = "Title,IMDb,TMDB,Critic,Page,Rating\nAmber Tide,tt9,,Ann Lee,,4/5\n";
    import_files(&workspace, &[("ids.csv", more)], &[]).output();
    assert_eq!(
        workspace.rows("count(*) FROM film WHERE lower(title) = 'amber tide'"),
        ["(2)"]
    );
}

#[test]
fn a_rejected_row_gives_no_id_to_an_existing_film() {
    let workspace = Workspace::empty();
    workspace.csv("film,film_year,critic\nAmber Tide,2019,Ann Lee\nQuay,1950,Ann Lee\n");
    let text = "Title,Year,IMDb,TMDB,Critic,Page,Rating\n\
        Quay,1950,,,Bo Marsh,,4/5\n\
        Quay,1950,,,Bo Marsh,,4/5\n\
        Amber Tide,2019,tt1,,Cy Dale,/cy,4/5\n\
        Amber Tide,2019,,,Cy Dale,,4/5\n\
        Quay,1950,tt2,8,Bo Marsh,/bo,1/5\n";
    import_files(&workspace, &[("list.csv", text)], &["--skip-bad-rows"]).output();
    assert_eq!(
        workspace.rows("source, external_id FROM film_external_id"),
        ["(imdb,tt1)"]
    );
    assert_eq!(
        workspace.rows("external_id FROM critic_external_id"),
        ["(/cy)"]
    );
}
