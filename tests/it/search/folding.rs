//! The database folds searched text, and splits it into words, as the server does.

use marquee::text::search::{fold, words};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::support::{TestDatabase, test_rng::TestRng};

/// Returns the folded texts and their words, of the database. The words are sorted.
async fn fold_in_database(
    texts: &[String],
    connection: &DatabaseConnection,
) -> Vec<(String, Vec<String>)> {
    let sql = "SELECT fold_search(t) AS folded, tsvector_to_array(search_vector(t)) AS words
        FROM unnest($1::text[]) WITH ORDINALITY AS given (t, n) ORDER BY n";
    let values = [texts.to_vec().into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| {
            (
                row.try_get("", "folded").unwrap(),
                row.try_get("", "words").unwrap(),
            )
        })
        .collect()
}

async fn assert_alike(texts: &[String], connection: &DatabaseConnection) {
    let folded = fold_in_database(texts, connection).await;
    for (text, (folded, words_of_database)) in texts.iter().zip(folded) {
        let expected = fold(text);
        assert_eq!(folded, expected, "{}", text.escape_unicode());
        let mut expected = words(&expected);
        expected.sort_unstable();
        expected.dedup();
        // PostgreSQL sorts by length first.
        let mut words_of_database = words_of_database;
        words_of_database.sort_unstable();
        assert_eq!(words_of_database, expected, "{}", text.escape_unicode());
    }
}

/// Every character, alone and between letters that some compose with.
#[tokio::test]
async fn every_character_is_folded_alike() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    let characters: Vec<char> = ('\u{1}'..=char::MAX).collect();
    for chunk in characters.chunks(20_000) {
        for (before, after) in [("", ""), ("a", "b")] {
            let texts = chunk
                .iter()
                .map(|character| format!("{before}{character}{after}"));
            let texts: Vec<String> = texts.collect();
            assert_alike(&texts, &connection).await;
        }
    }
    connection.close().await.unwrap();
}

const TRICKY: &str = "aIiİıßẞΣσςᾼᾳᾴΐﬁŉǰÅéỊ一の각ᄀ\u{1161}\u{11a8}\u{301}\u{307}\u{323}\u{345}\u{338}\u{3099}\u{5b0}\u{93c}\u{e48} \
    \u{a0}\u{3000}\t\n\u{200b}\u{ad}%_\\'’“—…½①Ⅷ㍿ｶﾞøÆðþŒłЁйが東ー々・١";

#[tokio::test]
async fn random_texts_are_folded_alike() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    let tricky: Vec<char> = TRICKY.chars().collect();
    let mut rng = TestRng::new(13, 1);
    let mut texts: Vec<String> = (0..10_000)
        .map(|_| {
            let length = rng.below(14);
            (0..length)
                .map(|_| tricky[rng.below(tricky.len())])
                .collect()
        })
        .collect();
    texts.extend([
        "x".repeat(5_000),
        format!("{} {}", "é".repeat(80), "y".repeat(64)),
        "word ".repeat(2_000),
        "東京".repeat(5_000),
    ]);
    assert_alike(&texts, &connection).await;
    connection.close().await.unwrap();
}
