//! Text is compared by one folding: in memory and by the database, whatever its locale.

mod filters;

use marquee::{database::schema::migrate_up, text};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::support::{TestDatabase, test_rng::TestRng};

/// Returns the result of a function of texts, of the database.
async fn call(function: &str, texts: &[String], connection: &DatabaseConnection) -> Vec<String> {
    let sql = format!(
        "SELECT array_agg({function} ORDER BY n) FROM unnest($1::text[]) WITH ORDINALITY AS given (t, n)"
    );
    let values = [texts.to_vec().into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

async fn assert_folded_alike(texts: &[String], connection: &DatabaseConnection) {
    let folded = call("fold_text(t)", texts, connection).await;
    for (text, folded) in texts.iter().zip(folded) {
        if folded != text::folded(text) {
            let differing = text
                .lines()
                .find(|line| !folded.lines().any(|folded| folded == text::folded(line)));
            panic!(
                "{:?} is folded to something else by the database",
                differing.unwrap_or(text).escape_unicode().to_string()
            );
        }
    }
}

/// Every character that a text of PostgreSQL can have.
fn characters() -> impl Iterator<Item = char> {
    ('\u{1}'..=char::MAX).filter(|character| !matches!(character, '\n' | '\r'))
}

/// The crate of the server and the mappings of the migration are of the same version of Unicode. If a later version of
/// the crate maps more characters, a migration must add them and compute the folded columns again.
#[tokio::test]
async fn the_database_folds_every_character_as_the_server_does() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    let characters: Vec<char> = characters().collect();
    // A line break doesn't compose with anything. "I", "i" and "j" compose with some of the characters.
    let chunks = characters.chunks(500);
    for prefix in ["", "I", "i", "J"] {
        let texts: Vec<String> = chunks
            .clone()
            .map(|chunk| {
                chunk
                    .iter()
                    .flat_map(|character| prefix.chars().chain([*character, '\n']))
                    .collect()
            })
            .collect();
        assert_folded_alike(&texts, &connection).await;
    }
    connection.close().await.unwrap();
}

/// Characters whose folding is long, or composes with others, or decomposes; white space; wildcards.
const TRICKY: &str = "aIiİıJjKkSsZ\u{212a}\u{212b}\u{2126}ßẞſΣσςΑαᾼᾳᾴΐΰώﬁﬃŉǰǄǅԵևﬓᎠꭰꙊꚍ𐐀𐐨ÅåÉéḂạỊị一の각ᄀ\u{1161}\u{11a8}\
    \u{301}\u{300}\u{307}\u{323}\u{30a}\u{30c}\u{316}\u{345}\u{338}\u{3099} \u{a0}\u{3000}\t\n\u{85}\u{200b}%_\\'|";

fn random_text(rng: &mut TestRng, tricky: &[char]) -> String {
    let length = rng.below(12);
    (0..length)
        .map(|_| tricky[rng.below(tricky.len())])
        .collect()
}

#[tokio::test]
async fn the_database_folds_and_normalizes_random_strings_as_the_server_does() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    let tricky: Vec<char> = TRICKY.chars().collect();
    let mut rng = TestRng::new(11, 1);
    let texts: Vec<String> = (0..20_000)
        .map(|_| random_text(&mut rng, &tricky))
        .collect();
    assert_folded_alike(&texts, &connection).await;
    let expected: Vec<String> = texts
        .iter()
        .map(|text| text::normalized(text.trim()).into_owned())
        .collect();
    let normalized = call("(normalize_texts(ARRAY[t, 'x']))[1]", &texts, &connection).await;
    assert_eq!(normalized, expected);
    connection.close().await.unwrap();
}

/// Ends of `CREATE DATABASE` for the locale providers that this PostgreSQL has.
async fn locales() -> Vec<String> {
    let database = TestDatabase::bare().await;
    let libc = database
        .texts(
            "SELECT DISTINCT collcollate::text FROM pg_collation
             WHERE collprovider = 'c' AND collencoding = 6 AND lower(collcollate) ~ '^(c|en_us|tr_tr|de_de)[.]utf-?8$'",
        )
        .await;
    let builtin = database
        .texts("SELECT 'LOCALE_PROVIDER builtin BUILTIN_LOCALE ''C.UTF-8''' WHERE current_setting('server_version_num')::int >= 170000")
        .await;
    let libc = libc.into_iter().chain(["C".to_owned()]);
    let libc =
        libc.map(|name| format!("LOCALE_PROVIDER libc LC_COLLATE '{name}' LC_CTYPE '{name}'"));
    let icu =
        ["und", "en-US", "tr", "lt"].map(|name| format!("LOCALE_PROVIDER icu ICU_LOCALE '{name}'"));
    libc.chain(builtin).chain(icu).collect()
}

#[tokio::test]
async fn databases_of_every_locale_provider_fold_alike() {
    let locales = locales().await;
    assert!(locales.len() >= 5, "{locales:?}");
    let tricky: Vec<char> = TRICKY.chars().collect();
    let mut rng = TestRng::new(12, 1);
    let texts: Vec<String> = (0..2_000).map(|_| random_text(&mut rng, &tricky)).collect();
    for locale in locales {
        let database = TestDatabase::bare_with_locale(&locale).await;
        let connection = database.connect(1);
        migrate_up(&connection).await.unwrap();
        assert_folded_alike(&texts, &connection).await;
        filters::assert_found(&connection, &locale).await;
        connection.close().await.unwrap();
    }
}

/// The filters read few rows: the indexes have what they compare.
#[tokio::test]
async fn indexes_have_the_folded_texts() {
    let database = TestDatabase::empty().await;
    for (condition, table, index) in [
        (
            "title_search LIKE (SELECT '%needle%'::text)",
            "film",
            "film_by_title_text",
        ),
        (
            "genres_normalized @> ARRAY['Drama']",
            "film",
            "film_by_genre",
        ),
        (
            "name_search LIKE (SELECT '%needle%'::text)",
            "critic",
            "critic_by_name_text",
        ),
        (
            "name_search LIKE (SELECT '%needle%'::text)",
            "publication",
            "publication_by_name_text",
        ),
    ] {
        let connection = database.connect(1);
        connection
            .execute_unprepared("SET enable_seqscan = off")
            .await
            .unwrap();
        let sql = format!("EXPLAIN SELECT id FROM {table} WHERE {condition}");
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let plan = connection.query_all_raw(statement).await.unwrap();
        let plan: Vec<String> = plan
            .iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect();
        connection.close().await.unwrap();
        let scan = format!("Bitmap Index Scan on {index}");
        assert!(plan.iter().any(|line| line.contains(&scan)), "{plan:?}");
    }
}
