//! A chaos test: critics add reviews while servers are killed and stopped, sessions of PostgreSQL are terminated and
//! killed, and PostgreSQL itself is stopped once and killed once. Every acknowledged review exists exactly once, and
//! there are no others.
//!
//! `MARQUEE_TEST_REVIEWS` sets the number of reviews, `MARQUEE_TEST_SEED` the random seed; the timing of the faults
//! still varies. `MARQUEE_TEST_PROGRAM` names another build of the program, such as a release build.

mod client;
mod plan;
mod trouble;

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use marquee::{
    database::cluster::{Cluster, Use},
    global_id::{GlobalId, Kind},
};
use serde_json::Value;
use tokio::time::timeout;

use self::{
    client::{Answer, Client, Retries, Tokens},
    plan::{CLIENTS, CRITICS_WITH_TOKENS, EDITORS, FILMS, PAPERS, Task},
    trouble::Trouble,
};
use crate::support::{
    chance::Chance,
    program::{DataDir, Program, marquee, run},
};

/// The default number of reviews. An unoptimised build takes half a minute for them on two cores.
const REVIEWS: usize = 3000;

/// The timeout of the whole workload.
const PATIENCE: Duration = Duration::from_mins(10);

/// The timeout for every server to recover after the last fault.
const RECOVERY: Duration = Duration::from_secs(15);

/// The number of idempotency keys that are sent again at the end.
const REPLAYS: usize = 200;

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is not a number: {text}")),
    )
}

/// A task with its final result.
struct Settled {
    task: Task,
    result: Answer,
}

#[test]
fn acknowledged_writes_survive_faults_exactly_once() {
    let reviews =
        number("MARQUEE_TEST_REVIEWS").map_or(REVIEWS, |number| usize::try_from(number).unwrap());
    let seed = number("MARQUEE_TEST_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("MARQUEE_TEST_REVIEWS={reviews} MARQUEE_TEST_SEED={seed}");

    let dir = Arc::new(DataDir::made());
    let cluster = Cluster::acquire(dir.path(), Use::Command).unwrap();
    dir.session().execute(&catalogue(reviews));
    let tokens = Arc::new(tokens(&dir));
    let progress = Arc::new(AtomicUsize::new(0));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();

    let trouble = Trouble::begin(&dir, cluster, seed, (Arc::clone(&progress), reviews));
    let begun = Instant::now();
    let working = work(seed, reviews, trouble.addresses(), &tokens, &progress);
    let (settled, retries) = runtime
        .block_on(async { timeout(PATIENCE, working).await })
        .expect("the clients finish before the timeout");
    let seconds = begun.elapsed().as_secs_f64();
    let (servers, cluster, account) = trouble.end();
    println!("{seconds:.1} s; retries: {retries:#?}; {account:#?}");
    assert!(
        !account.has_panic() && (reviews < REVIEWS || account.was_enough()),
        "{account:#?}"
    );

    runtime.block_on(recover(&servers));
    runtime.block_on(replay(
        Chance::new(seed, u64::MAX),
        &settled,
        &servers,
        &tokens,
    ));
    for server in servers {
        let done = server.stop();
        assert_eq!(done.status.code(), Some(0), "{done:?}");
    }
    reckon(&dir, &settled);
    let checked = run(marquee(&["check", "--database-url", &dir.url()]));
    assert_eq!(checked.output(), "every tally equals a recount\n");
    cluster.release();
    assert_eq!(dir.processes(), [0; 0]);
}

/// Returns the SQL that inserts the films and critics with known keys. The clients add the publications by naming them.
fn catalogue(reviews: usize) -> String {
    let critics = plan::critics(reviews);
    format!(
        "INSERT INTO film (id, slug, title) OVERRIDING SYSTEM VALUE
            SELECT id, 'film-' || id, 'Film ' || id FROM generate_series(1, {FILMS}) AS id;
         INSERT INTO critic (id, slug, name) OVERRIDING SYSTEM VALUE
            SELECT id, 'critic-' || id, 'Critic ' || id FROM generate_series(1, {critics}) AS id"
    )
}

/// Creates tokens with the command.
fn tokens(dir: &DataDir) -> Tokens {
    let url = dir.url();
    let make = |arguments: &[&str]| {
        let mut line = vec!["token", "create", "--database-url", &url];
        line.extend(arguments);
        run(marquee(&line)).output().trim().to_owned()
    };
    Tokens {
        editors: (0..EDITORS).map(|_| make(&["--role=editor"])).collect(),
        critics: (1..=CRITICS_WITH_TOKENS)
            .map(|critic| make(&["--role=critic", &format!("--critic=critic-{critic}")]))
            .collect(),
    }
}

/// Runs all clients concurrently. Each one processes its tasks in order.
async fn work(
    seed: u64,
    reviews: usize,
    addresses: &[SocketAddr],
    tokens: &Arc<Tokens>,
    progress: &Arc<AtomicUsize>,
) -> (Vec<Settled>, Retries) {
    let mut clients = Vec::new();
    for (number, tasks) in plan::tasks(seed, reviews).into_iter().enumerate() {
        let chance = Chance::new(seed, number as u64);
        let mut client = Client::new(addresses, Arc::clone(tokens), chance);
        let progress = Arc::clone(progress);
        clients.push(tokio::spawn(async move {
            let mut settled = Vec::new();
            for task in tasks {
                let result = client.settle(&task).await;
                assert!(task.expects(&result), "{task:?}: {result:?}");
                progress.fetch_add(1, Ordering::Relaxed);
                settled.push(Settled { task, result });
            }
            (settled, client.retries)
        }));
    }
    assert_eq!(clients.len(), CLIENTS);
    let (mut all, mut retries) = (Vec::new(), Retries::new());
    for client in clients {
        let (settled, of_client) = client.await.unwrap();
        all.extend(settled);
        for (reason, times) in of_client {
            *retries.entry(reason).or_default() += times;
        }
    }
    (all, retries)
}

/// Waits until every server responds without errors. No server needs a restart after an outage.
async fn recover(servers: &[Program]) {
    let deadline = Instant::now() + RECOVERY;
    for server in servers {
        // More consecutive requests than the server has connections, so that none of them is dead.
        let mut well = 0;
        while well < 20 {
            well = if client::is_well(server.address()).await {
                well + 1
            } else {
                0
            };
            assert!(
                Instant::now() < deadline,
                "a server doesn't recover:\n{}",
                server.log()
            );
        }
    }
}

/// Sends some keys again, to any server, and asserts that each gets the same result.
async fn replay(
    mut chance: Chance,
    settled: &[Settled],
    servers: &[Program],
    tokens: &Arc<Tokens>,
) {
    let addresses: Vec<_> = servers.iter().map(Program::address).collect();
    let mut client = Client::new(&addresses, Arc::clone(tokens), chance.clone());
    for _ in 0..REPLAYS {
        let Settled { task, result } = &settled[chance.below(settled.len())];
        assert_eq!(client.settle(task).await, *result, "{task:?}");
    }
}

/// Compares the database with the responses that the clients got.
fn reckon(dir: &DataDir, settled: &[Settled]) {
    let rows = "SELECT coalesce(json_agg(json_build_array(review.excerpt, review.id, film_id, critic_id, publication.name, score)), '[]')::text
        AS value FROM review LEFT JOIN publication ON publication.id = publication_id";
    let rows: Vec<Value> = serde_json::from_str(&dir.sql(rows)).unwrap();
    let mut found = BTreeMap::new();
    for mut row in rows {
        let excerpt = row[0].as_str().expect("an excerpt").to_owned();
        let columns = row.as_array_mut().unwrap().split_off(1);
        assert!(found.insert(excerpt, columns).is_none(), "duplicate: {row}");
    }
    let mut ids = BTreeSet::new();
    let mut added = 0;
    for Settled { task, result } in settled {
        let row = found.remove(&task.excerpt);
        match result {
            Answer::Refused(code) => {
                assert_eq!(row, None, "rejected as {code}, but stored: {task:?}")
            }
            Answer::Added(id) => {
                let row = row.unwrap_or_else(|| panic!("{id} is lost: {task:?}"));
                let key = GlobalId::decode(id)
                    .filter(|id| id.kind == Kind::Review)
                    .unwrap()
                    .key;
                assert_eq!(row, task.row(key), "{task:?}");
                assert!(ids.insert(key), "{id} was returned twice");
                added += 1;
            }
        }
    }
    assert_eq!(
        found,
        BTreeMap::new(),
        "these reviews were never acknowledged"
    );
    println!(
        "{added} reviews exist, and {} were rejected",
        settled.len() - added
    );
    for (what, expected) in [
        ("count(*)::text AS value FROM film", FILMS),
        ("count(*)::text AS value FROM critic", plan::critics(added)),
        // Concurrent clients name the same new publications; each must exist once.
        ("count(*)::text AS value FROM publication", PAPERS),
        (
            "count(DISTINCT name)::text AS value FROM publication",
            PAPERS,
        ),
        // Each review was inserted by one statement and never updated.
        ("count(*)::text AS value FROM review_revision", 0),
        (
            "count(*)::text AS value FROM idempotency_key WHERE outcome IS NULL",
            0,
        ),
    ] {
        let value = dir.sql(&format!("SELECT {what}"));
        assert_eq!(value, expected.to_string(), "{what}");
    }
}
