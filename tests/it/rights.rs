//! Who may do what: one table, which the README repeats, and each cell of it tried on a server.

mod table;

use std::{collections::BTreeSet, fmt::Write, fs};

use marquee::{
    access::Role,
    global_id::{GlobalId, Kind},
};
use serde_json::{Value, json};

use self::table::{Row, TABLE, Who};
use crate::support::{TestDatabase, TestServer, root};

/// What one cell works on: rows of its own, so that no cell finds what another has left.
struct Stage<'a> {
    database: &'a TestDatabase,
    who: Who,
    /// Tells the rows of this cell from those of the others.
    number: i64,
}

impl Stage<'_> {
    /// The key of the critic who asks, if it is a critic who does; of any other critic there is.
    fn own(&self) -> i64 {
        self.number * 10 + 1
    }

    /// The key of whom the input is about, and of their review.
    fn target(&self) -> i64 {
        match self.who {
            Who::OthersCritic => self.own() + 1,
            Who::Anonymous | Who::OwnCritic | Who::Editor | Who::Admin => self.own(),
        }
    }

    /// Puts the rows there.
    async fn set(&self) {
        let (n, own) = (self.number, self.own());
        let (others, spare) = (own + 1, own + 2);
        let public_id = format!("{n:012x}");
        let sql = format!(
            "INSERT INTO film (id, slug, title) OVERRIDING SYSTEM VALUE VALUES ({own}, 'film-{n}', 'Film {n}');
             INSERT INTO critic (id, slug, name) OVERRIDING SYSTEM VALUE
                SELECT id, 'critic-' || id, 'Critic ' || id FROM generate_series({own}, {spare}) AS id;
             INSERT INTO publication (id, slug, name) OVERRIDING SYSTEM VALUE
                SELECT id, 'paper-' || id, 'Paper ' || id FROM generate_series({own}, {others}) AS id;
             INSERT INTO review (id, film_id, critic_id, publication_id, score, score_rule) OVERRIDING SYSTEM VALUE
                SELECT id, {own}, id, {own}, 40, 'given' FROM generate_series({own}, {others}) AS id;
             INSERT INTO api_token (id, public_id, secret_hash, name, role, created_by) OVERRIDING SYSTEM VALUE
                VALUES ({own}, '{public_id}', decode(repeat('00', 32), 'hex'), 'token {n}', 'editor', 'test')"
        );
        self.database.execute(&sql).await;
    }

    /// The token of who asks.
    async fn token(&self) -> Option<String> {
        let (role, critic) = match self.who {
            Who::Anonymous => return None,
            Who::OwnCritic | Who::OthersCritic => (Role::Critic, Some(self.own())),
            Who::Editor => (Role::Editor, None),
            Who::Admin => (Role::Admin, None),
        };
        Some(self.database.token(role, critic).await)
    }

    /// A text of the table with the keys and ids of this cell.
    fn fill(&self, text: &str) -> String {
        let (own, target) = (self.own(), self.target());
        let id = |kind, key| format!("\"{}\"", GlobalId { kind, key }.encode());
        [
            ("<n>", self.number.to_string()),
            ("<film>", id(Kind::Film, own)),
            ("<critic>", id(Kind::Critic, target)),
            ("<spare critic>", id(Kind::Critic, own + 2)),
            ("<publication>", id(Kind::Publication, own)),
            ("<spare publication>", id(Kind::Publication, own + 1)),
            ("<review>", id(Kind::Review, target)),
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

    /// Whether what a mutation is to bring about is there.
    async fn has(&self, effect: &str) -> bool {
        let sql = format!("SELECT ({})::text", self.fill(effect));
        self.database.texts(&sql).await == ["true"]
    }
}

/// The statement that gives every row of every table, in short. When a token was used is noted beside each request, whatever comes
/// of it.
async fn everything(database: &TestDatabase) -> String {
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

/// Tries one cell.
async fn try_cell(server: &TestServer, (row, who): (&Row, Who), number: i64, everything: &str) {
    let database = &server.database;
    let cell = format!("{} as {who:?}", row.title());
    let stage = Stage {
        database,
        who,
        number,
    };
    stage.set().await;
    let token = stage.token().await;
    let before = database.texts(everything).await;
    if let Some(effect) = row.effect {
        assert!(!stage.has(effect).await, "{cell}: it is so already");
    }

    let request = json!({ "query": stage.fill(row.document) });
    let answer = match &token {
        Some(token) => server.send_as(token, request).await,
        None => server.send(request).await,
    };
    let body = answer.body;
    if row.may[who as usize] {
        assert_eq!(body.get("errors"), None, "{cell}: {body}");
        let payload = &body["data"][row.field];
        assert!(payload.is_object(), "{cell}: {body}");
        match row.effect {
            Some(effect) => {
                assert_eq!(payload["userErrors"], json!([]), "{cell}");
                assert!(stage.has(effect).await, "{cell}: {body}");
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
async fn each_cell_of_the_table_is_as_it_says() {
    let server = TestServer::empty().await;
    let everything = everything(&server.database).await;
    // Far from what the sequences give to the rows that mutations add.
    let mut number = 100_000;
    for row in TABLE {
        for who in Who::ALL {
            number += 1;
            try_cell(&server, (row, who), number, &everything).await;
        }
    }
}

/// The fields of the roots, each with its description in one line: of the mutation, and of the others.
async fn fields() -> (Vec<(String, String)>, Vec<(String, String)>) {
    let document = "{ __schema {
        mutationType { fields { name description } }
        queryType { fields { name description } }
        subscriptionType { fields { name description } }
    } }";
    let data = TestServer::empty().await.query(document).await;
    let of = |root: &str| -> Vec<_> {
        let fields = data["__schema"][root]["fields"].as_array();
        fields
            .into_iter()
            .flatten()
            .map(|field| {
                let text = |key: &str| field[key].as_str().unwrap();
                let words: Vec<_> = text("description").split_whitespace().collect();
                (text("name").to_owned(), words.join(" "))
            })
            .collect()
    };
    let mut others = of("queryType");
    others.extend(of("subscriptionType"));
    (of("mutationType"), others)
}

const NEEDS: &str = "Needs the role ";

#[tokio::test]
async fn no_field_that_needs_a_role_is_missing_in_the_table() {
    let (mutations, others) = fields().await;
    assert!(!mutations.is_empty());
    let found: BTreeSet<_> = mutations
        .iter()
        .chain(others.iter().filter(|(_, text)| text.contains(NEEDS)))
        .map(|(name, _)| name.as_str())
        .collect();
    let told: BTreeSet<_> = TABLE.iter().map(|row| row.field).collect();
    assert_eq!(found, told);
}

#[tokio::test]
async fn each_field_is_described_with_the_role_that_the_table_says() {
    let (mutations, others) = fields().await;
    for (name, description) in mutations.iter().chain(&others) {
        let mut rows = TABLE.iter().filter(|row| row.field == name).peekable();
        if rows.peek().is_none() {
            continue;
        }
        let may = |who: Who| {
            TABLE
                .iter()
                .any(|row| row.field == name && row.may[who as usize])
        };
        // Who has a role may all that the ones below it may; only of the critics' fields two roles are told, as they mean two things.
        let expected: &[&str] = match (may(Who::OwnCritic), may(Who::Editor)) {
            (true, _) => &["CRITIC", "EDITOR"],
            (false, true) => &["EDITOR"],
            (false, false) => &["ADMIN"],
        };
        let (_, needed) = description
            .split_once(NEEDS)
            .unwrap_or_else(|| panic!("{name} doesn't say what role it needs: {description}"));
        let told: Vec<_> = needed
            .split(|c: char| !c.is_ascii_alphabetic())
            .filter(|word| ["ANONYMOUS", "CRITIC", "EDITOR", "ADMIN"].contains(word))
            .collect();
        assert_eq!(told, expected, "{name}: {description}");
    }
}

#[test]
fn the_roles_rise() {
    for row in TABLE {
        let [anonymous, own, others, editor, admin] = row.may;
        let rises = [
            (anonymous, others),
            (others, own),
            (own, editor),
            (editor, admin),
        ]
        .iter()
        .all(|(lower, higher)| !lower || *higher);
        assert!(rises && admin && !anonymous, "{}", row.title());
    }
}

/// The table as it has to stand in the README.
fn markdown() -> String {
    let mut table = String::from(
        "| | anonymous | critic, own | critic, another's | editor | admin |\n|---|---|---|---|---|---|\n",
    );
    for row in TABLE {
        let cells = row.may.map(|may| if may { "yes" } else { "–" }).join(" | ");
        writeln!(table, "| {} | {cells} |", row.title()).unwrap();
    }
    table
}

#[test]
fn the_readme_has_the_table() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme
        .split("\n## ")
        .find(|section| section.starts_with("Who may\n"))
        .expect("a section \"Who may\"");
    let table = markdown();
    assert!(section.contains(&table), "the table should be:\n{table}");
}
