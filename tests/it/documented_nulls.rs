//! Each nullable field of an object is null in some catalogue and has a value in another.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, TypeKind, TypeSystemDefinition},
};
use marquee::access::Role;
use serde_json::{Value, json};

use crate::support::TestServer;

/// The object types whose fields are read, each with the query for its objects.
const TYPES: [(&str, &str); 14] = [
    ("Film", "films(first: 50) { nodes { # } }"),
    ("Critic", "critics(first: 50) { nodes { # } }"),
    (
        "Agreement",
        "critics(first: 50) { nodes { agreement(with: {slug: \"cy\"}) { # } } }",
    ),
    (
        "ReviewYear",
        "critics(first: 50) { nodes { perYear { # } } }",
    ),
    ("Publication", "publications(first: 50) { nodes { # } }"),
    ("Review", "reviews(first: 50) { nodes { # } }"),
    (
        "ReviewRevision",
        "reviews(first: 50) { nodes { revisions { nodes { # } } } }",
    ),
    ("Score", "films(first: 50) { nodes { score { # } } }"),
    (
        "ScoreSwing",
        "films(first: 50) { nodes { score { swing { # } } inMixed: score(policy: {acclaimFrom: 90, positiveFrom: 80, mixedFrom: 71}) { swing { # } } inNegative: score(policy: {acclaimFrom: 100, positiveFrom: 99, mixedFrom: 98, dislikeBelow: 97}) { swing { # } } } }",
    ),
    (
        "ScorePoint",
        "films(first: 50) { nodes { scoreHistory { nodes { # } } }  } other: films(first: 50) { nodes { scoreHistory(policy: {minimumReviews: 9}) { nodes { # } } } }",
    ),
    (
        "PublishedScore",
        "films(first: 50) { nodes { publishedScores { # } } }",
    ),
    ("Poster", "films(first: 50) { nodes { poster { # } } }"),
    (
        "AlternativeTitle",
        "films(first: 50) { nodes { alternativeTitles { # } } }",
    ),
    (
        "PageInfo",
        "films(first: 50) { pageInfo { # } } empty: films(first: 0) { pageInfo { # } }",
    ),
];

/// Rows with as many values as possible, and with as few.
const ROWS: &str = "
INSERT INTO film (slug, title, year, release_date, runtime_minutes, directors, genres, synopsis, url, countries, cast_members, alternative_titles,
        poster_url, poster_width, poster_height, poster_alt) VALUES
    ('full', 'Full', 2001, '2001-02-03', 90, '{A}', '{B}', 'S', 'https://a.example', '{C}', '{D}', '{E,F [da]}',
        'https://p.example', 200, 300, 'A pier'),
    ('bare', 'Bare', NULL, NULL, NULL, '{}', '{}', NULL, NULL, '{}', '{}', '{}', NULL, NULL, NULL, NULL),
    ('link', 'Link', NULL, NULL, NULL, '{}', '{}', NULL, NULL, '{}', '{}', '{}', 'https://p.example', NULL, NULL, NULL);
INSERT INTO critic (slug, name, url) VALUES ('ann', 'Ann', 'https://a.example'), ('bob', 'Bob', NULL);
INSERT INTO publication (slug, name, url) VALUES ('post', 'Post', 'https://a.example'), ('herald', 'Herald', NULL);
INSERT INTO published_score (film_id, source, kind, audience, value, scale, original_value, label, review_count, positive_count, mixed_count, negative_count)
    SELECT id, 'wire', 'score', 'critics', 61, 10, '6.1', 'Fine', 3, 1, 1, 1 FROM film WHERE slug = 'full' UNION ALL
    SELECT id, 'desk', 'score', 'public', 61, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM film WHERE slug = 'full' UNION ALL
    SELECT id, 'wire', 'percent_recommended', 'critics', NULL, NULL, NULL, 'Liked', NULL, NULL, NULL, NULL FROM film WHERE slug = 'full';
INSERT INTO review (film_id, critic_id, publication_id, score, original_score, score_rule, sentiment, recommended, byline, excerpt, url, reviewed_on, source, external_id)
    SELECT film.id, critic.id, publication.id, 75, '3/4', 'fraction', 'positive', true, 'Ann', 'E', 'https://a.example', '2001-02-03', 'wire', number
    FROM film, critic, publication, generate_series(1, 4) AS number WHERE film.slug = 'full' AND critic.slug = 'ann' AND publication.slug = 'post';
INSERT INTO review (film_id) SELECT id FROM film WHERE slug = 'bare';
UPDATE review SET excerpt = 'Another';
DELETE FROM review WHERE film_id = (SELECT id FROM film WHERE slug = 'bare');
INSERT INTO review (film_id) SELECT id FROM film WHERE slug = 'bare';
UPDATE review SET byline = 'x';
INSERT INTO critic (slug, name) VALUES ('cy', 'Cy'), ('dee', 'Dee'), ('eve', 'Eve');
INSERT INTO film (slug, title) SELECT 'shared-' || n, 'Shared ' || n FROM generate_series(1, 3) AS n;
INSERT INTO review (film_id, critic_id, byline, score, score_rule)
    SELECT film.id, critic.id, 'x', CASE WHEN critic.slug <> 'eve' THEN film.id END, CASE WHEN critic.slug <> 'eve' THEN 'given' END
    FROM film, critic WHERE film.slug LIKE 'shared-%' AND critic.slug IN ('cy', 'dee', 'eve');
UPDATE review SET reviewed_on = '2003-04-05' WHERE critic_id = (SELECT id FROM critic WHERE slug = 'eve');
INSERT INTO review (film_id, publication_id, score, score_rule)
    SELECT film.id, publication.id, 9 * number, 'given' FROM film, publication, generate_series(1, 5) AS number
    WHERE film.slug = 'shared-1' AND publication.slug = 'post';
";

/// Returns the nullable fields of each type, with their selections: those of objects select `__typename`.
fn nullable_fields() -> BTreeMap<String, Vec<(String, String)>> {
    let document = parse_schema(marquee::graphql::schema::sdl()).unwrap();
    let mut objects = BTreeSet::new();
    let mut fields: BTreeMap<String, Vec<(String, BaseType)>> = BTreeMap::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(ty) = definition else {
            continue;
        };
        let TypeKind::Object(object) = ty.node.kind else {
            continue;
        };
        let name = ty.node.name.node.to_string();
        objects.insert(name.clone());
        let nullable = object.fields.into_iter().map(|field| field.node);
        let nullable = nullable.filter(|field| field.ty.node.nullable);
        let nullable = nullable.map(|field| {
            let description = field.description.map(|text| text.node).unwrap_or_default();
            let says_when = description.to_lowercase().contains("null");
            assert!(
                says_when,
                "{name}.{} does not say when it is null",
                field.name.node
            );
            (field.name.node.to_string(), field.ty.node.base)
        });
        fields.insert(name.clone(), nullable.collect());
    }
    let select = |(field, ty): (String, BaseType)| {
        // A critic with few, and one with many films in common.
        let arguments = if field == "agreement" {
            "(with: {slug: \"cy\"})"
        } else {
            ""
        };
        let is_object = matches!(&ty, BaseType::Named(name) if objects.contains(name.as_str()));
        let selection = if is_object {
            format!("{field}{arguments} {{ __typename }}")
        } else {
            field.clone()
        };
        (field, selection)
    };
    fields
        .into_iter()
        .map(|(name, fields)| (name, fields.into_iter().map(select).collect()))
        .collect()
}

/// Records which fields are null and which have a value.
fn record(value: &Value, fields: &BTreeSet<&str>, seen: &mut BTreeSet<(String, bool)>) {
    match value {
        Value::Array(items) => {
            for item in items {
                record(item, fields, seen);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                if fields.contains(name.as_str()) {
                    seen.insert((name.clone(), member.is_null()));
                } else {
                    record(member, fields, seen);
                }
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn each_nullable_field_is_null_for_some_object_and_not_for_another() {
    let server = TestServer::empty().await;
    server.database.execute(ROWS).await;
    let editor = server.database.token(Role::Editor, None).await;
    let ann = server.database.token(Role::Critic, Some(1)).await;
    let nullable = nullable_fields();
    for (ty, query) in TYPES {
        let fields = &nullable[ty];
        let selections: Vec<_> = fields
            .iter()
            .map(|(_, selection)| selection.as_str())
            .collect();
        let document = format!(
            "{{ {} }}",
            query.replace('#', &format!("__typename {}", selections.join(" ")))
        );
        let names: BTreeSet<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
        let mut seen = BTreeSet::new();
        for response in [
            server.send_as(&editor, json!({ "query": document })).await,
            server.send_as(&ann, json!({ "query": document })).await,
            server.send(json!({ "query": document })).await,
        ] {
            // Not everybody may see the previous versions of reviews.
            let errors = response.body["errors"].as_array();
            let mut codes = errors.into_iter().flatten();
            assert!(
                codes.all(|error| error["extensions"]["code"] == "FORBIDDEN"),
                "{document}: {}",
                response.body
            );
            record(&response.body["data"], &names, &mut seen);
        }
        for name in names {
            for is_null in [true, false] {
                assert!(
                    seen.contains(&(name.to_owned(), is_null)),
                    "{ty}.{name} is {} null in {document}",
                    if is_null { "never" } else { "always" }
                );
            }
        }
    }
}
