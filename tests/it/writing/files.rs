//! `importFile`: importing a file of any layout.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rust_xlsxwriter::Workbook;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::{Fixture, codes};

const SELECTION: &str = "tables { name form layout title rowsAre rowCount columns { name meaning notRead example } notes }
    firstRecords { table line values { column value } } rowErrors { table line column message } notes
    films { added changed same } critics { added changed same } publications { added } publishedScores { added }
    reviews { added changed same } similarNames { name candidate { name } } userErrors { field code message }";

const CHANGES: &str =
    "films { added } reviews { added changed same } userErrors { field code message }";

const REVIEWS: &str = "Title,Year,Critic,Publication,Rating,Date,Text\n\
    Amber Tide,2011,Nora Merrow,Quay Weekly,3.5/5,\"March 4, 2011\",A slow tide.\n\
    Glass Meadow,2014,Karl Stroem,Quay Weekly,B+,2014-05-06,\"Clear, and cold.\"\n\
    Lamp,1999,Ann,Post,4/5,2001-02-03,Lit.\n";

fn text(content: &str, more: Value) -> Value {
    super::merged(
        json!({ "content": { "text": content }, "name": "reviews.csv" }),
        more,
    )
}

fn base64(bytes: &[u8], more: Value) -> Value {
    super::merged(
        json!({ "content": { "base64": STANDARD.encode(bytes) } }),
        more,
    )
}

async fn count(fixture: &Fixture, table: &str) -> String {
    let sql = format!("SELECT count(*)::text FROM {table}");
    fixture.database().texts(&sql).await.concat()
}

#[tokio::test]
async fn a_dry_run_shows_the_plan_and_the_first_rows_and_stores_nothing() {
    let fixture = Fixture::new().await;
    let dry_run = text(REVIEWS, json!({ "dryRun": true }));
    let plan = fixture.write("importFile", SELECTION, dry_run).await;
    let table = &plan["tables"][0];
    let facts = json!([
        table["name"],
        table["layout"],
        table["rowsAre"],
        table["rowCount"]
    ]);
    assert_eq!(facts, json!(["reviews.csv", "columns", "reviews", 3]));
    assert_eq!(
        table["columns"][4],
        json!({ "name": "Rating", "meaning": "original_score", "notRead": null, "example": "3.5/5" })
    );
    let changes = json!([plan["films"], plan["reviews"]]);
    let new = |added: u8, same: u8| json!({ "added": added, "changed": 0, "same": same });
    assert_eq!(changes, json!([new(2, 1), new(3, 0)]));
    let first = &plan["firstRecords"][0];
    let place = json!([first["table"], first["line"]]);
    assert_eq!(place, json!(["reviews.csv", 2]));
    let values = first["values"].as_array().unwrap();
    for (column, value) in [
        ("film", "Amber Tide"),
        ("film_year", "2011"),
        ("score", "70"),
        ("reviewed_on", "2011-03-04"),
    ] {
        let value = json!({ "column": column, "value": value });
        assert!(values.contains(&value), "{column}: {first}");
    }
    assert_eq!(plan["userErrors"], json!([]));
    assert_eq!(count(&fixture, "review").await, "0");
    assert_eq!(count(&fixture, "film").await, "1");
    let stored = text(REVIEWS, json!({}));
    assert_eq!(fixture.write("importFile", SELECTION, stored).await, plan);
}

#[tokio::test]
async fn a_file_is_stored_once_and_updated_by_the_next_one() {
    let fixture = Fixture::new().await;
    let import = async |content: &str| {
        let payload = fixture
            .write("importFile", CHANGES, text(content, json!({})))
            .await;
        let reviews = &payload["reviews"];
        ["added", "changed", "same"].map(|change| reviews[change].as_i64().unwrap())
    };
    assert_eq!(import(REVIEWS).await, [3, 0, 0]);
    let reviews = "SELECT concat_ws('|', film.slug, critic.slug, publication.slug, score, original_score, reviewed_on)
        FROM review JOIN film ON film.id = film_id JOIN critic ON critic.id = critic_id
        JOIN publication ON publication.id = publication_id ORDER BY review.id";
    assert_eq!(
        fixture.database().texts(reviews).await,
        [
            "amber-tide-2011|nora-merrow|quay-weekly|70|3.5/5|2011-03-04",
            "glass-meadow-2014|karl-stroem|quay-weekly|83|B+|2014-05-06",
            "lamp-1999|ann|post|80|4/5|2001-02-03",
        ]
    );
    // The caches of the server follow.
    let lamp = "{ film(by: {slug: \"lamp-1999\"}) { reviews { nodes { score } } } }";
    let scores = fixture.read(lamp).await;
    assert_eq!(scores["film"]["reviews"]["nodes"], json!([{ "score": 80 }]));
    assert_eq!(import(REVIEWS).await, [0, 0, 3]);
    assert_eq!(import(&REVIEWS.replace("4/5", "2/5")).await, [0, 1, 2]);
    let scores = fixture.read(lamp).await;
    assert_eq!(scores["film"]["reviews"]["nodes"], json!([{ "score": 40 }]));
    let actors = "SELECT DISTINCT replaced_by FROM review_revision";
    let replaced_by = fixture.database().texts(actors).await.concat();
    assert!(replaced_by.starts_with("editor (token "), "{replaced_by}");
}

#[tokio::test]
async fn a_spreadsheet_is_imported_from_base64() {
    let fixture = Fixture::new().await;
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Notes").unwrap();
    for (row, cells) in [
        ["Film", "Reviewer", "Score"],
        ["Amber Tide", "Nora Merrow", "71"],
    ]
    .iter()
    .enumerate()
    {
        for (column, cell) in cells.iter().enumerate() {
            let (row, column) = (u32::try_from(row).unwrap(), u16::try_from(column).unwrap());
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    let bytes = workbook.save_to_buffer().unwrap();
    let input = base64(
        &bytes,
        json!({ "name": "notes.xlsx", "columns": [{ "column": "Score", "meaning": "score" }] }),
    );
    let payload = fixture.write("importFile", SELECTION, input).await;
    assert_eq!(payload["userErrors"], json!([]));
    assert_eq!(payload["tables"][0]["name"], "notes.xlsx/Notes");
    assert_eq!(payload["reviews"]["added"], 1);
    assert_eq!(
        fixture
            .database()
            .texts("SELECT score::text FROM review")
            .await,
        ["71"]
    );
}

#[tokio::test]
async fn files_and_choices_that_cannot_be_read_are_refused_with_what_mends_them() {
    let fixture = Fixture::new().await;
    let errors = async |input: Value| {
        let payload = fixture.write("importFile", CHANGES, input).await;
        assert_eq!(payload["reviews"], Value::Null);
        let messages = payload["userErrors"].as_array().unwrap().iter();
        let messages: Vec<String> = messages
            .map(|error| error["message"].as_str().unwrap().to_owned())
            .collect();
        (codes(&payload), messages.join("\n"))
    };
    let (found, message) = errors(text("Name,Year\nAmber Tide,2011\n", json!({}))).await;
    assert_eq!(found, ["content INVALID"]);
    assert!(
        message.contains("reviews.csv: no column is known as the title of a film"),
        "{message}"
    );
    let (found, message) = errors(text("Film\nAmber Tide\n", json!({}))).await;
    assert_eq!(found, ["content INVALID"]);
    assert!(message.contains("--as films"), "{message}");
    let films = text("Film,Kritik\nAmber Tide,\n", json!({ "rowsAs": "REVIEWS" }));
    let refused = fixture.write("importFile", SELECTION, films).await;
    assert_eq!(codes(&refused), ["content INVALID"]);
    // What was understood of the file stands beside the error.
    assert_eq!(refused["tables"][0]["columns"][0]["name"], "Film");
    let wrong = json!({
        "content": { "base64": "x" }, "delimiter": "ab", "encoding": "klingon", "bareScoresOutOf": 0, "starsOutOf": 101, "headerRow": 0,
        "columns": [{ "column": "a", "meaning": "nothing" }], "critic": "a\nb",
    });
    let (mut found, _) = errors(wrong).await;
    found.sort();
    assert_eq!(
        found,
        [
            "bareScoresOutOf OUT_OF_RANGE",
            "columns.0.meaning INVALID",
            "content.base64 INVALID",
            "critic INVALID",
            "delimiter INVALID",
            "encoding INVALID",
            "headerRow OUT_OF_RANGE",
            "starsOutOf OUT_OF_RANGE",
        ]
    );
}

#[tokio::test]
async fn choices_that_contradict_each_other_and_files_beyond_a_bound_are_refused() {
    let fixture = Fixture::new().await;
    let errors = async |input: Value| {
        let payload = fixture.write("importFile", CHANGES, input).await;
        let message = payload["userErrors"][0]["message"].to_string();
        (codes(&payload), message)
    };
    let contradicting = json!({
        "encoding": "windows-1252", "hasHeader": false, "headerRow": 1, "columns": [{ "column": "Text", "meaning": " " }],
    });
    let (found, _) = errors(text(REVIEWS, contradicting)).await;
    assert_eq!(
        found,
        [
            "columns.0.meaning BLANK",
            "encoding INVALID",
            "headerRow CONTRADICTION",
        ]
    );
    let rows = "Lamp,4/5\n".repeat(50_001).replace("Lamp", "La");
    let (found, message) = errors(text(&format!("Film,Rating\n{rows}"), json!({}))).await;
    assert_eq!(found, ["content INVALID"]);
    assert!(message.contains("more than 50000 rows"), "{message}");
    for bytes in [&b"\x00\x01\x02\xff"[..], b"", b"PK\x03\x04"] {
        let (found, _) = errors(base64(bytes, json!({}))).await;
        assert_eq!(found, ["content INVALID"], "{bytes:?}");
    }
    assert_eq!(count(&fixture, "film").await, "1");
}

#[tokio::test]
async fn invalid_rows_are_listed_and_nothing_is_stored() {
    let fixture = Fixture::new().await;
    let broken = REVIEWS
        .replace("2014-05-06", "2014-05-66")
        .replace("Lamp,1999", "Lamp,99999");
    let payload = fixture
        .write("importFile", SELECTION, text(&broken, json!({})))
        .await;
    let errors = payload["rowErrors"].as_array().unwrap();
    let places: Vec<_> = errors
        .iter()
        .map(|error| {
            (
                error["line"].as_i64().unwrap(),
                error["column"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(places, [(3, "Date"), (4, "Year")]);
    assert_eq!(codes(&payload), ["content INVALID"]);
    assert_eq!(payload["tables"][0]["rowCount"], 3);
    assert_eq!(count(&fixture, "review").await, "0");
}

/// The database finds an ambiguous name only after the other names of the file are added.
#[tokio::test]
async fn a_file_that_contradicts_the_catalogue_leaves_nothing_behind() {
    let fixture = Fixture::new().await;
    fixture.database().execute("INSERT INTO critic (slug, name) VALUES ('nora-1', 'Nora Merrow'), ('nora-2', 'Nora Merrow')").await;
    let input = || text(REVIEWS, json!({ "idempotencyKey": "file" }));
    let refused = fixture.write("importFile", CHANGES, input()).await;
    assert_eq!(codes(&refused), ["content AMBIGUOUS"]);
    let message = refused["userErrors"][0]["message"].as_str().unwrap();
    assert!(
        message.starts_with("reviews.csv, line 2: critic: 2 critics have the name 'Nora Merrow'"),
        "{message}"
    );
    for (table, rows) in [
        ("film", "1"),
        ("critic", "4"),
        ("publication", "1"),
        ("review", "0"),
        ("idempotency_key", "1"),
    ] {
        assert_eq!(count(&fixture, table).await, rows, "{table}");
    }
    // A retry with the same key returns the first result, even if the cause is gone.
    fixture
        .database()
        .execute("DELETE FROM critic WHERE slug = 'nora-2'")
        .await;
    assert_eq!(fixture.write("importFile", CHANGES, input()).await, refused);
    let stored = text(REVIEWS, json!({ "idempotencyKey": "other" }));
    let first = fixture.write("importFile", CHANGES, stored.clone()).await;
    assert_eq!(first["reviews"]["added"], 3);
    assert_eq!(fixture.write("importFile", CHANGES, stored).await, first);
    assert_eq!(count(&fixture, "review").await, "3");
}

#[tokio::test]
async fn a_file_waits_for_another_import_and_only_editors_send_files() {
    let fixture = Fixture::new().await;
    let blocker = fixture.database().connect(1);
    let lock = format!(
        "BEGIN; SELECT pg_advisory_xact_lock({})",
        0x696d_706f_7274_i64
    );
    blocker.execute_unprepared(&lock).await.unwrap();
    let sent = fixture.write("importFile", CHANGES, text(REVIEWS, json!({})));
    let released = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(count(&fixture, "review").await, "0");
        blocker.execute_unprepared("ROLLBACK").await.unwrap();
    };
    let (payload, ()) = tokio::join!(sent, released);
    assert_eq!(payload["reviews"]["added"], 3);
    let token = fixture.ann_token().await;
    let code = fixture
        .error_code(&token, "importFile", text(REVIEWS, json!({})))
        .await;
    assert_eq!(code, "FORBIDDEN");
}
