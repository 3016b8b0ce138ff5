//! A generated catalogue of the usual size for benchmarks, which stays in `target/bench`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use marquee::{
    config::Cli,
    database::{ClusterUse, Database},
};
use sea_orm::sqlx::{self, Connection as _, PgConnection};

use crate::program::{block_on, marquee};

/// The default number of reviews. A film has 20 reviews on average, a critic 200.
pub const REVIEWS: u32 = 1_000_000;

/// The number of different slugs in requests.
const SLUG_COUNT: usize = 2_000;

/// A catalogue in its own database.
pub struct BigCatalogue {
    pub data: PathBuf,
}

impl BigCatalogue {
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
            let catalogue = Self { data: data.clone() };
            // As autovacuum does within a minute.
            catalogue.query(async |connection| {
                sqlx::raw_sql("VACUUM ANALYZE").execute(connection).await
            });
            fs::write(marker, "").unwrap();
        }
        run(marquee(&data).args(["migrate", "up"]));
        Self { data }
    }

    /// Returns a random sample of slugs of a table, the same each time.
    pub fn slugs(&self, table: &str) -> Vec<String> {
        let sql = format!("SELECT slug FROM {table} ORDER BY md5(slug) LIMIT {SLUG_COUNT}");
        self.query(async |connection| {
            let slugs = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
            slugs.fetch_all(connection).await
        })
    }

    /// Creates a token of a role.
    pub fn token(&self, role: &str) -> String {
        let output = marquee(&self.data)
            .args(["token", "create", "--role", role])
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Opens the database.
    pub async fn database(&self) -> Database {
        let data = self.data.to_str().unwrap();
        let cli = Cli::read(["marquee", "--data-dir", data, "check"]).unwrap();
        Database::open(cli.database.address(), ClusterUse::Command)
            .await
            .unwrap()
    }

    /// Runs statements over a connection.
    pub fn query<T>(
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
