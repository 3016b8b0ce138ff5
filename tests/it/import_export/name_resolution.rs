//! How a row identifies its film, critic and publication.

use super::{NO_ROWS, Workspace, assert_lines, import_error};

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

fn named(trial: &Workspace) -> Vec<String> {
    trial.rows(
        "film.slug, critic.slug, publication.slug FROM review JOIN film ON film.id = film_id
         LEFT JOIN critic ON critic.id = critic_id LEFT JOIN publication ON publication.id = publication_id ORDER BY review.id",
    )
}

#[test]
fn films_critics_and_publications_are_found_by_name_or_by_slug() {
    let trial = Workspace::empty();
    trial.csv(NAMESAKES);
    let output = trial.csv(
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
        named(&trial),
        [
            "(quay-2011,ann-two,post-b)",
            "(quay-1950,bo,herald)",
            "(ferry,ann-one,post-a)"
        ]
    );
    trial.assert_tallies();
}

#[test]
fn an_ambiguous_name_is_rejected() {
    let trial = Workspace::empty();
    trial.csv(NAMESAKES);
    let before = trial.counts();
    let done = trial.import(
        "rows.csv",
        "film,critic,publication\nQuay,Bo Marsh,Herald\nFerry,Ann Lee,Herald\nFerry,Bo Marsh,Post\nFerry,Bo Marsh,Herald\n",
        &[],
    );
    assert_eq!(
        import_error(&done),
        "3 invalid rows, so nothing was stored; --skip-bad-rows skips them\n  \
         rows.csv, line 2: film: 2 films have the title 'Quay': choose one by film_year or film_slug\n  \
         rows.csv, line 3: critic: 2 critics have the name 'Ann Lee': choose one by its slug\n  \
         rows.csv, line 4: publication: 2 publications have the name 'Post': choose one by its slug"
    );
    assert_eq!(trial.counts(), before);
}

#[test]
fn a_title_without_a_year_means_the_only_film_of_that_title() {
    let trial = Workspace::empty();
    // Any row of the file may contain the year.
    trial.csv("film,film_year,critic\nLantern,,A\nLantern,2001,B\nLantern,,C\n");
    assert_eq!(trial.rows("slug, year FROM film"), ["(lantern-2001,2001)"]);
    trial.csv("film,critic\nLantern,D\n");
    assert_eq!(
        trial.value("SELECT count(*)::text AS value FROM review"),
        "4"
    );
    // A film of another year is a new film, and then the title alone is ambiguous.
    trial.csv("film,film_year,critic\nLantern,1940,A\n");
    let done = trial.import("rows.csv", "film,critic\nLantern,E\n", &[]);
    assert!(
        import_error(&done).contains("line 2: film: 2 films have the title 'Lantern'"),
        "{done:?}"
    );
}

#[test]
fn an_unknown_slug_is_rejected_without_a_name_and_created_with_one() {
    let trial = Workspace::empty();
    let done = trial.import(
        "rows.csv",
        "film_slug,critic_slug,publication_slug\nnobody-knows,no-critic,no-paper\n",
        &[],
    );
    assert_eq!(
        import_error(&done).lines().skip(1).collect::<Vec<_>>(),
        [
            "  rows.csv, line 2: critic: no critic has the slug 'no-critic', and no row gives its name",
            "  rows.csv, line 2: film: no film has the slug 'nobody-knows', and no row gives its title",
            "  rows.csv, line 2: publication: no publication has the slug 'no-paper', and no row gives its name",
        ]
    );
    assert_eq!(trial.counts(), NO_ROWS);
    // Any row may contain the name.
    trial.csv(
        "film_slug,film,film_year,critic_slug,critic\nown-slug,,,,\nown-slug,Lantern,2001,own-critic,Ann Lee\n",
    );
    assert_eq!(
        trial.rows("slug, title, year FROM film"),
        ["(own-slug,Lantern,2001)"]
    );
    assert_eq!(
        trial.rows("slug, name FROM critic"),
        [r#"(own-critic,"Ann Lee")"#]
    );
}

#[test]
fn new_films_get_unused_slugs() {
    let trial = Workspace::empty();
    trial.csv("film,critic\nWho?,A\nWho!,A\nWho 2,A\nWho,A\nWho?,B\n");
    assert_eq!(
        trial.rows("title, slug FROM film ORDER BY slug"),
        [
            "(Who?,who)",
            "(Who!,who-2)",
            r#"("Who 2",who-2-2)"#,
            "(Who,who-3)"
        ],
        "each title has a film with a unique slug"
    );
    // Import again with these slugs in use, and two more films.
    let output = trial.csv("film,critic\n¿Who,A\nWho!!,A\nWho 2,A\nWho-3,A\n");
    assert_lines(&output, &["films: 3 new, 0 changed, 1 the same"]);
    let slugs = trial.rows("slug FROM film ORDER BY id");
    assert_eq!(slugs.len(), 7);
    assert_eq!(
        trial.rows("title, count(*) FROM film JOIN review ON film_id = film.id WHERE title = 'Who 2' GROUP BY title"),
        [r#"("Who 2",1)"#],
        "a second review of the film by A updates the first"
    );
    trial.csv("kind,critic,publication\ncritic,A.,\ncritic,a!,\npublication,,A\npublication,,A?\n");
    assert_eq!(
        trial.rows("slug FROM critic ORDER BY slug"),
        ["(a)", "(a-2)", "(a-3)", "(b)"]
    );
    assert_eq!(
        trial.rows("slug FROM publication ORDER BY slug"),
        ["(a)", "(a-2)"]
    );
}

#[test]
fn a_duplicate_description_is_rejected_with_the_line_of_the_first() {
    let trial = Workspace::empty();
    let done = trial.import(
        "rows.csv",
        "kind,film_slug,film,film_year,critic,publication\nfilm,lantern-2001,Lantern,2001,,\ncritic,,,,Ann Lee,\n\
         publication,,,,,Post\nfilm,lantern-2001,,,,\ncritic,,,,Ann Lee,\npublication,,,,,Post\n",
        &[],
    );
    assert_eq!(
        import_error(&done).lines().skip(1).collect::<Vec<_>>(),
        [
            "  rows.csv, line 5: film: this film is already described in line 2",
            "  rows.csv, line 6: critic: this critic is already described in line 3",
            "  rows.csv, line 7: publication: this publication is already described in line 4",
        ]
    );
    assert_eq!(trial.counts(), NO_ROWS);
}

#[test]
fn a_duplicate_review_is_rejected_with_the_line_of_the_first() {
    let trial = Workspace::empty();
    let done = trial.import(
        "rows.csv",
        "film,critic,publication,source,external_id\nLantern,Ann Lee,,wire,1\nLantern,Bo Marsh,,wire,1\n\
         Lantern,Ann Lee,Post,,\nLantern,Ann Lee,,,\nLantern,Ann Lee,Post,,\nLantern,Bo Marsh,,desk,1\n",
        &[],
    );
    assert_eq!(
        import_error(&done).lines().skip(1).collect::<Vec<_>>(),
        [
            "  rows.csv, line 3: external_id: a review with this id is already in line 2",
            "  rows.csv, line 6: critic: a review of this film by this critic for this publication is already in line 4",
        ]
    );
    assert_eq!(trial.counts(), NO_ROWS);
}

#[test]
fn an_external_id_of_another_film_is_rejected() {
    let trial = Workspace::empty();
    trial.csv("kind,film,film_year,external_ids\nfilm,Lantern,2001,imdb:tt1; tmdb:7\n");
    let before = trial.counts();
    let done = trial.import(
        "rows.csv",
        "kind,film,film_year,external_ids\nfilm,Ferry,1999,imdb:tt1\nfilm,Quay,1950,tmdb:8\nfilm,Quay,2011,tmdb:8\n",
        &[],
    );
    assert_eq!(
        import_error(&done).lines().skip(1).collect::<Vec<_>>(),
        [
            "  rows.csv, line 2: external_ids: imdb:tt1 is the id of another film, lantern-2001",
            "  rows.csv, line 4: external_ids: tmdb:8 is the id of another film, quay-1950",
        ]
    );
    assert_eq!(trial.counts(), before);
    let named =
        trial.csv("kind,film,film_year,external_ids\nfilm,Lantern,2001,imdb:tt1;tmdb:7;tmdb:8\n");
    assert_lines(&named, &["films: 0 new, 1 changed, 0 the same"]);
    assert_eq!(
        trial.rows("source, external_id FROM film_external_id ORDER BY source, external_id"),
        ["(imdb,tt1)", "(tmdb,7)", "(tmdb,8)"]
    );
}

#[test]
fn a_renamed_film_is_found_by_its_new_name() {
    let trial = Workspace::empty();
    trial.jsonl(
        "{\"kind\": \"film\", \"film_slug\": \"quay\", \"film\": \"Quay\", \"film_year\": 1950}\n",
    );
    let renames = "{\"film\": \"Quay, at Last\", \"film_year\": 1951, \"critic\": \"Bo Marsh\"}\n\
        {\"kind\": \"film\", \"film_slug\": \"quay\", \"film\": \"Quay, at Last\", \"film_year\": 1951}\n";
    assert_lines(
        &trial.jsonl(renames),
        &[
            "films: 0 new, 1 changed, 0 the same",
            "reviews: 1 new, 0 changed, 0 the same",
        ],
    );
    assert!(trial.jsonl(renames).ends_with("nothing changed\n"));
    assert_eq!(
        trial.value(
            "SELECT string_agg(slug || ' ' || title || ' ' || year, ',') AS value FROM film"
        ),
        "quay Quay, at Last 1951"
    );
}

#[test]
fn many_films_with_the_same_title_get_unique_slugs() {
    let trial = Workspace::empty();
    let rows: Vec<String> = (0..400)
        .map(|number| format!("Quay{}", "!".repeat(number % 250 + 1 + number / 250)))
        .collect();
    trial.csv(&format!("film\n{}\n", rows.join("\n")));
    let slugs = "count(DISTINCT slug) = count(*) AND bool_and(slug ~ '^quay(-[0-9]+)?$')";
    assert_eq!(
        trial.value(&format!("SELECT ({slugs})::text AS value FROM film")),
        "true"
    );
}
