//! Films as JSON-LD, and excerpts for previews.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer};

/// Adds a film with two reviews, of which only the first has all properties, and a film without any.
const ROWS: &str = "
INSERT INTO film (slug, title, year, release_date, runtime_minutes, directors, genres, synopsis, url) VALUES
    ('amber-tide', 'Amber Tide', 2001, '2001-02-03', 90, '{Nora Merrow}', '{Drama}', 'A harbour.</script>', 'https://films.example/tide'),
    ('glass-meadow', 'Glass Meadow', 1999, NULL, NULL, '{}', '{}', NULL, NULL);
UPDATE film SET countries = '{Denmark}', cast_members = '{Kim Holt,Ida Fern}', alternative_titles = '{Ravtidevann [nb]}',
    poster_url = 'https://films.example/tide.jpg', poster_width = 400 WHERE slug = 'amber-tide';
INSERT INTO critic (slug, name) VALUES ('karl', 'Karl Stroem');
INSERT INTO publication (slug, name) VALUES ('quay', 'Quay Weekly');
INSERT INTO review (film_id, critic_id, publication_id, score, score_rule, byline, excerpt, url, reviewed_on)
    SELECT film.id, critic.id, publication.id, 70, 'given', 'Karl', 'Wide, and salty.', 'https://quay.example/1', '2001-03-04'::date
    FROM film, critic, publication WHERE film.slug = 'amber-tide';
INSERT INTO review (film_id, publication_id, score, score_rule, reviewed_on)
    SELECT film.id, publication.id, score, 'given', '2001-03-01'::date - score
    FROM film, publication, unnest(ARRAY[60, 80, 90]) AS score WHERE film.slug = 'amber-tide';
INSERT INTO review (film_id, sentiment, reviewed_on) SELECT id, 'positive', '1999-01-01' FROM film WHERE slug = 'amber-tide';
";

async fn server() -> TestServer {
    let database = TestDatabase::empty().await;
    database.execute(ROWS).await;
    TestServer::with_database(database)
}

async fn json_ld(slug: &str, server: &TestServer) -> (String, Value) {
    let query = format!("{{ film(by: {{ slug: \"{slug}\" }}) {{ jsonLd(first: 2) }} }}");
    let text = server.query(&query).await["film"]["jsonLd"].take();
    let text = text.as_str().unwrap().to_owned();
    let value = serde_json::from_str(&text).unwrap();
    (text, value)
}

#[tokio::test]
async fn a_film_has_its_score_and_its_newest_reviews_as_json_ld() {
    let server = server().await;
    let (text, movie) = json_ld("amber-tide", &server).await;
    assert!(!text.contains('<'), "{text}");
    let rating = |value: u8| json!({ "@type": "Rating", "ratingValue": value, "bestRating": 100, "worstRating": 0 });
    let quay = json!({ "@type": "Organization", "name": "Quay Weekly" });
    let expected = json!({
        "@context": "https://schema.org",
        "@type": "Movie",
        "name": "Amber Tide",
        "datePublished": "2001-02-03",
        "duration": "PT90M",
        "director": [{ "@type": "Person", "name": "Nora Merrow" }],
        "actor": [{ "@type": "Person", "name": "Kim Holt" }, { "@type": "Person", "name": "Ida Fern" }],
        "alternateName": ["Ravtidevann"],
        "countryOfOrigin": [{ "@type": "Country", "name": "Denmark" }],
        "image": "https://films.example/tide.jpg",
        "genre": ["Drama"],
        "description": "A harbour.</script>",
        "sameAs": "https://films.example/tide",
        "aggregateRating": {
            "@type": "AggregateRating", "ratingValue": 75, "bestRating": 100, "worstRating": 0,
            "ratingCount": 4, "reviewCount": 5,
        },
        "review": [
            {
                "@type": "CriticReview",
                "author": { "@type": "Person", "name": "Karl Stroem" },
                "publisher": quay,
                "datePublished": "2001-03-04",
                "reviewRating": rating(70),
                "reviewBody": "Wide, and salty.",
                "url": "https://quay.example/1",
            },
            {
                "@type": "CriticReview",
                "author": quay,
                "publisher": quay,
                "datePublished": "2000-12-31",
                "reviewRating": rating(60),
            },
        ],
    });
    assert_eq!(movie, expected);
}

#[tokio::test]
async fn a_film_without_reviews_has_no_rating_in_its_json_ld() {
    let server = server().await;
    let (_, movie) = json_ld("glass-meadow", &server).await;
    let expected = json!({
        "@context": "https://schema.org", "@type": "Movie", "name": "Glass Meadow", "datePublished": "1999",
    });
    assert_eq!(movie, expected);
}

#[tokio::test]
async fn the_reviews_of_several_films_are_read_by_three_statements() {
    let server = server().await;
    let cost = server.cost("{ films { nodes { jsonLd } } }").await;
    // The films, their reviews, and at the same time the critics and the publications of these.
    assert_eq!(cost, (4, 3));
}

#[tokio::test]
async fn an_excerpt_is_shortened_to_a_number_of_characters() {
    let server = server().await;
    let data = server
        .query("{ reviews { nodes { whole: excerptText short: excerptText(maxLength: 8) } } }")
        .await;
    let reviews = data["reviews"]["nodes"].as_array().unwrap();
    let texts: BTreeSet<_> = reviews
        .iter()
        .map(|review| (review["whole"].as_str(), review["short"].as_str()))
        .collect();
    let expected = [(None, None), (Some("Wide, and salty."), Some("Wide…"))];
    assert_eq!(texts, BTreeSet::from(expected));
    for length in [0, 10_001] {
        let query = format!("{{ reviews {{ nodes {{ excerptText(maxLength: {length}) }} }} }}");
        assert_eq!(server.error_code(&query).await, "OUT_OF_RANGE");
    }
    // Only the field is null.
    let query = "{ reviews(first: 1) { nodes { id excerptText(maxLength: 0) } } }";
    let response = server.send(json!({ "query": query })).await;
    let review = &response.body["data"]["reviews"]["nodes"][0];
    assert!(
        review["id"].is_string() && review["excerptText"].is_null(),
        "{}",
        response.body
    );
}
