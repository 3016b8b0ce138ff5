//! Blocking sessions with PostgreSQL.

use marquee::database;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, FromQueryResult, Statement,
    sqlx::postgres::PgConnectOptions,
};

/// A blocking session with PostgreSQL.
#[derive(Debug)]
pub struct Session {
    runtime: tokio::runtime::Runtime,
    connection: DatabaseConnection,
}

impl Session {
    /// Opens a session.
    pub fn open(options: &PgConnectOptions) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let connection = runtime.block_on(async {
            let connection = database::connect_pool(options, 1);
            connection.execute_unprepared("SELECT 1").await.unwrap();
            connection
        });
        Self {
            runtime,
            connection,
        }
    }

    /// Executes SQL statements.
    pub fn execute(&self, sql: &str) {
        self.runtime
            .block_on(self.connection.execute_unprepared(sql))
            .unwrap();
    }

    /// Returns the value of a statement that selects one text.
    pub fn value(&self, statement: &str) -> String {
        #[derive(FromQueryResult)]
        struct Row {
            value: String,
        }
        let statement = Statement::from_string(sea_orm::DbBackend::Postgres, statement);
        let row = Row::find_by_statement(statement).one(&self.connection);
        self.runtime.block_on(row).unwrap().unwrap().value
    }
}

/// Returns the URL of a database behind a Unix socket.
pub fn url(options: &PgConnectOptions) -> String {
    let socket = options.get_socket().unwrap().to_str().unwrap();
    format!(
        "postgres://{}@{}/{}",
        options.get_username(),
        socket.replace('/', "%2F"),
        options.get_database().unwrap()
    )
}
