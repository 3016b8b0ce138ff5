//! The number of SQL statements and round trips of a request. It does not depend on the page size.

use marquee::review::store::ReviewColumns;
use sea_orm::{
    ConnectionTrait,
    sqlx::{self, Connection, PgConnection},
};

use crate::support::{TestDatabase, TestServer};

/// A film page.
const FILM_PAGE: &str = r#"{ film(by: {slug: "the-lighthouse-tax-2019"}) { title
    score { value verdict label estimated reviewCount }
    scoreDistribution { total positive { count label } mixed { count label } negative { count label } histogram(width: 20) { from to count } }
    reviews(first: 20) { totalCount nodes { byline score sentiment reviewedOn excerpt critic { name } publication { name } film { title } } } } }"#;

/// Starts a server with 120 films with 12 reviews each, by 30 critics for 10 publications.
async fn large() -> TestServer {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    connection
        .execute_unprepared(
            "INSERT INTO film (slug, title, year) SELECT 'film-' || n, 'Film ' || n, 1950 + n % 70 FROM generate_series(1, 120) AS n;
             INSERT INTO critic (slug, name) SELECT 'critic-' || n, 'Critic ' || n FROM generate_series(1, 30) AS n;
             INSERT INTO publication (slug, name) SELECT 'paper-' || n, 'Paper ' || n FROM generate_series(1, 10) AS n;
             INSERT INTO review (film_id, critic_id, publication_id, score, score_rule, reviewed_on, source, external_id)
             SELECT film.id, critic.id, publication.id, (film.id * 7 + n * 13) % 101, 'given', date '2020-01-01' + n, 'made', film.id || '/' || n
             FROM film, generate_series(1, 12) AS n,
                LATERAL (SELECT id FROM critic ORDER BY id OFFSET (film.id + n) % 30 LIMIT 1) AS critic,
                LATERAL (SELECT id FROM publication ORDER BY id OFFSET (film.id + n) % 10 LIMIT 1) AS publication",
        )
        .await
        .unwrap();
    connection.close().await.unwrap();
    TestServer::with_database(database)
}

fn browse(films: u32) -> String {
    format!(
        "{{ films(first: {films}, orderBy: {{field: SCORE}}) {{ totalCount pageInfo {{ endCursor }} nodes {{ title year
            score {{ value label }} scoreDistribution {{ positive {{ label }} histogram {{ count }} }}
            reviews(first: 3, orderBy: {{field: DATE}}) {{ totalCount nodes {{ score excerpt critic {{ name }} publication {{ name }} film {{ title }} }} }} }} }} }}"
    )
}

#[tokio::test]
async fn a_film_page_costs_at_most_five_statements_in_three_round_trips() {
    let server = TestServer::demo().await;
    let (statements, round_trips) = server.cost(FILM_PAGE).await;
    assert!(
        statements <= 5 && round_trips <= 3,
        "{statements} statements in {round_trips} round trips"
    );
    // The film with its tally; its reviews; its critics and publications.
    assert_eq!((statements, round_trips), (4, 3));
}

#[tokio::test]
async fn a_page_of_films_costs_at_most_seven_statements_whatever_its_size() {
    let server = large().await;
    let mut costs = Vec::new();
    for films in [1, 20, 100] {
        let response = server.query(&browse(films)).await;
        let nodes = response["films"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), films as usize);
        assert!(
            nodes
                .iter()
                .all(|film| film["reviews"]["nodes"].as_array().unwrap().len() == 3)
        );
        costs.push(server.cost(&browse(films)).await);
    }
    // The films with their tallies; their count; the reviews; the critics and publications.
    assert_eq!(costs, [(5, 3); 3]);
}

#[tokio::test]
async fn a_cyclic_query_reads_each_object_once() {
    let server = large().await;
    let document = "{ films(first: 50) { nodes { title reviews(first: 5) { nodes { critic { name score { value }
        reviews(first: 4) { nodes { score film { title score { value } reviews(first: 2) { nodes { score publication { name score { value } } } } } } } } } } } } }";
    let (statements, _) = server.cost(document).await;
    // Nine kinds of objects on nine levels. Cached films continue while other films are read, which may split a level
    // in two.
    assert!(statements <= 12, "{statements} statements");
}

#[tokio::test]
async fn several_lists_of_one_film_cost_one_statement_each() {
    let server = large().await;
    let document = r#"{ films(first: 30) { nodes {
        best: reviews(first: 2, orderBy: {field: SCORE}) { nodes { score } }
        worst: reviews(first: 2, orderBy: {field: SCORE, direction: ASC}) { nodes { score } }
        bad: reviews(first: 2, filter: {sentiment: [NEGATIVE]}) { totalCount nodes { score } }
        lately: score(filter: {since: "2020-01-06"}) { value reviewCount } } } }"#;
    // The films with their tallies, which have the number of negative reviews; three lists; the tallies since a date.
    assert_eq!(server.cost(document).await, (5, 2));
}

#[tokio::test]
async fn unselected_fields_are_not_read() {
    let server = large().await;
    assert_eq!(server.cost("{ __typename }").await, (0, 0));
    assert_eq!(server.cost("{ films { nodes { title } } }").await, (1, 1));
    for list in ["films", "critics", "publications", "reviews"] {
        let count = format!("{{ {list} {{ totalCount __typename }} }}");
        assert_eq!(server.cost(&count).await, (1, 1), "{list}");
    }
    let fragment = "{ films { ...Count } } fragment Count on FilmConnection { totalCount }";
    assert_eq!(server.cost(fragment).await, (1, 1));
    let counted = "{ films { totalCount pageInfo { hasNextPage } } }";
    assert_eq!(server.cost(counted).await, (2, 1));
    assert_eq!(
        server
            .cost("{ critics { nodes { name score { value } } } }")
            .await,
        (1, 1)
    );
}

/// The statement count in `Server-Timing` equals that of PostgreSQL's log.
#[tokio::test]
async fn the_statement_count_matches_the_log_of_postgresql() {
    let server = large().await;
    server.database.log_statements().await;
    // The server opens its connections upon the first request, so they use the log setting.
    for document in [
        &browse(100),
        "{ publications { nodes { name reviews(first: 1) { nodes { film { title } } } } } }",
    ] {
        let before = server.database.logged_statements();
        let (statements, _) = server.cost(document).await;
        assert_eq!(
            server.database.logged_statements() - before,
            statements as usize,
            "{document}"
        );
    }
}

/// The index that sorts a list includes the columns that the list shows, so that PostgreSQL need not visit the table
/// for each review.
#[tokio::test]
async fn the_latest_reviews_of_a_critic_or_publication_use_an_index_only_scan() {
    let server = large().await;
    let mut connection = PgConnection::connect_with(&server.database.options())
        .await
        .unwrap();
    // With so few rows the planner would prefer a sequential scan.
    for statement in [
        "VACUUM review",
        "SET enable_seqscan = off",
        "SET enable_sort = off",
    ] {
        sqlx::raw_sql(statement)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    for owner in ["critic", "publication"] {
        let list = format!(
            "EXPLAIN SELECT {} FROM review WHERE {owner}_id = 1 ORDER BY reviewed_on DESC NULLS LAST, id LIMIT 21",
            ReviewColumns::MINIMAL.column_list(),
        );
        let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(list))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let wanted = format!("Index Only Scan using review_of_{owner}_by_date on review");
        assert!(plan.iter().any(|line| line.contains(&wanted)), "{plan:#?}");
    }
}

#[tokio::test]
async fn the_external_ids_of_a_page_cost_one_statement_for_each_kind() {
    let server = large().await;
    server
        .database
        .execute(
            "INSERT INTO film_external_id SELECT source, id::text, id FROM film, (VALUES ('imdb'), ('tmdb')) AS given (source);
             INSERT INTO critic_external_id SELECT 'rt', id::text, id FROM critic",
        )
        .await;
    for list in ["films", "critics"] {
        for first in [1, 20, 100] {
            let document = format!(
                "{{ {list}(first: {first}) {{ nodes {{ externalIds {{ source id }} }} }} }}"
            );
            // The page, and the ids of its rows.
            assert_eq!(server.cost(&document).await, (2, 2), "{document}");
        }
    }
    let by = |number: u32| {
        format!(
            "f{number}: film(by: {{external: {{source: \"imdb\", id: \"{number}\"}}}}) {{ title externalIds {{ id }} }}"
        )
    };
    // The keys by the external ids, the films, and all their ids.
    for films in [1, 10] {
        let fields: Vec<_> = (1..=films).map(by).collect();
        let document = format!("{{ {} }}", fields.join(" "));
        assert_eq!(server.cost(&document).await, (3, 3), "{films}");
    }
}
