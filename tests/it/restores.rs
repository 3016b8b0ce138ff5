//! Changes that fire no ordinary trigger: restored dumps, disabled triggers and replicated rows. A server with caches finds
//! them out.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::support::{
    postgres::{Postgres, can_dump, program},
    program::{Program, marquee},
};

/// A server finds a change out within two seconds, plus the time of a busy machine.
const TIMEOUT: Duration = Duration::from_secs(20);

fn serve(postgres: &Postgres) -> Program {
    let url = postgres.url();
    let arguments = ["serve", "--listen=127.0.0.1:0", "--workers=1"];
    Program::ready(marquee(
        &[&arguments[..], &["--database-url", &url]].concat(),
    ))
}

/// Returns the titles of the films and the number of reviews.
fn films(server: &Program) -> Value {
    let url = format!("http://{}/graphql", server.address());
    let query = "{ films { nodes { title score { reviewCount } } } reviews { totalCount } }";
    let request = Client::new().post(url).json(&json!({"query": query}));
    let body: Value = request.send().unwrap().json().unwrap();
    let films = body["data"]["films"]["nodes"].as_array();
    let Some(films) = films else {
        // During a restore, tables are missing.
        assert_eq!(
            body["errors"][0]["extensions"]["code"], "UNAVAILABLE",
            "{body}"
        );
        return Value::Null;
    };
    let titles = films.iter().map(|film| film["title"].clone());
    json!([
        titles.collect::<Vec<_>>(),
        body["data"]["reviews"]["totalCount"]
    ])
}

/// Reads twice, so that the response is cached.
fn cache(server: &Program, expected: &Value) {
    wait_for(server, expected);
    assert_eq!(films(server), *expected);
}

fn wait_for(server: &Program, expected: &Value) {
    let began = Instant::now();
    loop {
        let found = films(server);
        if found == *expected {
            return;
        }
        assert!(
            began.elapsed() < TIMEOUT,
            "{found} instead of {expected}:\n{}",
            server.log()
        );
        sleep(Duration::from_millis(20));
    }
}

const CATALOGUE: &str =
    "INSERT INTO film (slug, title) VALUES ('ferry', 'Ferry'), ('lamp', 'Lamp');
     INSERT INTO review (film_id, excerpt) VALUES (1, 'a'), (2, 'b')";

#[test]
fn a_dump_restored_under_a_running_server_is_found_out() {
    if !can_dump() {
        return;
    }
    let postgres = Postgres::start(&[]);
    postgres.session().execute(CATALOGUE);
    let server = serve(&postgres);
    cache(&server, &json!([["Ferry", "Lamp"], 2]));
    let dump = postgres.sibling("dump");
    let run = |name: &str, arguments: &[&str]| {
        let mut command = program(name, &postgres.data());
        let sockets = postgres.sockets();
        command.args(["--host", sockets.to_str().unwrap(), "--username=marquee"]);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    let dumped = run("pg_dump", &["--format=custom", "marquee"]);
    std::fs::write(&dump, dumped).unwrap();
    postgres
        .session()
        .execute("DELETE FROM film WHERE slug = 'lamp'; UPDATE film SET title = 'Boat'");
    cache(&server, &json!([["Boat"], 1]));
    let file = dump.to_str().unwrap();
    run(
        "pg_restore",
        &["--clean", "--if-exists", "--dbname=marquee", file],
    );
    wait_for(&server, &json!([["Ferry", "Lamp"], 2]));
    // The caches are used again, and invalidated as before.
    cache(&server, &json!([["Ferry", "Lamp"], 2]));
    postgres
        .session()
        .execute("UPDATE film SET title = 'Candle' WHERE slug = 'lamp'");
    wait_for(&server, &json!([["Candle", "Ferry"], 2]));
}

#[test]
fn a_change_with_disabled_triggers_is_found_out_although_they_are_enabled_again() {
    let postgres = Postgres::start(&[]);
    postgres.session().execute(CATALOGUE);
    let server = serve(&postgres);
    cache(&server, &json!([["Ferry", "Lamp"], 2]));
    postgres.session().execute(
        "ALTER TABLE film DISABLE TRIGGER USER;
         UPDATE film SET title = 'Boat' WHERE slug = 'ferry';
         ALTER TABLE film ENABLE TRIGGER USER",
    );
    wait_for(&server, &json!([["Boat", "Lamp"], 2]));
    // While they are disabled, nothing is cached.
    postgres
        .session()
        .execute("ALTER TABLE film DISABLE TRIGGER film_announce_update");
    let mut server = server;
    let line = server.wait_for("triggers are missing or disabled");
    assert!(line.contains("film_announce_update"), "{line}");
    films(&server);
    postgres
        .session()
        .execute("UPDATE film SET title = 'Canoe' WHERE slug = 'ferry'");
    assert_eq!(films(&server), json!([["Canoe", "Lamp"], 2]));
}

#[test]
fn a_change_in_a_session_with_the_role_of_a_replica_is_notified() {
    let postgres = Postgres::start(&[]);
    postgres.session().execute(CATALOGUE);
    let server = serve(&postgres);
    cache(&server, &json!([["Ferry", "Lamp"], 2]));
    let session = postgres.session();
    session.execute(
        "SET session_replication_role = replica; UPDATE film SET title = 'Boat' WHERE slug = 'ferry'",
    );
    wait_for(&server, &json!([["Boat", "Lamp"], 2]));
}

#[test]
fn rows_of_logical_replication_are_notified() {
    let publisher = Postgres::start(&["wal_level=logical"]);
    let subscriber = Postgres::start(&["wal_level=logical"]);
    publisher
        .session()
        .execute("CREATE PUBLICATION everything FOR ALL TABLES");
    // The rows that migrations create are on both.
    let connection = format!(
        "host={} user=marquee dbname=marquee",
        publisher.sockets().display()
    );
    subscriber.session().execute(&format!(
        "CREATE SUBSCRIPTION everything CONNECTION '{connection}' PUBLICATION everything WITH (copy_data = false)"
    ));
    let server = serve(&subscriber);
    cache(&server, &json!([[], 0]));
    publisher.session().execute(CATALOGUE);
    wait_for(&server, &json!([["Ferry", "Lamp"], 2]));
    cache(&server, &json!([["Ferry", "Lamp"], 2]));
    publisher
        .session()
        .execute("UPDATE film SET title = 'Boat' WHERE slug = 'ferry'");
    wait_for(&server, &json!([["Boat", "Lamp"], 2]));
    subscriber
        .session()
        .execute("ALTER SUBSCRIPTION everything DISABLE");
}
