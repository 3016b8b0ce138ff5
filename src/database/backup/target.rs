//! The database into which a backup is restored, before the restore.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{Archive, BackupError, programs::Programs};
use crate::database::{schema, sql};

/// The first version whose programs set a parameter (`transaction_timeout`) that older servers don't know.
const FIRST_WITH_TRANSACTION_TIMEOUT: u32 = 17;

/// The table of the applied migrations.
const MIGRATIONS: &str = "seaql_migrations";

/// What the schema of a database contains.
#[derive(Debug)]
pub struct Target {
    schema: String,
    major: u32,
    tables: BTreeSet<String>,
    drops: Vec<String>,
    roles: BTreeSet<String>,
}

#[derive(FromQueryResult)]
struct Server {
    schema: Option<String>,
    major: i32,
}

#[derive(FromQueryResult)]
struct Text {
    text: String,
}

const SERVER: &str = "
SELECT current_schema()::text AS schema, current_setting('server_version_num')::int / 10000 AS major";

/// The tables and views of the schema that belong to no extension.
const TABLES: &str = "
SELECT relname::text AS text FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'f', 'v', 'm')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')";

/// The statements that delete everything in the schema that belongs to no extension. Tables take their indexes, triggers
/// and sequences with them.
const DROPS: &str = "
SELECT format('DROP %s IF EXISTS %s CASCADE', kind, identity) AS text FROM (
    SELECT 1 AS rank, 'pg_class'::regclass AS catalog, oid, CASE relkind
        WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS kind
    FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'f', 'v', 'm')
    UNION ALL
    SELECT 2, 'pg_proc'::regclass, oid, 'ROUTINE' FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
    UNION ALL
    SELECT 3, 'pg_type'::regclass, oid, 'TYPE' FROM pg_type
    WHERE typnamespace = current_schema()::regnamespace AND typtype IN ('d', 'e')
) AS object, pg_identify_object(catalog, oid, 0)
WHERE NOT EXISTS (
    SELECT FROM pg_depend WHERE pg_depend.classid = catalog AND pg_depend.objid = object.oid AND deptype = 'e'
)
ORDER BY rank, oid";

const ROLES: &str = "SELECT rolname::text AS text FROM pg_roles";

impl Target {
    /// Reads what the schema of a database contains.
    ///
    /// # Errors
    ///
    /// When a statement fails.
    pub async fn read(connection: &impl ConnectionTrait) -> Result<Self, BackupError> {
        let server: Option<Server> = sql::one(connection, SERVER, []).await?;
        let (schema, major) = server.map_or((None, 0), |server| (server.schema, server.major));
        let texts = async |statement: &str| -> Result<Vec<String>, BackupError> {
            let rows: Vec<Text> = sql::all(connection, statement, []).await?;
            Ok(rows.into_iter().map(|row| row.text).collect())
        };
        Ok(Self {
            schema: schema.unwrap_or_default(),
            major: u32::try_from(major).unwrap_or_default(),
            tables: texts(TABLES).await?.into_iter().collect(),
            drops: texts(DROPS).await?,
            roles: texts(ROLES).await?.into_iter().collect(),
        })
    }

    /// Returns the names of the tables, without the list of migrations.
    #[must_use]
    pub fn tables(&self) -> Vec<&str> {
        let tables = self.tables.iter().map(String::as_str);
        tables.filter(|table| *table != MIGRATIONS).collect()
    }

    /// Returns the statements that delete what the schema contains.
    pub(super) fn drops(&self) -> impl Iterator<Item = String> {
        self.drops.iter().cloned()
    }

    /// Returns whether the server has a role.
    pub(super) fn has_role(&self, name: &str) -> bool {
        self.roles.contains(name)
    }

    /// Checks that an archive can be restored into the schema.
    ///
    /// # Errors
    ///
    /// When the archive is of another schema, the schema has tables of another program, or the client programs don't fit.
    pub fn check(&self, archive: &Archive) -> Result<(), BackupError> {
        self.programs_for(archive).map(drop)
    }

    /// Finds the programs that restore an archive into the schema.
    pub(super) fn programs_for(&self, archive: &Archive) -> Result<Programs, BackupError> {
        if self.schema != archive.schema {
            return Err(BackupError::OtherSchema {
                backup: archive.schema.clone(),
                database: self.schema.clone(),
            });
        }
        let is_other =
            |table: &&str| !archive.tables.contains(*table) && !schema::TABLES.contains(table);
        let others: Vec<String> = self
            .tables()
            .into_iter()
            .filter(is_other)
            .map(str::to_owned)
            .collect();
        if !others.is_empty() {
            return Err(BackupError::OtherTables {
                schema: self.schema.clone(),
                tables: others,
            });
        }
        let (needed, what) = if archive.major > self.major {
            (archive.major, "the backup")
        } else {
            (self.major, "the server")
        };
        let programs = Programs::at_least(needed, what)?;
        if programs.major >= FIRST_WITH_TRANSACTION_TIMEOUT
            && self.major < FIRST_WITH_TRANSACTION_TIMEOUT
        {
            return Err(BackupError::NewArchive {
                archive: programs.major,
                server: self.major,
            });
        }
        Ok(programs)
    }
}
