//! The catalogue under test, and the expected results from SQL.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use marquee::{
    config::Cli,
    database::{ClusterUse, Database},
    global_id::{GlobalId, Kind},
};
use sea_orm::sqlx::{self, Connection as _, PgConnection, postgres::PgConnectOptions};
use serde_json::Value;

use crate::{
    load,
    operations::{Operation, Subject, without_tallies},
    program::{block_on, marquee},
};

/// The number of different slugs in requests.
const SLUG_COUNT: usize = 2_000;

/// The number of responses that are compared with SQL.
const CHECKED_RESPONSES: usize = 100;

/// The duration of a measurement of a statement in seconds, after the warm-up.
const STATEMENT_SECONDS: u32 = 3;

/// The throughput and latency of PostgreSQL itself.
#[derive(Clone, Copy, Debug)]
pub struct StatementRate {
    /// The number of statements a second.
    pub rate: f64,
    /// The mean latency of a statement in milliseconds.
    pub milliseconds: f64,
}

impl StatementRate {
    /// Computes the means of the progress lines in the log of pgbench, without the first seconds.
    fn from_progress(log: &str) -> Self {
        // A line each second, such as "progress: 1.0 s, 959.2 tps, lat 30.216 ms stddev 23.892". In the first seconds
        // connections are opened and statements planned.
        let seconds: Vec<_> = log
            .lines()
            .filter_map(|line| line.strip_prefix("progress: "))
            .skip(load::WARM_UP as usize)
            .collect();
        assert!(!seconds.is_empty(), "{log}");
        let mean = |before: &str, after: &str| -> f64 {
            let number = |line: &&str| -> f64 {
                let (_, after_prefix) = line.split_once(before).unwrap();
                after_prefix.split_once(after).unwrap().0.parse().unwrap()
            };
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            let count = seconds.len() as f64;
            seconds.iter().map(number).sum::<f64>() / count
        };
        Self {
            rate: mean(" s, ", " tps"),
            milliseconds: mean("lat ", " ms"),
        }
    }
}

impl StatementRate {
    /// Returns the mean of two measurements.
    pub fn mean(self, other: Self) -> Self {
        Self {
            rate: f64::midpoint(self.rate, other.rate),
            milliseconds: f64::midpoint(self.milliseconds, other.milliseconds),
        }
    }
}

/// A catalogue in its own database.
pub struct Catalogue {
    pub data: PathBuf,
}

impl Catalogue {
    /// Returns the catalogue with this number of reviews. Generates it unless an earlier run did.
    pub fn open_or_generate(reviews: u32) -> Self {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../bench");
        let data = target.join(format!("{reviews}-reviews"));
        let marker = data.join("made");
        if !marker.exists() {
            let _ = fs::remove_dir_all(&data);
            println!("generating {reviews} reviews");
            run(marquee(&data).args(["migrate", "up"]));
            run(marquee(&data)
                .arg("generate")
                .arg(format!("--films={}", reviews.div_ceil(20)))
                .arg(format!("--critics={}", reviews.div_ceil(200)))
                .arg(format!("--publications={}", reviews.div_ceil(2_000)))
                .arg(format!("--reviews={reviews}"))
                .arg("--seed=42"));
            fs::write(marker, "").unwrap();
        }
        run(marquee(&data).args(["migrate", "up"]));
        Self { data }
    }

    /// Returns a random sample of slugs, the same each time.
    pub fn slugs(&self, subject: Subject) -> Vec<String> {
        let table = match subject {
            Subject::Film => "film",
            Subject::Critic => "critic",
            Subject::Publication => "publication",
            Subject::None => return vec![String::new()],
        };
        let sql = format!("SELECT slug FROM {table} ORDER BY md5(slug) LIMIT {SLUG_COUNT}");
        self.query(async |connection| {
            let slugs = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
            slugs.fetch_all(connection).await
        })
    }

    /// Compares responses with SQL. Returns the median size of a response in bytes.
    pub fn check(&self, operation: &Operation, slugs: &[String], url: &str) -> usize {
        let mut bytes = Vec::new();
        for slug in slugs.iter().take(CHECKED_RESPONSES) {
            let response = fetch(url, operation.request(slug));
            bytes.push(response.len());
            let mut response: Value = serde_json::from_slice(&response).unwrap();
            assert!(response.get("errors").is_none(), "{response}");
            without_tallies(&mut response["data"]);
            let expected: String = self.query(async |connection| {
                let sql = format!("SELECT ({})::text", operation.sql);
                let expected = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(slug);
                expected.fetch_one(connection).await
            });
            let expected: Value = serde_json::from_str(&expected).unwrap();
            assert_eq!(response["data"], expected, "{} {slug}", operation.name);
        }
        bytes.sort_unstable();
        bytes[bytes.len() / 2]
    }

    /// Measures an operation's statement with pgbench.
    pub fn pgbench(&self, operation: &Operation, clients: u32) -> StatementRate {
        self.pgbench_of(operation, operation.sql, clients)
    }

    /// Measures inserts of reviews with pgbench, each in its own transaction.
    pub fn pgbench_inserts(&self, film: &Operation, clients: u32) -> StatementRate {
        let insert = "INSERT INTO review (film_id, byline, score, score_rule)
            VALUES ((SELECT id FROM film WHERE slug = $1), 'Bench', 50, 'given')";
        self.pgbench_of(film, insert, clients)
    }

    fn pgbench_of(&self, operation: &Operation, sql: &str, clients: u32) -> StatementRate {
        let slugs = self.slugs(operation.subject);
        let file = self.data.join("statement.sql");
        // pgbench can draw a number but no string, so a table maps numbers to slugs.
        let choice = format!("\\set n random(1, {})\n", slugs.len());
        let slug = format!(
            "(SELECT slug FROM bench.slug WHERE n = :n AND subject = '{}')",
            operation.name
        );
        fs::write(
            &file,
            choice + &sql.replace("$1", &slug).replace('\n', " ") + "\n",
        )
        .unwrap();
        self.add_numbered_slugs(operation, &slugs);
        let options = self.connect_options();
        let output = Command::new("pgbench")
            .args(["--no-vacuum", "--protocol=prepared"])
            .arg(format!("--jobs={}", clients.min(2)))
            .arg(format!("--client={clients}"))
            .arg(format!("--time={}", load::WARM_UP + STATEMENT_SECONDS))
            .arg("--progress=1")
            .arg("--file")
            .arg(&file)
            .arg("--host")
            .arg(options.get_socket().unwrap())
            .args(["--username", options.get_username()])
            .arg(options.get_database().unwrap())
            .output()
            .unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{log}");
        StatementRate::from_progress(&log)
    }

    /// Adds the slugs of an operation to the table that maps numbers to slugs.
    fn add_numbered_slugs(&self, operation: &Operation, slugs: &[String]) {
        self.query(async |connection| {
            let table = "CREATE SCHEMA IF NOT EXISTS bench;
                CREATE TABLE IF NOT EXISTS bench.slug (subject text, n int, slug text, PRIMARY KEY (subject, n))";
            sqlx::raw_sql(table).execute(&mut *connection).await?;
            let rows = "INSERT INTO bench.slug SELECT $1, n, slug FROM unnest($2::text[]) WITH ORDINALITY AS given (slug, n)
                ON CONFLICT DO NOTHING";
            let rows = sqlx::query(rows).bind(operation.name).bind(slugs);
            rows.execute(connection).await
        });
    }

    /// Creates a token that may add reviews.
    pub fn token(&self) -> String {
        let output = marquee(&self.data)
            .args(["token", "create", "--role", "editor"])
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Returns the global ids of the films with these slugs.
    pub fn ids(&self, slugs: &[String]) -> Vec<String> {
        let keys: Vec<i64> = self.query(async |connection| {
            let keys = sqlx::query_scalar("SELECT id FROM film WHERE slug = ANY($1) ORDER BY id");
            keys.bind(slugs).fetch_all(connection).await
        });
        let kind = Kind::Film;
        let ids = keys.into_iter().map(|key| GlobalId { kind, key }.encode());
        ids.collect()
    }

    /// Returns the number of reviews that the measurements have added.
    pub fn added(&self) -> u64 {
        let count: i64 = self.query(async |connection| {
            let count = sqlx::query_scalar("SELECT count(*) FROM review WHERE byline = 'Bench'");
            count.fetch_one(connection).await
        });
        count.unsigned_abs()
    }

    /// Deletes the reviews that the measurements have added.
    pub fn clean(&self) {
        self.query(async |connection| {
            let delete = "DELETE FROM review WHERE byline = 'Bench'";
            sqlx::raw_sql(delete).execute(&mut *connection).await?;
            sqlx::raw_sql("VACUUM ANALYZE").execute(connection).await
        });
    }

    fn connect_options(&self) -> PgConnectOptions {
        block_on(async {
            let database = self.database().await;
            let options = database.options().clone();
            database.close().await;
            options
        })
    }

    async fn database(&self) -> Database {
        let data = self.data.to_str().unwrap();
        let cli = Cli::read(["marquee", "--data-dir", data, "check"]).unwrap();
        Database::open(cli.database.address(), ClusterUse::Command)
            .await
            .unwrap()
    }

    fn query<T>(
        &self,
        run_query: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> T {
        block_on(async {
            let database = self.database().await;
            let mut connection = PgConnection::connect_with(database.options())
                .await
                .unwrap();
            let result = run_query(&mut connection).await.unwrap();
            connection.close().await.unwrap();
            database.close().await;
            result
        })
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn fetch(url: &str, body: String) -> Vec<u8> {
    block_on(async {
        let client = reqwest::Client::new();
        let request = client.post(url).header("content-type", "application/json");
        let response = request.body(body).send().await.unwrap();
        response.bytes().await.unwrap().to_vec()
    })
}
