//! The catalogue under test, and the expected results from SQL.

use std::{fs, process::Command};

use marquee::global_id::{GlobalId, Kind};
use sea_orm::sqlx::{self, postgres::PgConnectOptions};
use serde_json::Value;

use crate::{
    big_catalogue::BigCatalogue,
    load,
    operations::{Operation, Subject, without_tallies},
    program::block_on,
};

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

/// The catalogue under test, with the expected results.
pub struct Catalogue(pub BigCatalogue);

impl Catalogue {
    /// Returns a random sample of slugs, the same each time.
    pub fn slugs(&self, subject: Subject) -> Vec<String> {
        let table = match subject {
            Subject::Film => "film",
            Subject::Critic => "critic",
            Subject::Publication => "publication",
            Subject::None => return vec![String::new()],
        };
        self.0.slugs(table)
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
            let expected: String = self.0.query(async |connection| {
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
        let file = self.0.data.join("statement.sql");
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
        self.0.query(async |connection| {
            let table = "CREATE SCHEMA IF NOT EXISTS bench;
                CREATE TABLE IF NOT EXISTS bench.slug (subject text, n int, slug text, PRIMARY KEY (subject, n))";
            sqlx::raw_sql(table).execute(&mut *connection).await?;
            let rows = "INSERT INTO bench.slug SELECT $1, n, slug FROM unnest($2::text[]) WITH ORDINALITY AS given (slug, n)
                ON CONFLICT DO NOTHING";
            let rows = sqlx::query(rows).bind(operation.name).bind(slugs);
            rows.execute(connection).await
        });
    }

    /// Returns the global ids of the films with these slugs.
    pub fn ids(&self, slugs: &[String]) -> Vec<String> {
        let keys: Vec<i64> = self.0.query(async |connection| {
            let keys = sqlx::query_scalar("SELECT id FROM film WHERE slug = ANY($1) ORDER BY id");
            keys.bind(slugs).fetch_all(connection).await
        });
        let kind = Kind::Film;
        let ids = keys.into_iter().map(|key| GlobalId { kind, key }.encode());
        ids.collect()
    }

    /// Returns the number of reviews that the measurements have added.
    pub fn added(&self) -> u64 {
        let count: i64 = self.0.query(async |connection| {
            let count = sqlx::query_scalar("SELECT count(*) FROM review WHERE byline = 'Bench'");
            count.fetch_one(connection).await
        });
        count.unsigned_abs()
    }

    /// Deletes the reviews that the measurements have added.
    pub fn clean(&self) {
        self.0.query(async |connection| {
            let delete = "DELETE FROM review WHERE byline = 'Bench'";
            sqlx::raw_sql(delete).execute(&mut *connection).await?;
            sqlx::raw_sql("VACUUM ANALYZE").execute(connection).await
        });
    }

    fn connect_options(&self) -> PgConnectOptions {
        block_on(async {
            let database = self.0.database().await;
            let options = database.options().clone();
            database.close().await;
            options
        })
    }
}

fn fetch(url: &str, body: String) -> Vec<u8> {
    block_on(async {
        let client = reqwest::Client::new();
        let request = client.post(url).header("content-type", "application/json");
        let response = request.body(body).send().await.unwrap();
        response.bytes().await.unwrap().to_vec()
    })
}
