//! The catalogue that is asked about, and what SQL has to say of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use marquee::{
    config::Cli,
    database::{Database, Use},
    global_id::{GlobalId, Kind},
};
use sea_orm::sqlx::{self, Connection as _, PgConnection, postgres::PgConnectOptions};
use serde_json::Value;

use crate::{
    load,
    operations::{Operation, Subject, without_tallies},
    program::{in_a_runtime, marquee},
};

/// How many different things are asked for.
const SLUGS: usize = 2_000;

/// How many answers are held against SQL.
const CHECKED: usize = 100;

/// For how long a statement is measured, in seconds, once it is warm.
const STATEMENT_SECONDS: u32 = 3;

/// What PostgreSQL itself can do.
#[derive(Clone, Copy, Debug)]
pub struct Statements {
    /// How many statements it answers in a second.
    pub rate: f64,
    /// How many milliseconds one takes in the mean.
    pub milliseconds: f64,
}

impl Statements {
    /// In the mean of two measurements.
    pub fn mean(self, other: Self) -> Self {
        Self {
            rate: f64::midpoint(self.rate, other.rate),
            milliseconds: f64::midpoint(self.milliseconds, other.milliseconds),
        }
    }
}

/// A catalogue in a database of its own.
pub struct Catalogue {
    pub data: PathBuf,
}

impl Catalogue {
    /// The catalogue with so many reviews; made up unless it is there from an earlier run.
    pub fn made(reviews: u32) -> Self {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../bench");
        let data = target.join(format!("{reviews}-reviews"));
        let done = data.join("made");
        if !done.exists() {
            let _ = fs::remove_dir_all(&data);
            println!("making up {reviews} reviews");
            run(marquee(&data).args(["migrate", "up"]));
            run(marquee(&data)
                .arg("generate")
                .arg(format!("--films={}", reviews.div_ceil(20)))
                .arg(format!("--critics={}", reviews.div_ceil(200)))
                .arg(format!("--publications={}", reviews.div_ceil(2_000)))
                .arg(format!("--reviews={reviews}"))
                .arg("--seed=42"));
            fs::write(done, "").unwrap();
        }
        run(marquee(&data).args(["migrate", "up"]));
        Self { data }
    }

    /// Slugs at random, the same ones each time.
    pub fn slugs(&self, of: Subject) -> Vec<String> {
        let table = match of {
            Subject::Film => "film",
            Subject::Critic => "critic",
            Subject::Publication => "publication",
            Subject::Nobody => return vec![String::new()],
        };
        let sql = format!("SELECT slug FROM {table} ORDER BY md5(slug) LIMIT {SLUGS}");
        self.ask(async |connection| {
            let slugs = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
            slugs.fetch_all(connection).await
        })
    }

    /// Holds answers against SQL. Gives the bytes of a usual one.
    pub fn check(&self, operation: &Operation, slugs: &[String], url: &str) -> usize {
        let mut bytes = Vec::new();
        for slug in slugs.iter().take(CHECKED) {
            let answer = ask(url, operation.request(slug));
            bytes.push(answer.len());
            let mut answer: Value = serde_json::from_slice(&answer).unwrap();
            assert!(answer.get("errors").is_none(), "{answer}");
            without_tallies(&mut answer["data"]);
            let expected: String = self.ask(async |connection| {
                let sql = format!("SELECT ({})::text", operation.sql);
                let expected = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(slug);
                expected.fetch_one(connection).await
            });
            let expected: Value = serde_json::from_str(&expected).unwrap();
            assert_eq!(answer["data"], expected, "{} {slug}", operation.name);
        }
        bytes.sort_unstable();
        bytes[bytes.len() / 2]
    }

    /// How many of an operation's statements PostgreSQL answers in a second, and how many milliseconds one takes.
    pub fn pgbench(&self, operation: &Operation, clients: u32) -> Statements {
        self.pgbench_of(operation, operation.sql, clients)
    }

    /// How many reviews PostgreSQL takes in a second, each in a transaction of its own.
    pub fn pgbench_inserts(&self, film: &Operation, clients: u32) -> Statements {
        let insert = "INSERT INTO review (film_id, byline, score, score_rule)
            VALUES ((SELECT id FROM film WHERE slug = $1), 'Bench', 50, 'given')";
        self.pgbench_of(film, insert, clients)
    }

    fn pgbench_of(&self, operation: &Operation, sql: &str, clients: u32) -> Statements {
        let slugs = self.slugs(operation.of);
        let file = self.data.join("statement.sql");
        // pgbench can choose a number, not a text: so the slugs go with it, as one text per number.
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
        self.ask(async |connection| {
            let table = "CREATE SCHEMA IF NOT EXISTS bench;
                CREATE TABLE IF NOT EXISTS bench.slug (subject text, n int, slug text, PRIMARY KEY (subject, n))";
            sqlx::raw_sql(table).execute(&mut *connection).await?;
            let rows = "INSERT INTO bench.slug SELECT $1, n, slug FROM unnest($2::text[]) WITH ORDINALITY AS given (slug, n)
                ON CONFLICT DO NOTHING";
            let rows = sqlx::query(rows).bind(operation.name).bind(&slugs);
            rows.execute(connection).await
        });
        let options = self.ask_for_options();
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
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        // "progress: 1.0 s, 959.2 tps, lat 30.216 ms stddev 23.892", a line each second. In the first ones connections are opened and
        // statements planned.
        let seconds: Vec<_> = told
            .lines()
            .filter_map(|line| line.strip_prefix("progress: "))
            .skip(load::WARM_UP as usize)
            .collect();
        assert!(!seconds.is_empty(), "{told}");
        let mean = |before: &str, after: &str| -> f64 {
            let number = |line: &&str| -> f64 {
                let (_, rest) = line.split_once(before).unwrap();
                rest.split_once(after).unwrap().0.parse().unwrap()
            };
            #[expect(clippy::cast_precision_loss, reason = "a few")]
            let count = seconds.len() as f64;
            seconds.iter().map(number).sum::<f64>() / count
        };
        Statements {
            rate: mean(" s, ", " tps"),
            milliseconds: mean("lat ", " ms"),
        }
    }

    /// A token with which reviews can be added.
    pub fn token(&self) -> String {
        let made = marquee(&self.data)
            .args(["token", "create", "--role", "editor"])
            .output()
            .unwrap();
        assert!(made.status.success());
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    }

    /// The ids of the films with these slugs.
    pub fn ids(&self, slugs: &[String]) -> Vec<String> {
        let keys: Vec<i64> = self.ask(async |connection| {
            let keys = sqlx::query_scalar("SELECT id FROM film WHERE slug = ANY($1) ORDER BY id");
            keys.bind(slugs).fetch_all(connection).await
        });
        let kind = Kind::Film;
        let ids = keys.into_iter().map(|key| GlobalId { kind, key }.encode());
        ids.collect()
    }

    /// How many reviews the measurements have added.
    pub fn added(&self) -> u64 {
        let count: i64 = self.ask(async |connection| {
            let count = sqlx::query_scalar("SELECT count(*) FROM review WHERE byline = 'Bench'");
            count.fetch_one(connection).await
        });
        count.unsigned_abs()
    }

    /// Takes away the reviews that the measurements have added.
    pub fn clean(&self) {
        self.ask(async |connection| {
            let gone = "DELETE FROM review WHERE byline = 'Bench'";
            sqlx::raw_sql(gone).execute(&mut *connection).await?;
            sqlx::raw_sql("VACUUM ANALYZE").execute(connection).await
        });
    }

    fn ask_for_options(&self) -> PgConnectOptions {
        in_a_runtime(async {
            let database = self.database().await;
            let options = database.options().clone();
            database.close().await;
            options
        })
    }

    async fn database(&self) -> Database {
        let data = self.data.to_str().unwrap();
        let cli = Cli::read(["marquee", "--data-dir", data, "check"]).unwrap();
        Database::open(cli.database.address(), Use::Command)
            .await
            .unwrap()
    }

    fn ask<T>(&self, ask: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>) -> T {
        in_a_runtime(async {
            let database = self.database().await;
            let mut connection = PgConnection::connect_with(database.options())
                .await
                .unwrap();
            let answer = ask(&mut connection).await.unwrap();
            connection.close().await.unwrap();
            database.close().await;
            answer
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

fn ask(url: &str, body: String) -> Vec<u8> {
    in_a_runtime(async {
        let client = reqwest::Client::new();
        let request = client.post(url).header("content-type", "application/json");
        let answer = request.body(body).send().await.unwrap();
        answer.bytes().await.unwrap().to_vec()
    })
}
