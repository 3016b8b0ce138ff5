//! PostgreSQL behind a pooler or a proxy.

mod proxy;
mod transactions;

use std::path::Path;

use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::support::{
    postgres::{PgBouncer, PoolMode, Postgres},
    program::{Program, marquee, run},
};

/// Returns the arguments that start a server on a database.
fn serve<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let arguments = [
        "serve",
        "--listen=127.0.0.1:0",
        "--workers=2",
        "--database-url",
        url,
    ];
    [&arguments[..], more].concat()
}

/// Sends a request and returns the response.
fn send(server: &Program, token: &str, request: &Value) -> Value {
    let url = format!("http://{}/graphql", server.address());
    let request = Client::new().post(url).bearer_auth(token).json(request);
    request.send().unwrap().json().unwrap()
}

fn editor(url: &str) -> String {
    let create = ["token", "create", "--role=editor", "--database-url", url];
    run(marquee(&create)).output().trim().to_owned()
}

const ADD_FILM: &str =
    "mutation($input: AddFilmInput!) { addFilm(input: $input) { film { id title } } }";

fn add_film(server: &Program, token: &str, title: &str) -> String {
    let variables = json!({"input": {"title": title, "idempotencyKey": title}});
    let body = send(
        server,
        token,
        &json!({"query": ADD_FILM, "variables": variables}),
    );
    let film = &body["data"]["addFilm"]["film"];
    assert_eq!(film["title"], title, "{body}");
    film["id"].as_str().unwrap().to_owned()
}

fn titles(server: &Program, token: &str) -> Vec<String> {
    let query = json!({"query": "{ films(first: 100) { nodes { title } } }"});
    let body = send(server, token, &query);
    let nodes = body["data"]["films"]["nodes"].as_array();
    let nodes = nodes.unwrap_or_else(|| panic!("{body}"));
    nodes
        .iter()
        .map(|node| node["title"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_pooler_in_session_mode_needs_no_settings_of_its_own() {
    for program in PgBouncer::programs() {
        check_session_mode(&program);
    }
}

fn check_session_mode(program: &Path) {
    let postgres = Postgres::start(&[]);
    let pooler = PgBouncer::start_program(program, &postgres, PoolMode::Session, "");
    let url = pooler.url();
    let token = editor(&url);
    let server = Program::ready(marquee(&serve(&url, &[])));
    assert_eq!(titles(&server, &token), [""; 0]);
    // A read after a write, by the server and by another client, gets no cached response.
    add_film(&server, &token, "Ferry");
    assert_eq!(titles(&server, &token), ["Ferry"]);
    postgres.session().execute("UPDATE film SET title = 'Boat'");
    let is_current = || titles(&server, &token) == ["Boat"];
    assert!(
        (0..200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            is_current()
        }),
        "{}",
        server.log()
    );
    let output = server.stop();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_server_with_notifications_does_not_start_behind_a_pooler_in_transaction_mode() {
    let postgres = Postgres::start(&[]);
    let pooler = PgBouncer::start(&postgres, PoolMode::Transaction, "");
    let refused = run(marquee(&serve(&pooler.url(), &[])));
    assert_eq!(
        refused.error(),
        "error: PostgreSQL's notifications do not arrive. A pooler in transaction mode, such as PgBouncer's, sends them to \
         other clients: connect directly or through a pooler in session mode, or start with --notifications=off, without \
         caches and subscriptions"
    );
}

#[test]
fn an_option_that_a_pooler_rejects_is_named_with_its_setting() {
    let postgres = Postgres::start(&[]);
    let pooler = PgBouncer::start(&postgres, PoolMode::Session, "");
    let url = format!("{}?options=-c%20geqo%3Doff", pooler.url());
    let refused = run(marquee(&serve(&url, &[])));
    let error = refused.error();
    assert!(
        error.contains("ignore_startup_parameters = options"),
        "{error}"
    );
}
