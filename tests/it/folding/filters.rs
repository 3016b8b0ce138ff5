//! Filters by title, name and genre find the same in the index in memory and in the database.

use marquee::{database::sql, filter::Substring};
use sea_orm::{
    ConnectionTrait, DatabaseConnection,
    sea_query::{Expr, Query},
};
use serde_json::json;

use crate::support::{TestDatabase, TestServer};

/// Texts that a search with any of them finds.
const ALIKE: [&[&str]; 11] = [
    &[
        "istanbul",
        "İstanbul",
        "ISTANBUL",
        "ıstanbul",
        "I\u{307}stanbul",
        "i\u{307}stanbul",
    ],
    &["ışık", "IŞIK", "Işık", "Is\u{327}ık"],
    &["οδος", "ΟΔΟΣ", "οδοσ"],
    &["strasse", "Straße", "STRASSE", "STRAẞE"],
    &[
        "éclair",
        "Éclair",
        "E\u{301}CLAIR",
        "e\u{301}clair",
        "eclair",
    ],
    &["ǰ", "J\u{30c}", "j\u{30c}"],
    &["100% _sure_\\", " 100% _SURE_\\\u{3000}"],
    &["各 가 film", "各 \u{1100}\u{1161} FILM"],
    &["łódź", "Lodz", "LÓDŹ"],
    &["ガ行", "ｶﾞ行"],
    &["o’hara", "O'HARA"],
];

/// Inserts every text as a title, a name and a genre, without normalizing it, as an operator may do with psql.
async fn insert(connection: &DatabaseConnection) {
    let texts: Vec<String> = ALIKE
        .iter()
        .copied()
        .flatten()
        .map(|text| (*text).to_owned())
        .collect();
    for insert in [
        "INSERT INTO film (slug, title, genres) SELECT 'x' || n, t, ARRAY[t, 'Other'] FROM given",
        "INSERT INTO critic (slug, name) SELECT 'x' || n, t FROM given",
        "INSERT INTO publication (slug, name) SELECT 'x' || n, t FROM given",
    ] {
        let sql = format!(
            "WITH given AS (SELECT * FROM unnest($1::text[]) WITH ORDINALITY AS given (t, n)) {insert}"
        );
        sql::execute(connection, &sql, [texts.clone().into()])
            .await
            .unwrap();
    }
}

/// Returns the numbers of the texts of a group.
fn expected(group: usize) -> Vec<String> {
    let before: usize = ALIKE.iter().take(group).map(|texts| texts.len()).sum();
    let numbers = before + 1..=before + ALIKE[group].len();
    numbers.map(|number| format!("x{number}")).collect()
}

/// Inserts the texts, and asserts that the database's statements find all that are alike.
pub async fn assert_found(connection: &DatabaseConnection, locale: &str) {
    insert(connection).await;
    for (table, column) in [
        ("film", "title_search"),
        ("critic", "name_search"),
        ("publication", "name_search"),
    ] {
        for (group, texts) in ALIKE.iter().enumerate() {
            for text in *texts {
                let contains = sql::contains(Expr::col(column), &Substring::new(text));
                let select = Query::select()
                    .column("slug")
                    .from(table)
                    .and_where(contains)
                    .order_by("id", sea_orm::Order::Asc)
                    .take();
                let rows = connection.query_all_raw(sql::build(&select)).await.unwrap();
                let slugs: Vec<String> = rows
                    .iter()
                    .map(|row| row.try_get_by_index(0).unwrap())
                    .collect();
                assert_eq!(slugs, expected(group), "{locale}: {table} {text:?}");
            }
        }
    }
}

/// Returns the slugs of a list, by id, with the total count.
async fn slugs(server: &TestServer, list: &str, field: &str, text: &str) -> (Vec<String>, u64) {
    let document = format!(
        "query($text: String) {{ list: {list}(first: 100, filter: {{{field}: $text}}) {{ totalCount nodes {{ slug }} }} }}"
    );
    let response = server
        .send(json!({ "query": document, "variables": { "text": text } }))
        .await;
    let list = &response.body["data"]["list"];
    let nodes = list["nodes"]
        .as_array()
        .unwrap_or_else(|| panic!("{}", response.body));
    let mut slugs: Vec<String> = nodes
        .iter()
        .map(|node| node["slug"].as_str().unwrap().to_owned())
        .collect();
    slugs.sort_by_key(|slug| slug[1..].parse::<u32>().unwrap());
    (slugs, list["totalCount"].as_u64().unwrap())
}

#[tokio::test]
async fn the_index_and_the_database_find_all_texts_that_are_alike() {
    let server = TestServer::with_arguments(TestDatabase::empty().await, &["--answer-cache=0"]);
    let plain =
        TestServer::sharing_database_with(&server, &["--answer-cache=0", "--film-index=false"]);
    let connection = server.database.connect(1);
    insert(&connection).await;
    connection.close().await.unwrap();
    for server in [&server, &plain] {
        server.clear_caches().await;
        for (list, field) in [
            ("films", "title"),
            ("critics", "name"),
            ("publications", "name"),
        ] {
            for (group, texts) in ALIKE.iter().enumerate() {
                for text in *texts {
                    let expected = expected(group);
                    for text in [(*text).to_owned(), format!("\t {text}\u{2003}")] {
                        let (found, total) = slugs(server, list, field, &text).await;
                        assert_eq!(found, expected, "{list} {text:?}");
                        assert_eq!(total, expected.len() as u64);
                    }
                }
            }
        }
    }
}

/// Genres are names of the site: their spelling and case matter, but not their encoding.
#[tokio::test]
async fn the_index_and_the_database_find_genres_in_any_normal_form() {
    let server = TestServer::with_arguments(TestDatabase::empty().await, &["--answer-cache=0"]);
    let plain =
        TestServer::sharing_database_with(&server, &["--answer-cache=0", "--film-index=false"]);
    let insert = "INSERT INTO film (slug, title, genres) VALUES
        ('x1', 'a', ARRAY['Other', U&'Come\\0301die']), ('x2', 'b', ARRAY['Comédie']), ('x3', 'c', ARRAY[U&'\\3000Comédie ']),
        ('x4', 'd', ARRAY['comédie']), ('x5', 'e', ARRAY[' Drama', 'Other'])";
    server.database.execute(insert).await;
    for server in [&server, &plain] {
        server.clear_caches().await;
        for (genre, expected) in [
            ("Comédie", &["x1", "x2", "x3"][..]),
            (" Come\u{301}die\u{a0}", &["x1", "x2", "x3"]),
            ("comédie", &["x4"]),
            ("Drama", &["x5"]),
            ("Other", &["x1", "x5"]),
            ("other", &[]),
        ] {
            let (found, total) = slugs(server, "films", "genre", genre).await;
            assert_eq!(found, expected, "{genre:?}");
            assert_eq!(total, expected.len() as u64);
        }
    }
}
