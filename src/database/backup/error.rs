//! Errors of backups and restores. Each message is one line with the remedy.

use std::{io, path::PathBuf};

use sea_orm::DbErr;

/// A backup can't be made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The client programs are missing.
    #[error(
        "PostgreSQL's client programs (pg_dump, pg_restore, psql) were not found on PATH, in /usr/lib/postgresql/*/bin or in Homebrew's \
         directories: install them (Debian: apt-get install postgresql-client)"
    )]
    NoPrograms,
    /// The client programs are older than the server or the archive.
    #[error(
        "{what} is of PostgreSQL {needed}, and this machine has only the client programs of {found}: install those of {needed} or newer \
         (Debian: apt-get install postgresql-client-{needed})"
    )]
    OldPrograms {
        /// What is newer.
        what: &'static str,
        /// Its major version.
        needed: u32,
        /// The installed major versions.
        found: String,
    },
    /// The client programs that read the archive are too new for the server.
    #[error(
        "the backup was made by the client programs of PostgreSQL {archive}, which can't write to the server of PostgreSQL {server}: restore \
         it into PostgreSQL {archive} or newer, or back up again with the programs of {server}"
    )]
    NewArchive {
        /// The major version of the archive.
        archive: u32,
        /// That of the server.
        server: u32,
    },
    /// A program failed.
    #[error("{program} failed: {reason}")]
    Program {
        /// The name of the program.
        program: &'static str,
        /// What it printed.
        reason: String,
    },
    /// A program can't be started, or its input or output fails.
    #[error("can't run {}: {source}", program.display())]
    CannotRun {
        /// The path of the program.
        program: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file is no backup.
    #[error("{} is not a backup of Marquee: {reason}", file.display())]
    NotABackup {
        /// The path of the file.
        file: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The backup has migrations that this version doesn't know.
    #[error(
        "the backup is of a newer version of Marquee, with migrations that this one does not know: restore it by that version ({})",
        .0.join(", ")
    )]
    NewerSchema(Vec<String>),
    /// The tables of the backup are in another schema than those of the connection.
    #[error(
        "the backup has its tables in the schema {backup}, and the database has them in {database}: restore it into a database with the \
         schema {backup} in its search path"
    )]
    OtherSchema {
        /// The schema of the backup.
        backup: String,
        /// The schema of the connection.
        database: String,
    },
    /// The schema has tables of another program.
    #[error(
        "the schema {schema} has tables that are not Marquee's ({}): restore into another database", tables.join(", ")
    )]
    OtherTables {
        /// The schema.
        schema: String,
        /// The names of the tables.
        tables: Vec<String>,
    },
    /// The database has rows, and may not be replaced.
    #[error(
        "the database is not empty ({0}): --replace deletes all of it and restores the backup; `marquee backup` saves it first"
    )]
    NotEmpty(String),
    /// A statement failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}
