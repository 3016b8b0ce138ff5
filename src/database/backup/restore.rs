//! Restores a backup, in one transaction.

use std::{
    io,
    process::{ExitStatus, Stdio},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin},
};

use super::{
    Archive, BackupError,
    privileges::Privileges,
    programs::{ClientEnvironment, Programs, failure},
    target::Target,
};
use crate::database::schema;

/// Replaces the contents of a schema by those of an archive, in one transaction.
///
/// # Errors
///
/// When the archive does not fit the database, or a program fails. Nothing is changed then.
pub async fn restore(
    archive: &Archive,
    target: &Target,
    environment: &ClientEnvironment,
) -> Result<(), BackupError> {
    let programs = target.programs_for(archive)?;
    let privileges = Privileges::read(archive, &programs).await?;
    let begin = [
        // A cascade would print a notice for each object.
        "SET client_min_messages = warning".to_owned(),
        "BEGIN".to_owned(),
        schema::lock_statement(),
        "CREATE EXTENSION IF NOT EXISTS pg_trgm".to_owned(),
    ];
    let statements: Vec<String> = begin.into_iter().chain(target.drops()).collect();
    let before = statements.join(";\n") + ";\n";
    let after = privileges.script(target) + "COMMIT;\n";
    let mut psql = programs
        .command("psql", Some(environment))
        .args([
            "--no-psqlrc",
            "--quiet",
            "--no-password",
            "--set=ON_ERROR_STOP=1",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(programs.error("psql"))?;
    let mut pg_restore = programs
        .command("pg_restore", None)
        .args(["--no-owner", "--no-privileges", "--file=-"])
        .arg(format!("--schema={}", archive.schema))
        .arg(&archive.file)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(programs.error("pg_restore"))?;
    let (psql_errors, restore_errors) = (psql.stderr.take(), pg_restore.stderr.take());
    let (ran, psql_errors, restore_errors) = tokio::join!(
        run(&mut psql, &mut pg_restore, &before, &after),
        read_all(psql_errors),
        read_all(restore_errors),
    );
    conclude(ran, &psql_errors, &restore_errors, &programs)
}

/// The exit statuses of `psql` and `pg_restore`.
type Statuses = (ExitStatus, ExitStatus);

/// Sends the script of `pg_restore` to `psql`, between two scripts. The second one commits. It is sent only if
/// `pg_restore` has succeeded, since the script of a damaged archive ends early.
async fn run(
    psql: &mut Child,
    pg_restore: &mut Child,
    before: &str,
    after: &str,
) -> io::Result<Statuses> {
    let (Some(mut input), Some(mut script)) = (psql.stdin.take(), pg_restore.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    // `psql` stops reading at the first error, which it prints.
    let is_sent = send(&mut input, before, &mut script).await.is_ok();
    // Without a reader, `pg_restore` ends.
    drop(script);
    let restored = pg_restore.wait().await?;
    if is_sent && restored.success() {
        let _ = input.write_all(after.as_bytes()).await;
    }
    // At the end of its input, `psql` closes its connection, which rolls back an open transaction.
    drop(input);
    Ok((psql.wait().await?, restored))
}

async fn send(
    input: &mut ChildStdin,
    before: &str,
    script: &mut (impl AsyncRead + Unpin),
) -> io::Result<()> {
    input.write_all(before.as_bytes()).await?;
    tokio::io::copy(script, input).await.map(drop)
}

/// Reads what a program prints. A failure to read it hides only the cause of an error.
async fn read_all(output: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut output) = output {
        let _ = output.read_to_end(&mut bytes).await;
    }
    bytes
}

fn conclude(
    ran: io::Result<Statuses>,
    psql_errors: &[u8],
    restore_errors: &[u8],
    programs: &Programs,
) -> Result<(), BackupError> {
    let (psql, pg_restore) = ran.map_err(programs.error("psql"))?;
    // If `psql` has failed, `pg_restore` has lost its reader.
    if !psql.success() {
        return Err(failure("psql", psql_errors));
    }
    if !pg_restore.success() {
        return Err(failure("pg_restore", restore_errors));
    }
    Ok(())
}
