//! How a row identifies its film, critic and publication.

mod case;
mod duplicates;
mod slugs;
mod years;

use super::{Workspace, assert_lines, import_error};

/// Two films with the same title, two critics and two publications with the same name, and one of each with a unique
/// name.
const NAMESAKES: &str = "\
kind,film_slug,film,film_year,critic_slug,critic,publication_slug,publication
film,quay-1950,Quay,1950,,,,
film,quay-2011,Quay,2011,,,,
film,ferry,Ferry,1999,,,,
critic,,,,ann-one,Ann Lee,,
critic,,,,ann-two,Ann Lee,,
critic,,,,bo,Bo Marsh,,
publication,,,,,,post-a,Post
publication,,,,,,post-b,Post
publication,,,,,,herald,Herald
";

fn named(workspace: &Workspace) -> Vec<String> {
    workspace.rows(
        "film.slug, critic.slug, publication.slug FROM review JOIN film ON film.id = film_id
         LEFT JOIN critic ON critic.id = critic_id LEFT JOIN publication ON publication.id = publication_id ORDER BY review.id",
    )
}

#[test]
fn films_critics_and_publications_are_found_by_name_or_by_slug() {
    let workspace = Workspace::empty();
    workspace.csv(NAMESAKES);
    let output = workspace.csv(
        "film_slug,film,film_year,critic_slug,critic,publication_slug,publication\n\
         quay-2011,,,ann-two,,post-b,\n\
         ,Quay,1950,,Bo Marsh,,Herald\n\
         ,Ferry,,ann-one,Ann Lee,post-a,Post\n",
    );
    assert_lines(
        &output,
        &[
            "films: 0 new, 0 changed, 3 the same",
            "critics: 0 new, 0 changed, 3 the same",
            "publications: 0 new, 0 changed, 3 the same",
            "reviews: 3 new, 0 changed, 0 the same",
        ],
    );
    assert_eq!(
        named(&workspace),
        [
            "(quay-2011,ann-two,post-b)",
            "(quay-1950,bo,herald)",
            "(ferry,ann-one,post-a)"
        ]
    );
    workspace.assert_tallies();
}

#[test]
fn an_ambiguous_name_is_rejected() {
    let workspace = Workspace::empty();
    workspace.csv(NAMESAKES);
    let before = workspace.counts();
    let result = workspace.import(
        "rows.csv",
        "film,critic,publication\nQuay,Bo Marsh,Herald\nFerry,Ann Lee,Herald\nFerry,Bo Marsh,Post\nFerry,Bo Marsh,Herald\n",
        &[],
    );
    assert_eq!(
        import_error(&result),
        "3 invalid rows, so nothing was stored; --skip-bad-rows skips them\n  \
         rows.csv, line 2: film: 2 films have the title 'Quay': choose one by film_year or film_slug (quay-1950, quay-2011)\n  \
         rows.csv, line 3: critic: 2 critics have the name 'Ann Lee': choose one by its slug (ann-one, ann-two)\n  \
         rows.csv, line 4: publication: 2 publications have the name 'Post': choose one by its slug (post-a, post-b)"
    );
    assert_eq!(workspace.counts(), before);
}

#[test]
fn a_title_without_a_year_means_the_only_film_of_that_title() {
    let workspace = Workspace::empty();
    // Any row of the file may contain the year.
    workspace.csv("film,film_year,critic\nLantern,,A\nLantern,2001,B\nLantern,,C\n");
    assert_eq!(
        workspace.rows("slug, year FROM film"),
        ["(lantern-2001,2001)"]
    );
    workspace.csv("film,critic\nLantern,D\n");
    assert_eq!(
        workspace.value("SELECT count(*)::text AS value FROM review"),
        "4"
    );
    // A film of another year is a new film, and then the title alone is ambiguous.
    workspace.csv("film,film_year,critic\nLantern,1940,A\n");
    let result = workspace.import("rows.csv", "film,critic\nLantern,E\n", &[]);
    assert!(
        import_error(&result).contains("line 2: film: 2 films have the title 'Lantern'"),
        "{result:?}"
    );
}

#[test]
fn a_renamed_film_is_found_by_its_new_name() {
    let workspace = Workspace::empty();
    workspace.jsonl(
        "{\"kind\": \"film\", \"film_slug\": \"quay\", \"film\": \"Quay\", \"film_year\": 1950}\n",
    );
    let renames = "{\"film\": \"Quay, at Last\", \"film_year\": 1951, \"critic\": \"Bo Marsh\"}\n\
        {\"kind\": \"film\", \"film_slug\": \"quay\", \"film\": \"Quay, at Last\", \"film_year\": 1951}\n";
    assert_lines(
        &workspace.jsonl(renames),
        &[
            "films: 0 new, 1 changed, 0 the same",
            "reviews: 1 new, 0 changed, 0 the same",
        ],
    );
    assert!(workspace.jsonl(renames).ends_with("nothing changed\n"));
    assert_eq!(
        workspace.value(
            "SELECT string_agg(slug || ' ' || title || ' ' || year, ',') AS value FROM film"
        ),
        "quay Quay, at Last 1951"
    );
}
