//! Finds out what a pooler between Marquee and PostgreSQL supports.

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DbErr, FromQueryResult,
    sqlx::{self, Connection, Executor, PgConnection, postgres::PgConnectOptions},
};
use tokio::time::timeout;

use super::{connect_options, error::FOREIGN_STATEMENTS, sql};

/// The timeout of the check. A pooler with a single connection to PostgreSQL does not respond until then.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The beginning of PgBouncer's message about a parameter of the startup message. It has no SQLSTATE of its own.
const REJECTED_PARAMETER: &str = "unsupported startup parameter";

/// A pooler can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PoolerError {
    /// The pooler runs a prepared statement in a session that does not have it.
    #[error(
        "the pooler loses prepared statements: PgBouncer needs version 1.21 or newer and max_prepared_statements above 0 \
         in transaction mode; otherwise use session mode"
    )]
    PreparedStatements,
    /// The pooler rejects a parameter of the startup message, which is from the URL.
    #[error(
        "the pooler says: {0}; remove the option from the database URL and set it for the role in PostgreSQL (ALTER ROLE), \
         or, if PgBouncer may ignore it, set ignore_startup_parameters = options"
    )]
    Parameter(String),
}

impl PoolerError {
    /// Returns the error of a pooler, if an error is due to one.
    #[must_use]
    pub fn of(error: &sqlx::Error) -> Option<Self> {
        let error = error.as_database_error()?;
        let code = error.code().unwrap_or_default();
        if FOREIGN_STATEMENTS.contains(&code.as_ref()) {
            return Some(Self::PreparedStatements);
        }
        let message = error.message();
        let is_rejected = message.starts_with(REJECTED_PARAMETER);
        is_rejected.then(|| Self::Parameter(message.to_owned()))
    }
}

/// Checks that a prepared statement can be run in another session than the one that prepared it, as a pooler in
/// transaction mode does. Without a pooler there is only one session.
///
/// # Errors
///
/// Fails when a statement does. [`PoolerError::of`] finds out whether that is due to the pooler.
pub async fn check_prepared_statements(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let check = timeout(TIMEOUT, run_in_other_session(options));
    check.await.unwrap_or_else(|_| {
        tracing::warn!(
            "it could not be checked whether a pooler supports prepared statements: no second session was free"
        );
        Ok(())
    })
}

async fn run_in_other_session(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let options = connect_options(options);
    let mut prepared = PgConnection::connect_with(&options).await?;
    let mut blocker = PgConnection::connect_with(&options).await?;
    let statement = || sqlx::query("SELECT $1::integer").bind(1);
    statement().execute(&mut prepared).await?;
    // A transaction keeps the session in which the statement was prepared, since poolers reuse the latest one first.
    blocker.execute("BEGIN").await?;
    let result = statement().execute(&mut prepared).await;
    blocker.execute("ROLLBACK").await?;
    blocker.close().await?;
    prepared.close().await?;
    result.map(drop)
}

/// Returns the parameters that the role should have, because a server without notifications does not set them, as
/// assignments of SQL.
///
/// # Errors
///
/// Fails when the statement fails.
pub async fn missing_parameters(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Parameter {
        assignment: String,
    }
    let sql = "SELECT format('%s = %L', name, wanted) AS assignment
        FROM (VALUES
            ('statement_timeout', '20s', '0'), ('plan_cache_mode', 'force_generic_plan', 'auto'), ('jit', 'off', 'on'),
            ('max_parallel_workers_per_gather', '0', '2')
        ) AS wanted (name, wanted, unset)
        WHERE current_setting(name) = unset";
    let parameters: Vec<Parameter> = sql::all(connection, sql, []).await?;
    let parameters = parameters.into_iter();
    Ok(parameters.map(|parameter| parameter.assignment).collect())
}
