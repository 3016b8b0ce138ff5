//! A pooler in transaction mode, with `--notifications=off`.

use std::{path::Path, thread};

use sea_orm::sqlx::postgres::PgConnectOptions;

use super::*;
use crate::support::program::Session;

const OFF: &str = "--notifications=off";

/// More sessions of Marquee than connections to PostgreSQL, so that each transaction may run in another one.
const SCARCE: &str = "default_pool_size = 3\nmax_prepared_statements = 100";

#[test]
fn reads_and_writes_work_and_nothing_of_a_session_remains() {
    let postgres = Postgres::start(&[]);
    let pooler = PgBouncer::start(&postgres, PoolMode::Transaction, SCARCE);
    let url = pooler.url();
    let token = editor(&postgres.url());
    let server = Program::ready(marquee(&serve(&url, &[OFF, "--token-rate-limit=0"])));
    let film = add_film(&server, &token, "Ferry");
    thread::scope(|scope| {
        for writer in 0..8 {
            let (server, token, film) = (&server, &token, &film);
            scope.spawn(move || {
                for number in 0..10 {
                    let excerpt = format!("{writer}-{number}");
                    let input = json!({
                        "film": film, "excerpt": excerpt, "sentiment": "MIXED", "idempotencyKey": excerpt,
                        "publication": { "name": format!("Paper {number}") },
                    });
                    let document = "mutation($input: AddReviewInput!) { addReview(input: $input) { review { excerpt } userErrors { code } } }";
                    let request = json!({"query": document, "variables": {"input": input}});
                    let body = send(server, token, &request);
                    assert_eq!(body["data"]["addReview"]["review"]["excerpt"], excerpt, "{body}");
                    assert_eq!(titles(server, token), ["Ferry"]);
                }
            });
        }
    });
    let count = "{ films { nodes { score { reviewCount } reviews(first: 1) { totalCount } } } }";
    let body = send(&server, &token, &json!({"query": count}));
    let film = &body["data"]["films"]["nodes"][0];
    assert_eq!(
        (
            &film["score"]["reviewCount"],
            &film["reviews"]["totalCount"]
        ),
        (&json!(80), &json!(80)),
        "{body}"
    );
    // Another client changes a title: without caches, the next read has it.
    postgres.session().execute("UPDATE film SET title = 'Boat'");
    assert_eq!(titles(&server, &token), ["Boat"]);
    // No session has a parameter of Marquee's left for its next client.
    let options: PgConnectOptions = url.parse().unwrap();
    let options = options.extra_float_digits(None);
    // A transaction holds each of the sessions of the pooler.
    let others = [(); 3].map(|()| {
        let other = Session::open(&options);
        other.execute("BEGIN");
        other
    });
    let value = others.map(|other| other.value(
        "SELECT concat(current_setting('statement_timeout'), current_setting('lock_timeout'), current_setting('jit'), current_setting('marquee.actor', true)) AS value",
    ));
    assert_eq!(value, ["00on"; 3]);
    let output = server.stop();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn subscriptions_are_refused_and_nothing_is_cached() {
    let postgres = Postgres::start(&[]);
    let url = postgres.url();
    let server = Program::ready(marquee(&serve(&url, &[OFF])));
    let document = json!({"query": "subscription { reviewAdded { id } }"});
    let address = format!("http://{}/graphql", server.address());
    let request = Client::new()
        .post(address)
        .header("accept", "text/event-stream");
    let events = request.json(&document).send().unwrap().text().unwrap();
    assert!(events.contains("SUBSCRIPTIONS_DISABLED"), "{events}");
    // What the server can't set in its sessions is named.
    let log = server.log();
    assert!(
        log.contains("statement_timeout = '20s', plan_cache_mode = 'force_generic_plan'"),
        "{log}"
    );
    let listening = "SELECT count(*)::text AS value FROM pg_stat_activity WHERE application_name IN ('marquee live', 'marquee probe')";
    assert_eq!(postgres.session().value(listening), "0");
}

#[test]
fn a_pooler_that_loses_prepared_statements_is_refused() {
    let system = Path::new("/usr/sbin/pgbouncer");
    let version = std::process::Command::new(system).arg("--version").output();
    let is_old = version.is_ok_and(|output| {
        let text = String::from_utf8(output.stdout).unwrap();
        text.starts_with("PgBouncer 1.1") || text.starts_with("PgBouncer 1.20")
    });
    let postgres = Postgres::start(&[]);
    let pooler = if is_old {
        PgBouncer::start_program(system, &postgres, PoolMode::Transaction, "")
    } else {
        PgBouncer::start(
            &postgres,
            PoolMode::Transaction,
            "max_prepared_statements = 0",
        )
    };
    let url = pooler.url();
    let refused = run(marquee(&serve(&url, &[OFF])));
    let error = refused.error();
    assert!(error.contains("max_prepared_statements"), "{error}");
}
