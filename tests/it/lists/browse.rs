//! The filters and the facets of films, compared with SQL on random catalogues, with and without the index in memory.

mod filter;

use std::fmt::Write;

use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};

use self::filter::{FACETS, Filter};
use crate::{
    scores::rt_sample::server as sample,
    support::{TestDatabase, TestServer, eventually, test_rng::TestRng},
};

/// Films with few different values, and reviews of which some have no score, by few critics and publications.
pub const CATALOGUE: &str = "
INSERT INTO film (slug, title, year, release_date, genres, directors)
SELECT 'film-' || n,
    (ARRAY['The Éclipse', 'A Étude', '...Straße', 'L''Été', 'Die Nacht', 'Истоки', '''71', 'the'])[1 + n % 8] || ' ' || n % 23,
    nullif(1988 + n % 17, 1988), nullif(date '2000-01-01' + n % 9, date '2000-01-01'),
    (ARRAY['{}', '{Drama}', '{Drama,Comedy}', '{Horror,Horror}', '{Comedy,Horror,Drama}'])[1 + n % 5]::text[],
    (ARRAY['{}', '{Agnès Varda}', '{agnes varda,Fritz Lang}', '{Fritz Lang}'])[1 + n % 4]::text[]
FROM generate_series(1, 400) AS n;
INSERT INTO critic (slug, name) SELECT 'critic-' || n, 'Critic ' || n FROM generate_series(1, 5) AS n;
INSERT INTO publication (slug, name) SELECT 'publication-' || n, 'Publication ' || n FROM generate_series(1, 4) AS n;
INSERT INTO review (film_id, critic_id, publication_id, byline, score, score_rule, top_critic, excerpt, reviewed_on)
SELECT film.id, nullif((film.id * 5 + n * 3) % 6, 0), nullif((film.id + n * 7) % 5, 0), 'x',
    CASE WHEN (film.id * n) % 4 > 0 THEN least(100, (film.id * 13 + n * (film.id % 40)) % 104) END,
    CASE WHEN (film.id * n) % 4 > 0 THEN 'given' END,
    (film.id + n) % 3 = 0, CASE WHEN (film.id + n) % 5 > 1 THEN 'Words.' END,
    nullif(date '2010-01-01' + ((film.id * 11 + n * 17) % 60)::int, date '2010-01-01')
FROM film, generate_series(1, 9) AS n WHERE n <= film.id % 10 ORDER BY film.id, n";

/// Returns a server with an index in memory, and one without, with the catalogue.
pub async fn servers() -> (TestServer, TestServer, DatabaseConnection) {
    let server = TestServer::with_arguments(
        TestDatabase::empty().await,
        &["--answer-cache=0", "--row-cache=8"],
    );
    let plain = TestServer::sharing_database_with(
        &server,
        &["--answer-cache=0", "--row-cache=0", "--film-index=false"],
    );
    let connection = server.database.connect(1);
    connection.execute_unprepared(CATALOGUE).await.unwrap();
    server.clear_caches().await;
    (server, plain, connection)
}

#[tokio::test]
async fn films_are_filtered_and_counted_as_by_sql() {
    let (server, plain, connection) = servers().await;
    let mut rng = TestRng::new(24, 2);
    let (mut films, mut values) = (0, 0);
    for _ in 0..80 {
        let filter = Filter::random(&mut rng);
        let text = filter.text();
        let slugs = filter.slugs(&connection).await;
        let facets = filter.facets(&connection).await;
        let document = format!(
            "{{ films(first: 100, filter: {{{text}}}) {{ totalCount nodes {{ slug }} }}
            empty: films(first: 0, filter: {{{text}}}) {{ totalCount }}
            filmFacets(filter: {{{text}}}) {{ {FACETS} }} }}"
        );
        for server in [&server, &plain] {
            let data = server.query(&document).await;
            assert_eq!(data["filmFacets"], facets, "{text}");
            assert_eq!(data["films"]["totalCount"], json!(slugs.len()), "{text}");
            assert_eq!(data["empty"]["totalCount"], json!(slugs.len()), "{text}");
            let nodes = data["films"]["nodes"].as_array().unwrap();
            let mut found: Vec<_> = nodes
                .iter()
                .map(|film| film["slug"].as_str().unwrap())
                .collect();
            found.sort_unstable();
            assert_eq!(found.len(), slugs.len().min(100), "{text}");
            if slugs.len() <= 100 {
                assert_eq!(found, slugs, "{text}");
            }
        }
        films += slugs.len();
        values += facets["years"].as_array().unwrap().len();
    }
    assert!(
        films > 2_000 && values > 200,
        "{films} films, {values} years"
    );
    connection.close().await.unwrap();
}

/// Returns the field of a filter that means a value of a facet.
fn field_of(facet: &str, value: &Value) -> String {
    match (facet, value.as_i64()) {
        ("years", Some(year)) => format!("year: {{from: {year}, to: {year}}}"),
        ("decades", Some(year)) => format!("year: {{from: {year}, to: {}}}", year + 9),
        ("genres", _) => format!("genre: {value}"),
        _ => format!("verdict: [{}]", value.as_str().unwrap()),
    }
}

#[tokio::test]
async fn each_facet_is_the_total_count_of_the_list_filtered_by_its_value() {
    let (server, plain, connection) = servers().await;
    let mut rng = TestRng::new(24, 3);
    let mut checked = 0;
    for round in 0..16 {
        let server = if round % 2 == 0 { &server } else { &plain };
        let filter = Filter::random(&mut rng);
        let document = format!(
            "{{ filmFacets(filter: {{{}}}) {{ {FACETS} }} }}",
            filter.text()
        );
        let facets = server.query(&document).await["filmFacets"].clone();
        for facet in ["years", "decades", "genres", "verdicts"] {
            let own = if facet == "decades" { "years" } else { facet };
            let rest = filter.without(own).text();
            let values = facets[facet].as_array().unwrap();
            let mut lists = String::new();
            for (index, value) in values.iter().enumerate() {
                let field = field_of(facet, &value["value"]);
                write!(
                    lists,
                    "a{index}: films(first: 0, filter: {{{rest}, {field}}}) {{ totalCount }} "
                )
                .unwrap();
            }
            if values.is_empty() {
                continue;
            }
            let lists = server.query(&format!("{{ {lists} }}")).await;
            for (index, value) in values.iter().enumerate() {
                let list = &lists[format!("a{index}")];
                assert_eq!(
                    list["totalCount"],
                    value["count"],
                    "{} {facet} {value}",
                    filter.text()
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 150, "only {checked} values were checked");
    connection.close().await.unwrap();
}

#[tokio::test]
async fn facets_follow_changes_of_films_reviews_and_rules() {
    let server = TestServer::with_arguments(TestDatabase::empty().await, &["--row-cache=8"]);
    let connection = server.database.connect(1);
    connection.execute_unprepared(CATALOGUE).await.unwrap();
    server.clear_caches().await;
    let document =
        format!("{{ filmFacets(filter: {{reviewedBy: {{slug: \"critic-2\"}}}}) {{ {FACETS} }} }}");
    let filter = Filter(vec![(
        "reviewedBy",
        "",
        "EXISTS (SELECT FROM review WHERE film_id = film.id AND critic_id = 2)",
    )]);
    for change in [
        "UPDATE film SET year = 1950, genres = '{War}' WHERE id IN (SELECT film_id FROM review WHERE critic_id = 2 LIMIT 3)",
        "DELETE FROM review WHERE critic_id = 2 AND film_id % 5 = 0",
        "UPDATE review SET critic_id = 2 WHERE critic_id = 3 AND film_id % 2 = 0",
        "UPDATE review SET score = 99 WHERE score IS NOT NULL AND film_id % 7 < 3",
    ] {
        let before = server.query(&document).await;
        let notifications = server.notification_count().await;
        connection.execute_unprepared(change).await.unwrap();
        server.wait_for_notification(notifications).await;
        let after = server.query(&document).await;
        assert_ne!(after, before, "{change}");
        assert_eq!(
            after["filmFacets"],
            filter.facets(&connection).await,
            "{change}"
        );
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn facets_cost_a_statement_and_none_with_the_index() {
    let (server, plain, connection) = servers().await;
    let document = format!("{{ filmFacets(filter: {{hasUnscored: true}}) {{ {FACETS} }} }}");
    let cost = async |server: &TestServer| {
        let response = server.send(json!({ "query": document })).await;
        assert_eq!(response.body["errors"], Value::Null, "{}", response.body);
        response.cost.unwrap()
    };
    assert_eq!(cost(&plain).await, (1, 1));
    eventually("the index is read", async || cost(&server).await == (0, 0)).await;
    connection.close().await.unwrap();
}

#[tokio::test]
async fn an_empty_page_asks_for_the_total_count_alone() {
    let server = TestServer::with_arguments(
        TestDatabase::demo().await,
        &["--answer-cache=0", "--row-cache=0", "--film-index=false"],
    );
    let connection = server.database.connect(1);
    for (list, table) in [
        ("films", "film"),
        ("critics", "critic"),
        ("publications", "publication"),
        ("reviews", "review"),
    ] {
        let sql = format!("SELECT count(*)::text FROM {table}");
        let count: i64 = super::sorted_by_sql(&sql, &connection).await[0]
            .parse()
            .unwrap();
        for size in ["first", "last"] {
            let document = format!(
                "{{ {list}({size}: 0) {{ totalCount nodes {{ id }} edges {{ cursor }} pageInfo {{ startCursor endCursor }} }} }}"
            );
            let response = server.send(json!({ "query": document })).await;
            assert_eq!(response.cost.unwrap(), (1, 1), "{document}");
            assert_eq!(
                response.body["data"][list],
                json!({ "totalCount": count, "nodes": [], "edges": [], "pageInfo": { "startCursor": null, "endCursor": null } }),
            );
        }
    }
    // The tally of a film is read with it, that of an author by its own statement.
    for (owner, table, statements) in [
        ("film", "film", 1),
        ("critic", "critic", 2),
        ("publication", "publication", 2),
    ] {
        let sql = format!("SELECT slug FROM {table} WHERE id = 1");
        let slug = super::sorted_by_sql(&sql, &connection).await.remove(0);
        let sql = format!("SELECT count(*)::text FROM review WHERE {table}_id = 1");
        let count: i64 = super::sorted_by_sql(&sql, &connection).await[0]
            .parse()
            .unwrap();
        let document = format!(
            "{{ {owner}(by: {{slug: \"{slug}\"}}) {{ reviews(first: 0) {{ totalCount nodes {{ id }} }} }} }}"
        );
        let response = server.send(json!({ "query": document })).await;
        assert_eq!(
            response.cost.unwrap(),
            (statements, statements),
            "{document}"
        );
        let list = &response.body["data"][owner]["reviews"];
        assert_eq!(*list, json!({ "totalCount": count, "nodes": [] }));
    }
    connection.close().await.unwrap();
}

/// Real films and reviews, as far as the sample is there.
#[tokio::test]
async fn films_of_the_sample_are_filtered_and_counted_as_by_sql() {
    let Some(server) = sample().await else { return };
    let connection = server.database.connect(1);
    let mut found = 0;
    for fields in [
        vec![],
        vec![("verdict", "[UNIVERSAL_ACCLAIM]", "score > 80")],
        vec![
            ("hasUnscored", "false", ALL_SCORED),
            ("minimumReviews", "5", "review_count >= 5"),
        ],
        vec![
            ("genre", "\"Drama\"", "'Drama' = ANY (genres)"),
            (
                "year",
                "{from: 1990, to: 2005}",
                "year BETWEEN 1990 AND 2005",
            ),
            (
                "verdict",
                "[GENERALLY_FAVORABLE, MIXED_OR_AVERAGE]",
                "score BETWEEN 40 AND 80",
            ),
        ],
        vec![(
            "releaseDate",
            "{from: \"2000-01-01\"}",
            "release_date >= '2000-01-01'",
        )],
    ] {
        let filter = Filter(fields);
        let text = filter.text();
        let document = format!(
            "{{ films(first: 0, filter: {{{text}}}) {{ totalCount }} filmFacets(filter: {{{text}}}) {{ {FACETS} }} }}"
        );
        let data = server.query(&document).await;
        let films = filter.slugs(&connection).await.len();
        assert_eq!(data["films"]["totalCount"], json!(films), "{text}");
        let mut expected = filter.facets(&connection).await;
        expected["genres"].as_array_mut().unwrap().truncate(100);
        assert_eq!(data["filmFacets"], expected, "{text}");
        found += films;
    }
    assert!(found > 100, "only {found} films were found");
    connection.close().await.unwrap();
}

const ALL_SCORED: &str =
    "NOT EXISTS (SELECT FROM review WHERE film_id = film.id AND review.score IS NULL)";
