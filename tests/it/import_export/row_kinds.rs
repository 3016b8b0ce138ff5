//! Rows that describe films, critics, publications and published scores instead of reviews.

use serde_json::json;

use super::{Workspace, assert_lines};

const CATALOGUE: &str = "\
kind,film,film_year,release_date,runtime,directors,genres,synopsis,url,ids,critic,publication,weight,source,measure,score,label,review_count
film,Lantern,2001,2001-09-14,94,Mara Olsen; Pim de Wit,Drama;Sea,\"A keeper.
A lamp.\",https://lantern.example,imdb:tt1,,,,,,,,
critic,,,,,,,,https://ann.example,wire:ann,Ann Lee,,,,,,,
publication,,,,,,,,https://post.example,,,Post,1.5,,,,,
published_score,Lantern,2001,,,,,,,,,,,wire,percent_recommended,67,Mostly liked,3
,Lantern,2001,,,,,,,,Ann Lee,Post,,,,80,,
,Lantern,2001,,,,,,,,Bo Marsh,,,,,50,,
";

const FILM: &str =
    "slug, title, year, release_date, runtime_minutes, directors, genres, synopsis, url FROM film";
const SCORE: &str = "source, kind, value, label, review_count FROM published_score";

#[test]
fn films_critics_publications_and_published_scores_are_stored_as_described() {
    let workspace = Workspace::empty();
    let output = workspace.csv(CATALOGUE);
    assert_lines(
        &output,
        &[
            "films: 1 new, 0 changed, 0 the same",
            "critics: 2 new, 0 changed, 0 the same",
            "publications: 1 new, 0 changed, 0 the same",
            "published scores: 1 new, 0 changed, 0 the same",
            "reviews: 2 new, 0 changed, 0 the same",
            "rows: 6 read, 0 rejected",
        ],
    );
    let again = workspace.csv(CATALOGUE);
    assert_lines(
        &again,
        &[
            "films: 0 new, 0 changed, 1 the same",
            "published scores: 0 new, 0 changed, 1 the same",
            "nothing changed",
        ],
    );
    workspace.assert_tallies();
    let data = workspace.query(
        "{ film(by: {slug: \"lantern-2001\"}) { title year releaseDate runtimeMinutes directors genres synopsis url
            score(policy: {minimumReviews: 1}) { value }
            publishedScores { source kind value label reviewCount } }
          critic(by: {slug: \"ann-lee\"}) { url } publication(by: {slug: \"post\"}) { url weight } }",
    );
    assert_eq!(
        data["film"],
        json!({
            "title": "Lantern", "year": 2001, "releaseDate": "2001-09-14", "runtimeMinutes": 94,
            "directors": ["Mara Olsen", "Pim de Wit"], "genres": ["Drama", "Sea"], "synopsis": "A keeper.\nA lamp.",
            "url": "https://lantern.example",
            // (80 × 1.5 + 50) / 2.5
            "score": { "value": 68 },
            "publishedScores": [{ "source": "wire", "kind": "PERCENT_RECOMMENDED", "value": 67, "label": "Mostly liked", "reviewCount": 3 }]
        })
    );
    assert_eq!(data["critic"]["url"], "https://ann.example");
    assert_eq!(
        data["publication"],
        json!({ "url": "https://post.example", "weight": 1.5 })
    );
}

#[test]
fn a_described_film_is_updated_in_the_columns_of_the_file() {
    let workspace = Workspace::empty();
    workspace.csv(CATALOGUE);
    let whole = "(lantern-2001,Lantern,2001,2001-09-14,94,\"{\"\"Mara Olsen\"\",\"\"Pim de Wit\"\"}\",\"{Drama,Sea}\",";
    let output = workspace.csv("kind,film_slug,film,runtime\nfilm,lantern-2001,The Lantern,95\n");
    assert_lines(&output, &["films: 0 new, 1 changed, 0 the same", "stored"]);
    let film = workspace.value(&format!(
        "SELECT row(chosen.*)::text AS value FROM (SELECT {FILM}) AS chosen"
    ));
    assert!(
        film.starts_with(
            &whole
                .replace(",Lantern,", ",\"The Lantern\",")
                .replace(",94,", ",95,")
        ),
        "{film}"
    );

    let before = workspace.rows("updated_at FROM film");
    let output = workspace.csv("kind,film_slug,film,runtime\nfilm,lantern-2001,The Lantern,95\n");
    assert_lines(
        &output,
        &["films: 0 new, 0 changed, 1 the same", "nothing changed"],
    );
    assert_eq!(workspace.rows("updated_at FROM film"), before);

    workspace.csv("kind,film_slug,directors,genres,synopsis,url,release_date,runtime\nfilm,lantern-2001,,,,,,\n");
    assert_eq!(
        workspace.rows(FILM),
        [r#"(lantern-2001,"The Lantern",2001,,,{},{},,)"#]
    );
}

#[test]
fn a_film_that_is_only_named_by_reviews_is_not_updated() {
    let workspace = Workspace::empty();
    workspace.csv(CATALOGUE);
    let before = workspace.rows("* FROM film");
    let output = workspace.csv("film_slug,film,film_year,critic,url,score\nlantern-2001,Laterne,2003,Cleo Ost,https://c.example,70\n");
    assert_lines(&output, &["films: 0 new, 0 changed, 1 the same"]);
    assert_eq!(workspace.rows("* FROM film"), before);
}

#[test]
fn a_new_weight_of_a_publication_updates_every_tally() {
    let workspace = Workspace::empty();
    workspace.csv(CATALOGUE);
    let output = workspace.csv("kind,publication,weight,critic,film,score\npublication,Post,4,,,\n,,,,,\n,Post,,Cleo Ost,Lantern,20\n");
    assert_lines(
        &output,
        &[
            "publications: 0 new, 1 changed, 0 the same",
            "reviews: 1 new, 0 changed, 0 the same",
        ],
    );
    workspace.assert_tallies();
    assert_eq!(
        workspace.rows("weight, weighted_sum FROM film_tally"),
        ["(900,45000)"],
        "80 and 20 count four times, 50 once"
    );
    workspace.csv("kind,publication,weight\npublication,Post,\n");
    assert_eq!(
        workspace.rows("weight, url FROM publication"),
        ["(100,https://post.example)"]
    );
    workspace.assert_tallies();
}

#[test]
fn a_published_score_is_unique_by_film_source_and_measure() {
    let workspace = Workspace::empty();
    workspace.csv(CATALOGUE);
    let output = workspace.csv(
        "kind,film,source,measure,score,label,review_count\npublished_score,Lantern,wire,percent_recommended,70,Liked,4\n\
         published_score,Lantern,wire,score,61,,\npublished_score,Lantern,desk,Score,,Raves,\n",
    );
    assert_lines(&output, &["published scores: 2 new, 1 changed, 0 the same"]);
    assert_eq!(
        workspace.rows(&format!("{SCORE} ORDER BY source, kind")),
        [
            "(desk,score,,Raves,)",
            "(wire,percent_recommended,70,Liked,4)",
            "(wire,score,61,,)"
        ]
    );
    let result = workspace.import(
        "rows.csv",
        "kind,film,source,measure,score\npublished_score,Lantern,wire,score,62\npublished_score,Lantern,wire,score,63\n\
         published_score,Lantern,wire,,64\npublished_score,Lantern,,score,65\npublished_score,Lantern,wire,stars,\n",
        &[],
    );
    let error = super::import_error(&result);
    assert_eq!(error.lines().count(), 5, "{error}");
    assert_lines(
        error,
        &[
            "  rows.csv, line 4: measure: a published score needs a measure: score or percent_recommended",
            "  rows.csv, line 5: source: a published score needs a source: fill in the column source, or pass --source",
            "  rows.csv, line 6: measure: must be score or percent_recommended, not \"stars\"",
            "  rows.csv, line 6: score: a published score needs score or label",
        ],
    );
    let result = workspace.import(
        "rows.csv",
        "kind,film,source,measure,score\npublished_score,Lantern,wire,score,62\npublished_score,Lantern,wire,score,63\n",
        &[],
    );
    assert!(
        super::import_error(&result)
            .ends_with("line 3: measure: the same score of this film is already in line 2"),
        "{result:?}"
    );
}

#[test]
fn a_published_score_retains_values_without_a_column_in_the_file() {
    let workspace = Workspace::empty();
    workspace.csv(CATALOGUE);
    workspace.csv(
        "kind,film,source,measure,score\npublished_score,Lantern,wire,percent_recommended,70\n",
    );
    assert_eq!(
        workspace.rows(SCORE),
        [r#"(wire,percent_recommended,70,"Mostly liked",3)"#]
    );
    workspace.csv("kind,film,source,measure,score,label\npublished_score,Lantern,wire,percent_recommended,70,\n");
    assert_eq!(workspace.rows(SCORE), ["(wire,percent_recommended,70,,3)"]);
}

#[test]
fn a_new_external_id_counts_as_a_change() {
    let workspace = Workspace::empty();
    workspace.csv(CATALOGUE);
    let text = "kind,film,ids\nfilm,Lantern,imdb:tt1; tmdb:7\n";
    let output = workspace.csv(text);
    assert_lines(&output, &["films: 0 new, 1 changed, 0 the same", "stored"]);
    assert_lines(
        &workspace.csv(text),
        &["films: 0 new, 0 changed, 1 the same", "nothing changed"],
    );
}

/// What several sites say of one film, of critics and of the public, on three scales.
const SITES: &str = "\
kind,film,source,measure,audience,original_score,scale,score,review_count
published_score,Lantern,rt,percent_recommended,,81%,100,,120
published_score,Lantern,rt,percent_recommended,public,64,100,,2500
published_score,Lantern,metacritic,score,critics,71,100,71,11
published_score,Lantern,metacritic,score,public,\"6,8\",10,,90
published_score,Lantern,imdb,score,public,7.9,10,,1000000
published_score,Lantern,fandango,score,public,4.5,5,,
";

#[test]
fn the_scores_of_critics_and_of_the_public_stand_side_by_side_on_their_scales() {
    let workspace = Workspace::empty();
    workspace.csv(CATALOGUE);
    let output = workspace.csv(SITES);
    assert_lines(&output, &["published scores: 6 new, 0 changed, 0 the same"]);
    let again = workspace.csv(SITES);
    assert_lines(
        &again,
        &[
            "published scores: 0 new, 0 changed, 6 the same",
            "nothing changed",
        ],
    );
    let data = workspace.query(
        "{ film(by: {slug: \"lantern-2001\"}) { publishedScores { source kind audience value scale originalValue agrees } } }",
    );
    let scores = data["film"]["publishedScores"].as_array().unwrap();
    let fields = [
        "source",
        "kind",
        "audience",
        "value",
        "scale",
        "originalValue",
        "agrees",
    ];
    let scores = scores.iter().map(|score| fields.map(|field| &score[field]));
    assert_eq!(
        json!(scores.collect::<Vec<_>>()),
        json!([
            ["fandango", "SCORE", "PUBLIC", 90, 5, "4.5", null],
            ["imdb", "SCORE", "PUBLIC", 79, 10, "7.9", null],
            ["metacritic", "SCORE", "CRITICS", 71, 100, "71", false],
            ["metacritic", "SCORE", "PUBLIC", 68, 10, "6,8", null],
            [
                "rt",
                "PERCENT_RECOMMENDED",
                "CRITICS",
                81,
                100,
                "81%",
                false
            ],
            ["rt", "PERCENT_RECOMMENDED", "PUBLIC", 64, 100, "64", null],
            [
                "wire",
                "PERCENT_RECOMMENDED",
                "CRITICS",
                67,
                null,
                null,
                false
            ],
        ])
    );
}

#[test]
fn a_changed_value_is_stored_with_its_scale() {
    let workspace = Workspace::empty();
    workspace.csv(CATALOGUE);
    workspace.csv(SITES);
    let changed = SITES.replace("7.9,10", "8.1,10").replace("4.5,5", "9,10");
    let output = workspace.csv(&changed);
    assert_lines(&output, &["published scores: 0 new, 2 changed, 4 the same"]);
    let stored = "source, value, scale, original_value FROM published_score WHERE audience = 'public' AND source IN ('imdb', 'fandango') ORDER BY source";
    assert_eq!(
        workspace.rows(stored),
        ["(fandango,90,10,9)", "(imdb,81,10,8.1)"]
    );
}

#[test]
fn a_score_of_the_same_audience_is_a_duplicate() {
    let workspace = Workspace::empty();
    let result = workspace.import(
        "rows.csv",
        "kind,film,source,measure,audience,score\npublished_score,Lantern,wire,score,public,62\n\
         published_score,Lantern,wire,score,,63\npublished_score,Lantern,wire,score,public,64\n",
        &[],
    );
    assert!(
        super::import_error(&result)
            .ends_with("line 4: measure: the same score of this film is already in line 2"),
        "{result:?}"
    );
}
