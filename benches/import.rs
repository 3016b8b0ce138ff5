//! The throughput of a large import, compared with a plain COPY of the same rows.
//!
//!     cargo bench --bench import [REVIEWS]
//!
//! A run generates a catalogue, as a file and directly into a database. It imports the file while a server on the same
//! database receives requests continuously. Then it copies the same reviews by a plain COPY into a table with the same
//! indexes, constraints and foreign keys, but no triggers. It imports the same reviews as CSV by `import FILE` into
//! another database. A server receives requests next to each of them. It prints measurements and passes no judgement.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark aborts when a precondition fails"
)]

mod directory;
mod program;

use std::{
    fs::{self, File},
    io::{BufWriter, Read as _, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use directory::directory;
use futures_util::StreamExt as _;
use marquee::{
    config::Cli,
    database::{ClusterUse, Database},
};
use program::{block_on, marquee, serve, stop};
use sea_orm::sqlx::{self, Connection as _, Executor as _, PgConnection};

/// The default number of reviews. A film has 20 reviews on average.
const REVIEWS: u32 = 1_000_000;

/// The columns that are copied: all but those that the database fills in.
const COLUMNS: &str = "film_id, critic_id, publication_id, score, original_score, score_rule, sentiment, recommended, weight, \
                       top_critic, byline, excerpt, url, reviewed_on, source, external_id";

/// The duration and memory of a program.
struct Run {
    duration: Duration,
    /// The peak memory in bytes.
    peak: u64,
}

fn main() {
    let reviews = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(REVIEWS);
    let directory = directory();
    let size = [
        format!("--films={}", reviews.div_ceil(20)),
        format!("--critics={}", reviews.div_ceil(200)),
        format!("--publications={}", reviews.div_ceil(2_000)),
        format!("--reviews={reviews}"),
        "--seed=42".to_owned(),
    ];
    let file = directory.path().join("catalogue.jsonl");
    let (generated_data, data) = (
        directory.path().join("made-up"),
        directory.path().join("data"),
    );

    let jsonl_run = run(marquee(&generated_data)
        .arg("generate")
        .args(&size)
        .arg("--jsonl")
        .arg(&file));
    report("generate --jsonl", reviews, &jsonl_run);
    run(marquee(&generated_data).args(["migrate", "up"]));
    let generate_run = run(marquee(&generated_data).arg("generate").args(&size));
    report("generate into a database", reviews, &generate_run);

    let server = Server::start(&data);
    let import_run = run(marquee(&data).args(["import", "jsonl"]).arg(&file));
    report("import jsonl", reviews, &import_run);
    print_slowest(server.slowest());

    let table = directory.path().join("reviews.csv");
    let copy_duration = plain_copy(&data, &directory.path().join("rows"), &table);
    report(
        "plain COPY",
        reviews,
        &Run {
            duration: copy_duration,
            peak: 0,
        },
    );
    let ratio = copy_duration.as_secs_f64() / import_run.duration.as_secs_f64();
    println!("import jsonl has {ratio:.2} of the throughput of the plain COPY");
    server.stop();

    let table_data = directory.path().join("table-data");
    let server = Server::start(&table_data);
    let table_run = run(marquee(&table_data).arg("import").arg(&table));
    report("import FILE", reviews, &table_run);
    print_slowest(server.slowest());
    let ratio = import_run.duration.as_secs_f64() / table_run.duration.as_secs_f64();
    println!("import FILE of CSV has {ratio:.2} of the throughput of import jsonl");
    server.stop();
}

fn print_slowest(latency: Duration) {
    println!(
        "the slowest response of the server during the import: {} ms",
        latency.as_millis()
    );
}

/// Runs a program to its end, and polls its memory.
fn run(command: &mut Command) -> Run {
    let start = Instant::now();
    let mut program = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", program.id());
    let mut peak = 0;
    let exit_status = loop {
        peak = peak.max(high_water_mark(&status));
        if let Some(exit_status) = program.try_wait().unwrap() {
            break exit_status;
        }
        thread::sleep(Duration::from_millis(20));
    };
    assert!(exit_status.success(), "{command:?} failed");
    Run {
        duration: start.elapsed(),
        peak,
    }
}

/// Returns the peak memory of a process in bytes, or 0 if the system doesn't report it.
fn high_water_mark(status: &str) -> u64 {
    let status = fs::read_to_string(status).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes
        .and_then(|number| number.parse::<u64>().ok())
        .unwrap_or_default()
        * 1024
}

fn report(name: &str, reviews: u32, run: &Run) {
    let seconds = run.duration.as_secs_f64();
    let rate = f64::from(reviews) / seconds;
    let memory = match run.peak {
        0 => String::new(),
        peak => format!(", peak memory {} MB", peak / 1_000_000),
    };
    println!("{name}: {seconds:.1} s, {rate:.0} reviews a second{memory}");
}

/// A server that receives requests continuously during an import.
struct Server {
    program: Child,
    is_finished: Arc<AtomicBool>,
    /// The latency of the slowest response so far, in microseconds.
    slowest: Arc<AtomicU64>,
    client: thread::JoinHandle<()>,
}

impl Server {
    fn start(data: &Path) -> Self {
        let (program, url) = serve(data, &[]);
        let is_finished = Arc::new(AtomicBool::new(false));
        let slowest = Arc::new(AtomicU64::new(0));
        let client = thread::spawn({
            let (is_finished, slowest) = (Arc::clone(&is_finished), Arc::clone(&slowest));
            move || send_requests(&url, &is_finished, &slowest)
        });
        Self {
            program,
            is_finished,
            slowest,
            client,
        }
    }

    /// Returns the latency of the slowest response so far.
    fn slowest(&self) -> Duration {
        Duration::from_micros(self.slowest.load(Ordering::Relaxed))
    }

    /// Stops the requests and the server.
    fn stop(self) {
        self.is_finished.store(true, Ordering::Relaxed);
        self.client.join().unwrap();
        stop(self.program);
    }
}

/// Fetches the first films repeatedly, and measures the slowest response.
fn send_requests(url: &str, is_finished: &AtomicBool, slowest: &AtomicU64) {
    let body = serde_json::json!({"query": "{ films(first: 20) { totalCount nodes { title score { value } reviews(first: 3) { nodes { score } } } } }"});
    block_on(async {
        let client = reqwest::Client::new();
        while !is_finished.load(Ordering::Relaxed) {
            let start = Instant::now();
            let response = client
                .post(url)
                .header("content-type", "application/json")
                .body(body.to_string())
                .send()
                .await
                .unwrap();
            let response: serde_json::Value = response.json().await.unwrap();
            assert!(response.get("errors").is_none(), "{response}");
            let latency = u64::try_from(start.elapsed().as_micros()).unwrap();
            slowest.fetch_max(latency, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
}

/// Copies all reviews into a table that equals the real one except for the triggers, and into a CSV file with the names of
/// their owners. Returns the duration of the copy into the table.
fn plain_copy(data: &Path, file: &Path, table: &Path) -> Duration {
    block_on(async {
        let data = data.to_str().unwrap();
        let cli = Cli::read(["marquee", "--data-dir", data, "check"]).unwrap();
        let database = Database::open(cli.database.address(), ClusterUse::Command)
            .await
            .unwrap();
        let mut connection = PgConnection::connect_with(database.options())
            .await
            .unwrap();
        let rows = format!("SELECT {COLUMNS} FROM review ORDER BY id");
        copy_out(&rows, "binary", file, &mut connection)
            .await
            .unwrap();
        copy_out(TABLE, "csv, HEADER", table, &mut connection)
            .await
            .unwrap();
        connection.execute(CREATE_PLAIN_TABLE).await.unwrap();
        connection.execute("CHECKPOINT").await.unwrap();
        let duration = copy_in(file, &mut connection).await.unwrap();
        connection.close().await.unwrap();
        database.close().await;
        duration
    })
}

const CREATE_PLAIN_TABLE: &str = "
CREATE TABLE bare (
    LIKE review INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES INCLUDING GENERATED INCLUDING IDENTITY,
    FOREIGN KEY (film_id) REFERENCES film (id) ON DELETE CASCADE,
    FOREIGN KEY (critic_id) REFERENCES critic (id) ON DELETE SET NULL,
    FOREIGN KEY (publication_id) REFERENCES publication (id) ON DELETE SET NULL
)";

/// The query for the reviews with the names of their owners, as columns of a catalogue.
const TABLE: &str = "
SELECT
    film.slug AS film_slug, film.title AS film, film.year AS film_year, critic.slug AS critic_slug, critic.name AS critic,
    publication.slug AS publication_slug, publication.name AS publication, score, original_score, score_rule, sentiment,
    recommended, top_critic, byline, excerpt, review.url, reviewed_on, source, external_id
FROM review JOIN film ON film.id = film_id
LEFT JOIN critic ON critic.id = critic_id LEFT JOIN publication ON publication.id = publication_id
ORDER BY review.id";

async fn copy_out(
    query: &str,
    format: &str,
    file: &Path,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let sql = format!("COPY ({query}) TO STDOUT (FORMAT {format})");
    let mut rows = connection.copy_out_raw(&sql).await?;
    let mut file = BufWriter::new(File::create(file)?);
    while let Some(bytes) = rows.next().await {
        file.write_all(&bytes?)?;
    }
    file.flush()?;
    Ok(())
}

async fn copy_in(file: &Path, connection: &mut PgConnection) -> Result<Duration, sqlx::Error> {
    let sql = format!("COPY bare ({COLUMNS}) FROM STDIN (FORMAT binary)");
    let mut file = File::open(file)?;
    let mut bytes = vec![0; 1 << 20];
    let start = Instant::now();
    let mut copy = connection.copy_in_raw(&sql).await?;
    loop {
        let read = file.read(&mut bytes)?;
        if read == 0 {
            break;
        }
        copy.send(&bytes[..read]).await?;
    }
    copy.finish().await?;
    Ok(start.elapsed())
}
