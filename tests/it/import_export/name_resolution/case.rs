//! Names that differ in case.

use crate::import_export::{Workspace, assert_lines, import_error};

use super::named;

const EXISTING: &str = "\
kind,film_slug,film,film_year,critic_slug,critic,publication_slug,publication,weight
film,quay-1950,Quay,1950,,,,,
critic,,,,renee,Renée Dubois,,,
publication,,,,,,kino,Kino & Kiez,2
";

#[test]
fn names_that_differ_in_case_mean_the_same_and_the_summary_lists_them() {
    let workspace = Workspace::empty();
    workspace.csv(EXISTING);
    let output = workspace.csv(
        "film,film_year,critic,publication,source,external_id\n\
         QUAY,1950,renée dubois,kino & kiez,wire,1\n\
         quay,,RENE\u{301}E DUBOIS,kino & kiez,wire,2\n\
         Quay,1950,Renée Dubois,Kino & Kiez,wire,3\n\
         Ferry,1999,Ida Fern,The Post,wire,4\n\
         FERRY,1999,IDA FERN,THE POST,wire,5\n\
         ferry,,ida fern,the post,wire,6\n",
    );
    assert_lines(
        &output,
        &[
            "films: 1 new, 0 changed, 1 the same",
            "critics: 1 new, 0 changed, 1 the same",
            "publications: 1 new, 0 changed, 1 the same",
            "reviews: 6 new, 0 changed, 0 the same",
            "warning: names were matched that differ in case: 11",
            "  film \"FERRY\" → \"Ferry\", 1 review",
            "  publication \"kino & kiez\" → \"Kino & Kiez\", 2 reviews",
            "  and 1 more",
        ],
    );
    let stored = named(&workspace);
    assert_eq!(
        stored,
        [
            "(quay-1950,renee,kino)",
            "(quay-1950,renee,kino)",
            "(quay-1950,renee,kino)",
            "(ferry-1999,ida-fern,the-post)",
            "(ferry-1999,ida-fern,the-post)",
            "(ferry-1999,ida-fern,the-post)",
        ]
    );
    assert_eq!(
        workspace.rows("name FROM critic ORDER BY id"),
        [r#"("Renée Dubois")"#, r#"("Ida Fern")"#]
    );
    workspace.assert_tallies();
}

#[test]
fn an_exact_name_takes_precedence_and_an_ambiguous_one_is_rejected_with_its_candidates() {
    let workspace = Workspace::empty();
    workspace.csv(
        "kind,film_slug,film,film_year,critic_slug,critic\n\
         film,quay-a,Quay,1950,,\nfilm,quay-b,QUAY,1950,,\n\
         critic,,,,ida-a,Ida Fern\ncritic,,,,ida-b,IDA FERN\n",
    );
    workspace.csv("film,film_year,critic\nQUAY,1950,IDA FERN\n");
    let before = workspace.counts();
    let result = workspace.import(
        "rows.csv",
        "film,film_year,critic\nQuay,1950,Ida Fern\nquay,1950,Ida Fern\nQuay,1950,ida fern\nquay,,Ida Fern\n",
        &[],
    );
    assert_eq!(
        import_error(&result),
        "3 invalid rows, so nothing was stored; --skip-bad-rows skips them\n  \
         rows.csv, line 3: film: 2 films have the title 'quay': choose one by film_slug (quay-a, quay-b)\n  \
         rows.csv, line 4: critic: 2 critics have the name 'ida fern': choose one by its slug (ida-a, ida-b)\n  \
         rows.csv, line 5: film: 2 films have the title 'quay': choose one by film_slug (quay-a, quay-b)"
    );
    assert_eq!(workspace.counts(), before);
}

#[test]
fn a_description_is_found_in_any_case_and_does_not_rename() {
    let workspace = Workspace::empty();
    workspace.csv(EXISTING);
    let output = workspace.csv("kind,publication,weight\npublication,KINO & KIEZ,3\n");
    assert_lines(&output, &["publications: 0 new, 1 changed, 0 the same"]);
    assert_eq!(
        workspace.rows("slug, name, weight FROM publication"),
        [r#"(kino,"Kino & Kiez",300)"#]
    );
    // A row with the slug does.
    workspace.csv("kind,publication_slug,publication,weight\npublication,kino,kino & kiez,3\n");
    assert_eq!(
        workspace.rows("slug, name FROM publication"),
        [r#"(kino,"kino & kiez")"#]
    );
    let result = workspace.import(
        "rows.csv",
        "kind,critic\ncritic,Ann Lee\ncritic,ANN LEE\n",
        &[],
    );
    assert!(
        import_error(&result)
            .ends_with("line 3: critic: this critic is already described in line 2"),
        "{result:?}"
    );
}

#[test]
fn the_year_of_a_film_is_that_of_its_release_date() {
    let workspace = Workspace::empty();
    let rows = "kind,film,film_year,release_date,critic\n\
        film,Quay,,2023-05-12,\nfilm,Ferry,1998,1999-01-02,\nfilm,Salt,,1600-01-01,\n,quay,,,Ann Lee\n";
    workspace.csv(rows);
    let films = [
        "(quay-2023,2023,2023-05-12)",
        "(ferry-1998,1998,1999-01-02)",
        "(salt,,1600-01-01)",
    ];
    assert_eq!(
        workspace.rows("slug, year, release_date FROM film ORDER BY id"),
        films
    );
    assert!(workspace.csv(rows).ends_with("nothing changed\n"));
    assert_eq!(
        workspace.rows("slug, year, release_date FROM film ORDER BY id"),
        films
    );
}
