//! The catalogue that is asked about, and what SQL has to say of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use marquee::{
    config::Cli,
    database::{Database, Use},
};
use sea_orm::sqlx::{self, Connection as _, PgConnection, postgres::PgConnectOptions};
use serde_json::Value;

use crate::{
    load::SECONDS,
    operations::{Operation, Subject, without_tallies},
    program::{in_a_runtime, marquee},
};

/// How many different things are asked for.
const SLUGS: usize = 2_000;

/// How many answers are held against SQL.
const CHECKED: usize = 100;

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

    /// How many of an operation's statements PostgreSQL answers in a second.
    pub fn pgbench(&self, operation: &Operation, clients: u32) -> f64 {
        let slugs = self.slugs(operation.of);
        let file = self.data.join("statement.sql");
        // pgbench can choose a number, not a text: so the slugs go with it, as one text per number.
        let choice = format!("\\set n random(1, {})\n", slugs.len());
        let slug = format!(
            "(SELECT slug FROM bench.slug WHERE n = :n AND subject = '{}')",
            operation.name
        );
        fs::write(&file, choice + &operation.sql.replace("$1", &slug) + "\n").unwrap();
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
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
            .arg(format!("--client={clients}"))
            .arg(format!("--time={SECONDS}"))
            .arg("--file")
            .arg(&file)
            .arg("--host")
            .arg(options.get_socket().unwrap())
            .args(["--username", options.get_username()])
            .arg(options.get_database().unwrap())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = "));
        let rate = rate.and_then(|line| line.split(' ').next());
        rate.and_then(|rate| rate.parse().ok()).unwrap()
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
        Database::open(&cli.database, Use::Command).await.unwrap()
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
