//! What an archive of `pg_dump` contains, which is read before a database is touched.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use super::{BackupError, programs::Programs};
use crate::database::schema;

/// The table of the applied migrations.
const MIGRATIONS: &str = "seaql_migrations";

/// An archive with the tables of Marquee, as its table of contents describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// The path of the file.
    pub file: PathBuf,
    /// The schema of the tables.
    pub schema: String,
    /// The names of the tables.
    pub tables: BTreeSet<String>,
    /// The major version of the `pg_dump` that wrote it.
    pub major: u32,
    /// The names of the applied migrations.
    pub migrations: Vec<String>,
    /// The lines of the list that are the privileges of objects in the schema.
    pub(super) privileges: Vec<String>,
}

impl Archive {
    /// Reads the contents of a file.
    ///
    /// # Errors
    ///
    /// When the file can't be read, is not a backup of Marquee, or is of a newer version of Marquee.
    pub async fn read(file: &Path) -> Result<Self, BackupError> {
        let not_a_backup = |reason: String| BackupError::NotABackup {
            file: file.to_owned(),
            reason,
        };
        if let Err(error) = std::fs::File::open(file) {
            return Err(not_a_backup(error.to_string()));
        }
        let programs = Programs::newest()?;
        let list = [OsStr::new("--list"), file.as_os_str()];
        let list = match programs.read("pg_restore", &list).await {
            Err(BackupError::Program { reason, .. }) => return Err(not_a_backup(reason)),
            list => list?,
        };
        let (schema, tables, major) = parse_list(&list)
            .ok_or_else(|| not_a_backup("it has none of its tables".to_owned()))?;
        let schema_option = format!("--schema={schema}");
        let table_option = format!("--table={MIGRATIONS}");
        let rows = [
            OsStr::new("--data-only"),
            OsStr::new("--file=-"),
            OsStr::new(&schema_option),
            OsStr::new(&table_option),
            file.as_os_str(),
        ];
        let migrations = parse_migrations(&programs.read("pg_restore", &rows).await?);
        let known = schema::known();
        let unknown: Vec<String> = migrations
            .iter()
            .filter(|name| !known.contains(name))
            .cloned()
            .collect();
        if !unknown.is_empty() {
            return Err(BackupError::NewerSchema(unknown));
        }
        Ok(Self {
            file: file.to_owned(),
            schema,
            tables,
            major,
            migrations,
            privileges: privilege_entries(&list),
        })
    }
}

/// Parses the output of `pg_restore --list`: the schema, the tables, and the major version of `pg_dump`.
fn parse_list(list: &str) -> Option<(String, BTreeSet<String>, u32)> {
    let version = list
        .lines()
        .find_map(|line| line.split_once("Dumped by pg_dump version: "))?
        .1;
    let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
    let entries: Vec<&str> = list.lines().filter_map(table_entry).collect();
    // A line is "SCHEMA TABLE OWNER". The name of a schema may contain a blank, that of a table does not.
    let separator = format!(" {MIGRATIONS} ");
    let schema = entries
        .iter()
        .find_map(|entry| entry.split_once(&separator))?
        .0;
    let tables: BTreeSet<String> = entries
        .iter()
        .filter_map(|entry| entry.strip_prefix(schema)?.strip_prefix(' '))
        .filter_map(|entry| entry.split(' ').next())
        .map(str::to_owned)
        .collect();
    let is_complete = ["film", "review"].iter().all(|name| tables.contains(*name));
    is_complete.then_some((schema.to_owned(), tables, digits.parse().ok()?))
}

/// Returns the text after the type of an entry that is a table, such as `215; 1259 16390 TABLE public film marquee`.
fn table_entry(line: &str) -> Option<&str> {
    let (numbers, entry) = line.split_once(" TABLE ")?;
    let is_entry = numbers
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ';' | ' '));
    let is_table = !["DATA ", "ATTACH "]
        .iter()
        .any(|kind| entry.starts_with(kind));
    (is_entry && is_table).then_some(entry)
}

/// Returns the entries that are privileges. Those of the schema itself are left out: the database has its own.
fn privilege_entries(list: &str) -> Vec<String> {
    let is_entry = |line: &&str| {
        let entry = line.splitn(4, ' ').nth(3);
        entry.is_some_and(|entry| entry.starts_with("ACL ") && !entry.starts_with("ACL - "))
    };
    list.lines().filter(is_entry).map(str::to_owned).collect()
}

/// Parses the names of the migrations in the script of their rows.
fn parse_migrations(script: &str) -> Vec<String> {
    let mut lines = script.lines();
    let Some(header) = lines.find(|line| line.starts_with("COPY ")) else {
        return Vec::new();
    };
    let columns = header
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .map_or("", |(columns, _)| columns);
    let column = columns.split(", ").position(|name| name == "version");
    lines
        .take_while(|line| *line != "\\.")
        .filter_map(|line| line.split('\t').nth(column?))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
;
; Archive created at 2026-11-30 13:00:00 UTC
;     dbname: marquee
;     Dumped from database version: 15.18 (Debian 15.18-0+deb12u1)
;     Dumped by pg_dump version: 16.2
;
5; 2615 2200 SCHEMA - my films pg_database_owner
215; 1259 16390 TABLE my films film marquee
216; 1259 16391 TABLE my films review marquee
217; 1259 16392 TABLE my films seaql_migrations marquee
3410; 0 16390 TABLE DATA my films film marquee
3411; 0 16390 COMMENT my films TABLE film marquee
3412; 0 0 ACL my films TABLE film marquee
3413; 0 0 ACL - SCHEMA my films marquee
";

    #[test]
    fn the_list_has_the_schema_the_tables_and_the_version() {
        let (schema, tables, major) = parse_list(LIST).unwrap();
        assert_eq!((schema.as_str(), major), ("my films", 16));
        let tables: Vec<_> = tables.iter().map(String::as_str).collect();
        assert_eq!(tables, ["film", "review", "seaql_migrations"]);
        assert_eq!(
            privilege_entries(LIST),
            ["3412; 0 0 ACL my films TABLE film marquee"]
        );
        assert_eq!(parse_list(&LIST.replace("seaql_migrations", "other")), None);
        assert_eq!(parse_list(&LIST.replace(" review ", " opinion ")), None);
    }

    #[test]
    fn the_names_of_migrations_are_those_of_their_column() {
        let script = "SET x = 1;\n\nCOPY public.seaql_migrations (applied_at, version) FROM stdin;\n\
            17\tm1_a\n18\tm2_b\n\\.\n\nSELECT 1;\n";
        assert_eq!(parse_migrations(script), ["m1_a", "m2_b"]);
        assert_eq!(parse_migrations("SELECT 1;\n"), [""; 0]);
    }
}
