//! Each cell of the table is tested against a server.

use marquee::{
    access::Role,
    global_id::{GlobalId, Kind},
};
use serde_json::{Value, json};

use super::table::{Caller, Row, TABLE};
use crate::support::{TestDatabase, TestServer};

/// The fixtures of one cell. Each cell has its own rows, so that cells don't affect each other.
struct CellFixture<'a> {
    database: &'a TestDatabase,
    caller: Caller,
    /// The number that makes the rows of this cell unique.
    number: i64,
}

impl CellFixture<'_> {
    /// Returns the key of the calling critic, or of an unrelated critic for other callers.
    fn own_critic(&self) -> i64 {
        self.number * 10 + 1
    }

    /// Returns the key of the critic whose review the input refers to.
    fn target_critic(&self) -> i64 {
        match self.caller {
            Caller::OthersCritic => self.own_critic() + 1,
            Caller::Anonymous | Caller::OwnCritic | Caller::Editor | Caller::Admin => {
                self.own_critic()
            }
        }
    }

    /// Inserts the rows.
    async fn insert_rows(&self) {
        let (n, own) = (self.number, self.own_critic());
        let (others, spare) = (own + 1, own + 2);
        let public_id = format!("{n:012x}");
        let sql = format!(
            "INSERT INTO film (id, slug, title) OVERRIDING SYSTEM VALUE
                SELECT id, 'film-' || id, 'Film ' || id FROM generate_series({own}, {others}) AS id;
             INSERT INTO critic (id, slug, name) OVERRIDING SYSTEM VALUE
                SELECT id, 'critic-' || id, 'Critic ' || id FROM generate_series({own}, {spare}) AS id;
             INSERT INTO publication (id, slug, name) OVERRIDING SYSTEM VALUE
                SELECT id, 'paper-' || id, 'Paper ' || id FROM generate_series({own}, {others}) AS id;
             INSERT INTO review (id, film_id, critic_id, publication_id, score, score_rule) OVERRIDING SYSTEM VALUE
                SELECT id, {own}, id, {own}, 40, 'given' FROM generate_series({own}, {others}) AS id;
             INSERT INTO review_revision (review_id, film_id, critic_id, score, score_rule, top_critic, since, replaced_by, version, operation)
                SELECT id + 5, {others}, id, 40, 'given', false, now(), 'test', 7, 'deleted' FROM generate_series({own}, {others}) AS id;
             INSERT INTO api_token (id, public_id, secret_hash, name, role, created_by) OVERRIDING SYSTEM VALUE
                VALUES ({own}, '{public_id}', decode(repeat('00', 32), 'hex'), 'token {n}', 'editor', 'test')"
        );
        self.database.execute(&sql).await;
    }

    /// Creates the token of the caller.
    async fn token(&self) -> Option<String> {
        let (role, critic) = match self.caller {
            Caller::Anonymous => return None,
            Caller::OwnCritic | Caller::OthersCritic => (Role::Critic, Some(self.own_critic())),
            Caller::Editor => (Role::Editor, None),
            Caller::Admin => (Role::Admin, None),
        };
        Some(self.database.token(role, critic).await)
    }

    /// Replaces placeholders in a text of the table with the keys and ids of this cell.
    fn fill(&self, text: &str) -> String {
        let (own, target) = (self.own_critic(), self.target_critic());
        let id = |kind, key| format!("\"{}\"", GlobalId { kind, key }.encode());
        [
            ("<n>", self.number.to_string()),
            ("<film>", id(Kind::Film, own)),
            ("<spare film>", id(Kind::Film, own + 1)),
            ("<critic>", id(Kind::Critic, target)),
            ("<spare critic>", id(Kind::Critic, own + 2)),
            ("<publication>", id(Kind::Publication, own)),
            ("<spare publication>", id(Kind::Publication, own + 1)),
            ("<review>", id(Kind::Review, target)),
            ("<deleted review>", id(Kind::Review, target + 5)),
            ("<deleted key>", (target + 5).to_string()),
            ("<token>", id(Kind::ApiToken, own)),
            ("<key>", own.to_string()),
            ("<spare key>", (own + 2).to_string()),
            ("<review key>", target.to_string()),
        ]
        .into_iter()
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(name, &value)
        })
    }

    /// Returns whether the expected effect of a mutation is present.
    async fn has_effect(&self, effect: &str) -> bool {
        let sql = format!("SELECT ({})::text", self.fill(effect));
        self.database.texts(&sql).await == ["true"]
    }
}

/// Returns a statement that hashes all rows of each table. It leaves out the last use of a token, which is recorded in
/// the background of any request.
async fn hash_all_tables(database: &TestDatabase) -> String {
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
    let each: Vec<_> = database
        .texts(tables)
        .await
        .into_iter()
        .map(|table| {
            format!(
                "SELECT concat_ws(' ', '{table}', count(*), md5(string_agg(row, ',' ORDER BY row)))
                 FROM (SELECT (to_jsonb({table}) - 'last_used_at')::text AS row FROM {table}) AS rows"
            )
        })
        .collect();
    assert!(each.len() > 10, "{each:?}");
    each.join(" UNION ALL ")
}

/// Tests one cell.
async fn try_cell(
    server: &TestServer,
    (row, caller): (&Row, Caller),
    number: i64,
    everything: &str,
) {
    let database = &server.database;
    let cell = format!("{} as {caller:?}", row.title());
    let fixture = CellFixture {
        database,
        caller,
        number,
    };
    fixture.insert_rows().await;
    let token = fixture.token().await;
    let before = database.texts(everything).await;
    if let Some(effect) = row.effect {
        assert!(
            !fixture.has_effect(effect).await,
            "{cell}: the effect is already present"
        );
    }

    let request = json!({ "query": fixture.fill(row.document) });
    let response = match &token {
        Some(token) => server.send_as(token, request).await,
        None => server.send(request).await,
    };
    let body = response.body;
    if row.may[caller as usize] {
        assert_eq!(body.get("errors"), None, "{cell}: {body}");
        let payload = &body["data"][row.field];
        assert!(payload.is_object(), "{cell}: {body}");
        match row.effect {
            Some(effect) => {
                assert_eq!(payload["userErrors"], json!([]), "{cell}");
                assert!(fixture.has_effect(effect).await, "{cell}: {body}");
            }
            None => assert_eq!(database.texts(everything).await, before, "{cell}"),
        }
    } else {
        let codes: Vec<_> = body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| &error["extensions"]["code"])
            .collect();
        assert_eq!(codes, ["FORBIDDEN"], "{cell}: {body}");
        assert_eq!(body["data"][row.field], Value::Null, "{cell}: {body}");
        assert_eq!(database.texts(everything).await, before, "{cell}");
    }
}

#[tokio::test]
async fn every_cell_of_the_table_holds() {
    let server = TestServer::empty().await;
    let everything = hash_all_tables(&server.database).await;
    // Far from the keys that sequences generate for new rows.
    let mut number = 100_000;
    for row in TABLE {
        for caller in Caller::ALL {
            number += 1;
            try_cell(&server, (row, caller), number, &everything).await;
        }
    }
}
