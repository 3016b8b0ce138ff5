//! The requirements that a PostgreSQL server and its database must meet.

use sea_orm::{
    ConnectionTrait, DbErr, FromQueryResult,
    sqlx::{self, PgConnection},
};

use super::{DatabaseError, sql};

/// The oldest version that supports the schema, as in `server_version_num` (`NULLS NOT DISTINCT` requires 15).
const MIN_VERSION: i32 = 15_00_00;

/// The properties of the server and the database that matter.
#[derive(Debug)]
struct Properties {
    encoding: String,
    version: String,
    version_number: i32,
    has_icu: bool,
}

const PROPERTIES: &str = "
SELECT current_setting('server_encoding') AS encoding,
    current_setting('server_version') AS version,
    current_setting('server_version_num')::int AS version_number,
    EXISTS (
        SELECT FROM pg_collation WHERE collname = 'und-x-icu' AND collnamespace = 'pg_catalog'::regnamespace
    ) AS has_icu";

/// Checks the version of the server, its collations and the encoding of the database.
///
/// # Errors
///
/// Returns a [`DatabaseError`], whose message is one line with the remedy.
pub(super) async fn check(connection: &mut PgConnection) -> Result<(), DatabaseError> {
    let row = sqlx::query_as(PROPERTIES).fetch_one(connection).await;
    let (encoding, version, version_number, has_icu) = row.map_err(DatabaseError::from_connect)?;
    let properties = Properties {
        encoding,
        version,
        version_number,
        has_icu,
    };
    properties.check()
}

#[derive(FromQueryResult)]
struct Connections {
    available: i32,
}

/// Returns the number of connections that the server accepts from roles that are not superusers.
///
/// # Errors
///
/// When the statement fails.
pub async fn available_connections(connection: &impl ConnectionTrait) -> Result<i32, DbErr> {
    let statement = "SELECT current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int AS available";
    let row: Option<Connections> = sql::one(connection, statement, []).await?;
    Ok(row.map_or(i32::MAX, |row| row.available))
}

impl Properties {
    fn check(self) -> Result<(), DatabaseError> {
        if self.version_number < MIN_VERSION {
            return Err(DatabaseError::TooOld(self.version));
        }
        if self.encoding != "UTF8" {
            return Err(DatabaseError::Encoding(self.encoding));
        }
        if !self.has_icu {
            return Err(DatabaseError::NoIcu);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_is_rejected_before_anything_else_is_checked() {
        let properties = Properties {
            encoding: "LATIN1".to_owned(),
            version: "14.12 (Debian 14.12-1)".to_owned(),
            version_number: 14_00_12,
            has_icu: false,
        };
        let message = properties.check().unwrap_err().to_string();
        assert_eq!(
            message,
            "the server is PostgreSQL 14.12 (Debian 14.12-1), and Marquee needs 15 or newer: upgrade the server"
        );
    }
}
