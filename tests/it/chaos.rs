//! A chaos test: critics add reviews while servers are killed and stopped, sessions of PostgreSQL are terminated and
//! killed, and PostgreSQL itself is stopped once and killed once. Every acknowledged review exists exactly once, and
//! there are no others.
//!
//! `MARQUEE_TEST_REVIEWS` sets the number of reviews, `MARQUEE_TEST_SEED` the random seed; the timing of the faults
//! still varies. `MARQUEE_TEST_PROGRAM` names another build of the program, such as an optimized one.

mod client;
mod faults;
mod verification;
mod workload;

use std::{
    env,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use marquee::database::cluster::{Cluster, ClusterUse};
use tokio::time::timeout;

use self::{
    client::{Client, FinalResult, Retries, Tokens},
    faults::FaultInjector,
    verification::verify_database,
    workload::{CLIENTS, CRITICS_WITH_TOKENS, EDITORS, FILMS, Task},
};
use crate::support::{
    program::{DataDir, Program, marquee, run},
    test_rng::TestRng,
};

/// The default number of reviews. An unoptimized build takes half a minute for them on two cores.
const DEFAULT_REVIEWS: usize = 3000;

/// The timeout of the whole workload.
const WORKLOAD_TIMEOUT: Duration = Duration::from_mins(10);

/// The timeout for every server to recover after the last fault.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(15);

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
struct CompletedTask {
    task: Task,
    result: FinalResult,
}

#[test]
fn acknowledged_writes_survive_faults_exactly_once() {
    let reviews = number("MARQUEE_TEST_REVIEWS")
        .map_or(DEFAULT_REVIEWS, |number| usize::try_from(number).unwrap());
    let seed = number("MARQUEE_TEST_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("MARQUEE_TEST_REVIEWS={reviews} MARQUEE_TEST_SEED={seed}");

    let dir = Arc::new(DataDir::migrated());
    let cluster = Cluster::acquire(dir.path(), ClusterUse::Command).unwrap();
    dir.session().execute(&catalogue(reviews));
    let tokens = Arc::new(tokens(&dir));
    let progress = Arc::new(AtomicUsize::new(0));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();

    let trouble = FaultInjector::start(&dir, cluster, seed, (Arc::clone(&progress), reviews));
    let start = Instant::now();
    let working = run_clients(seed, reviews, trouble.addresses(), &tokens, &progress);
    let (completed, retries) = runtime
        .block_on(async { timeout(WORKLOAD_TIMEOUT, working).await })
        .expect("the clients finish before the timeout");
    let seconds = start.elapsed().as_secs_f64();
    let (servers, cluster, account) = trouble.stop();
    println!("{seconds:.1} s; retries: {retries:#?}; {account:#?}");
    assert!(
        !account.has_panic() && (reviews < DEFAULT_REVIEWS || account.has_every_fault()),
        "{account:#?}"
    );

    runtime.block_on(wait_for_recovery(&servers));
    runtime.block_on(replay(
        TestRng::new(seed, u64::MAX),
        &completed,
        &servers,
        &tokens,
    ));
    for server in servers {
        let output = server.stop();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    verify_database(&dir, &completed);
    let checked = run(marquee(&["check", "--database-url", &dir.url()]));
    assert_eq!(checked.output(), "every tally equals a recount\n");
    cluster.release();
    assert_eq!(dir.processes(), [0; 0]);
}

/// Returns the SQL that inserts the films and critics with known keys. The clients add the publications by naming them.
fn catalogue(reviews: usize) -> String {
    let critics = workload::critics(reviews);
    format!(
        "INSERT INTO film (id, slug, title) OVERRIDING SYSTEM VALUE
            SELECT id, 'film-' || id, 'Film ' || id FROM generate_series(1, {FILMS}) AS id;
         INSERT INTO critic (id, slug, name) OVERRIDING SYSTEM VALUE
            SELECT id, 'critic-' || id, 'Critic ' || id FROM generate_series(1, {critics}) AS id;
         SELECT setval('film_id_seq', {FILMS}), setval('critic_id_seq', {critics})"
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
async fn run_clients(
    seed: u64,
    reviews: usize,
    addresses: &[SocketAddr],
    tokens: &Arc<Tokens>,
    progress: &Arc<AtomicUsize>,
) -> (Vec<CompletedTask>, Retries) {
    let mut clients = Vec::new();
    for (number, tasks) in workload::tasks(seed, reviews).into_iter().enumerate() {
        let rng = TestRng::new(seed, number as u64);
        let mut client = Client::new(addresses, Arc::clone(tokens), rng);
        let progress = Arc::clone(progress);
        clients.push(tokio::spawn(async move {
            let mut completed = Vec::new();
            for task in tasks {
                let result = client.run_task(&task).await;
                assert!(task.expects(&result), "{task:?}: {result:?}");
                progress.fetch_add(1, Ordering::Relaxed);
                completed.push(CompletedTask { task, result });
            }
            (completed, client.retries)
        }));
    }
    assert_eq!(clients.len(), CLIENTS);
    let (mut all, mut retries) = (Vec::new(), Retries::new());
    for client in clients {
        let (completed, of_client) = client.await.unwrap();
        all.extend(completed);
        for (reason, times) in of_client {
            *retries.entry(reason).or_default() += times;
        }
    }
    (all, retries)
}

/// Waits until every server responds without errors. No server needs a restart after an outage.
async fn wait_for_recovery(servers: &[Program]) {
    let deadline = Instant::now() + RECOVERY_TIMEOUT;
    for server in servers {
        // More consecutive requests than the server has connections, so that none of them is dead.
        let mut well = 0;
        while well < 20 {
            well = if client::is_healthy(server.address()).await {
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
    mut rng: TestRng,
    completed: &[CompletedTask],
    servers: &[Program],
    tokens: &Arc<Tokens>,
) {
    let addresses: Vec<_> = servers.iter().map(Program::address).collect();
    let mut client = Client::new(&addresses, Arc::clone(tokens), rng.clone());
    for _ in 0..REPLAYS {
        let CompletedTask { task, result } = &completed[rng.below(completed.len())];
        assert_eq!(client.run_task(task).await, *result, "{task:?}");
    }
}
