//! A database for each test.

mod cluster;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use chrono::Utc;
use marquee::{
    access::{
        self, Role,
        api_token::TokenDraft,
        token::{RANDOM_BYTES, Token},
    },
    critic::CriticId,
    database,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, sqlx::postgres::PgConnectOptions};

use self::cluster::{SharedCluster, in_a_runtime};

/// The role that servers connect as, and the script that grants its privileges.
const SERVING_ROLE: &str = "marquee_serving";

pub const GRANTS: &str = include_str!("../../../docs/serving-role.sql");

/// Selects the listeners of a database's servers by their process ids in PostgreSQL, once each server has sent a probe.
pub const LISTENERS: &str = "SELECT pid::text AS text FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'marquee live' AND state = 'idle' AND query LIKE 'LISTEN%'
        AND (SELECT count(*) FILTER (WHERE application_name = 'marquee probe' AND state = 'idle' AND query LIKE '%pg_notify%')
                >= count(*) FILTER (WHERE application_name = 'marquee live')
            FROM pg_stat_activity WHERE datname = current_database())";

/// The number of the next database or token of this test run.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// The database of one test. Dropping this drops the database.
#[derive(Debug)]
pub struct TestDatabase {
    shared: Arc<SharedCluster>,
    name: String,
}

impl TestDatabase {
    /// Creates a database with every table and no rows.
    pub async fn empty() -> Self {
        Self::cloned_from("template_empty").await
    }

    /// Creates a database with the demo catalogue.
    pub async fn demo() -> Self {
        Self::cloned_from("template_demo").await
    }

    /// Creates a database without any tables.
    pub async fn bare() -> Self {
        Self::cloned_from("template0").await
    }

    /// Creates a database without any tables, with another locale. `locale` is the end of `CREATE DATABASE`.
    pub async fn bare_with_locale(locale: &str) -> Self {
        Self::create("template0", locale).await
    }

    async fn cloned_from(template: &str) -> Self {
        Self::create(template, "").await
    }

    async fn create(template: &str, locale: &str) -> Self {
        let shared = tokio::task::spawn_blocking(SharedCluster::acquire)
            .await
            .unwrap();
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let name = format!("{name}_{}", shared.run);
        let template = match template {
            "template0" => template.to_owned(),
            _ => format!("{template}_{}", shared.run),
        };
        shared
            .maintain(&format!(
                "CREATE DATABASE {name} TEMPLATE {template} {locale}"
            ))
            .await;
        Self { shared, name }
    }

    /// Returns the connect options of the database's owner.
    pub fn options(&self) -> PgConnectOptions {
        self.shared.options(&self.name)
    }

    /// Returns the connect options of a server: its role has no more privileges than the documentation grants.
    pub fn serving_options(&self) -> PgConnectOptions {
        self.options().username(SERVING_ROLE)
    }

    /// Makes PostgreSQL log every statement of connections that are opened from now on.
    pub async fn log_statements(&self) {
        let setting = format!("ALTER DATABASE {} SET log_statement = 'all'", self.name);
        self.execute(&setting).await;
    }

    /// Returns the number of statements that PostgreSQL logged for this database since [`Self::log_statements`]. The
    /// statement with which the server opens a connection is left out.
    pub fn logged_statements(&self) -> usize {
        self.logged("")
    }

    /// Returns the number of logged statements that contain `words`, without those that open connections.
    pub fn logged(&self, words: &str) -> usize {
        let texts = self.logged_texts();
        texts.iter().filter(|text| text.contains(words)).count()
    }

    /// Returns the text of each statement that PostgreSQL logged for this database, without those that open
    /// connections, and without those of the listener, its probes, the regular reads of the statistics, and the reads of
    /// the rules of the site, which a server keeps until they change.
    pub fn logged_texts(&self) -> Vec<String> {
        let directory = self.shared.cluster.as_ref().unwrap().directory();
        let log = std::fs::read_to_string(directory.join("postgres.log")).unwrap();
        let of_this = format!(" {} ", self.name);
        let executed = |line: &'_ str| -> Option<String> {
            let (_, of_application) = line.split_once(&of_this)?;
            let (application, executed) = of_application.split_once(" LOG:  execute ")?;
            // Unnamed and named prepared statements differ in this part of the line.
            let (_, text) = executed.split_once(": ")?;
            let is_regular =
                ["marquee live", "marquee probe", "marquee statistics"].contains(&application);
            (!is_regular).then(|| text.to_owned())
        };
        let mut texts: Vec<String> = Vec::new();
        let mut is_of_this = false;
        for line in log.lines() {
            match executed(line) {
                Some(text) => {
                    texts.push(text);
                    is_of_this = true;
                }
                // Continuation lines of a multi-line statement begin with a tab.
                None => match line.strip_prefix('\t').filter(|_| is_of_this) {
                    Some(more) => {
                        if let Some(text) = texts.last_mut() {
                            text.push('\n');
                            text.push_str(more);
                        }
                    }
                    None => is_of_this = false,
                },
            }
        }
        let is_of_server = |text: &String| {
            ["pg_backend_pid", "date_order, more_reviews_per_critic"]
                .iter()
                .any(|words| text.contains(words))
        };
        texts.retain(|text| !is_of_server(text));
        texts
    }

    /// Creates an API token of a role and returns its secret. `critic` is the key of the critic that a critic's token
    /// belongs to.
    pub async fn token(&self, role: Role, critic: Option<i64>) -> String {
        // Uniqueness within a test run is enough; the secret needs no randomness.
        let number = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut random = [0; RANDOM_BYTES];
        random
            .iter_mut()
            .zip(number.iter().cycle())
            .for_each(|(byte, of)| *byte = *of);
        let token = Token::from_random(&random);
        let critic = critic.map(CriticId);
        let draft = TokenDraft::new(role.name(), role, critic, None, Utc::now()).unwrap();
        let connection = self.connect(1);
        access::store::write::add(&draft, &token, "test", &connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        token.reveal()
    }

    /// Executes SQL statements.
    pub async fn execute(&self, sql: &str) {
        let connection = self.connect(1);
        connection.execute_unprepared(sql).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Returns the values of a statement that selects one column of text.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let connection = self.connect(1);
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let rows = connection.query_all_raw(statement).await.unwrap();
        connection.close().await.unwrap();
        rows.iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect()
    }

    /// Opens a pool of `size` connections as the owner.
    pub fn connect(&self, size: u32) -> DatabaseConnection {
        database::connect_pool(&self.options(), size)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (shared, name) = (Arc::clone(&self.shared), self.name.clone());
        in_a_runtime(async move {
            shared
                .maintain(&format!("DROP DATABASE {name} WITH (FORCE)"))
                .await;
        });
    }
}
