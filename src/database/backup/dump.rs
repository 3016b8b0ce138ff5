//! Writes a backup.

use std::{fs::File, process::Stdio};

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::{
    BackupError,
    programs::{Programs, failure},
};
use crate::database::{Database, sql};

/// The schema of the tables, and the major version of the server.
#[derive(Debug, FromQueryResult)]
struct Server {
    schema: String,
    major: i32,
}

const SERVER: &str = "
SELECT nspname::text AS schema, current_setting('server_version_num')::int / 10000 AS major
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE pg_class.oid = 'seaql_migrations'::regclass";

/// Writes the schema of Marquee with all rows to a file, as they were at one moment. Other processes may write
/// meanwhile.
///
/// # Errors
///
/// When the client programs are missing or older than the server, or `pg_dump` fails. The file may be incomplete then.
pub async fn dump(
    database: &Database,
    connection: &impl ConnectionTrait,
    file: File,
) -> Result<(), BackupError> {
    let server: Option<Server> = sql::one(connection, SERVER, []).await?;
    let server = server
        .ok_or_else(|| DbErr::RecordNotFound("the table of migrations has no schema".to_owned()))?;
    let major = u32::try_from(server.major).unwrap_or_default();
    let programs = Programs::at_least(major, "the server")?;
    // In quotes it is a name, not a pattern.
    let schema = format!("--schema=\"{}\"", server.schema.replace('"', "\"\""));
    let output = programs
        .command("pg_dump", Some(&database.client_environment()))
        .args([
            "--format=custom",
            "--no-password",
            "--strict-names",
            &schema,
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::from(file))
        .stderr(Stdio::piped())
        .spawn()
        .map_err(programs.error("pg_dump"))?
        .wait_with_output()
        .await
        .map_err(programs.error("pg_dump"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(failure("pg_dump", &output.stderr))
    }
}
