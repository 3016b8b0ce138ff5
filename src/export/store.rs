//! Reads the catalogue row by row from one snapshot of the database.
//!
//! Rows are sorted by slugs and by the external ids of reviews. So the same catalogue gives the same bytes in every
//! database, in whatever order its rows were inserted.

mod rows;
mod statements;

use futures_util::TryStreamExt as _;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel,
    Statement, StreamTrait, TransactionTrait, Value,
};

use self::{
    rows::{CriticRow, ExportRow, FilmRow, PublicationRow, PublishedScoreRow, ReviewRow},
    statements::{critics, films, publications, published_scores, reviews},
};
use super::ExportFilter;
use crate::catalogue::record::Record;

/// The reason why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The filter names a slug that no film has.
    #[error("no film has the slug {0:?}")]
    UnknownFilm(String),
    /// A statement failed.
    #[error("the database returned an error: {0}")]
    Database(#[from] DbErr),
    /// The records can't be written.
    #[error("can't write: {0}")]
    Write(#[from] std::io::Error),
}

/// Calls `write` with every record: films, critics, publications, published scores, then reviews. The export streams
/// the records and doesn't collect them in memory.
///
/// # Errors
///
/// Returns an [`ExportError`] when the filter names an unknown film, when a statement fails, or when `write` fails.
pub async fn export(
    filter: &ExportFilter,
    connection: &DatabaseConnection,
    mut write: impl FnMut(&Record) -> std::io::Result<()>,
) -> Result<(), ExportError> {
    let snapshot = connection
        .begin_with_config(
            Some(IsolationLevel::RepeatableRead),
            Some(AccessMode::ReadOnly),
        )
        .await?;
    let is_complete = filter.is_empty();
    check_films(filter, &snapshot).await?;
    export_rows::<FilmRow>(&films(), filter, &snapshot, &mut write).await?;
    export_rows::<CriticRow>(&critics(is_complete), filter, &snapshot, &mut write).await?;
    export_rows::<PublicationRow>(&publications(is_complete), filter, &snapshot, &mut write)
        .await?;
    export_rows::<PublishedScoreRow>(&published_scores(), filter, &snapshot, &mut write).await?;
    export_rows::<ReviewRow>(&reviews(), filter, &snapshot, &mut write).await?;
    snapshot.commit().await?;
    Ok(())
}

async fn export_rows<Row: ExportRow>(
    sql: &str,
    filter: &ExportFilter,
    snapshot: &DatabaseTransaction,
    write: &mut impl FnMut(&Record) -> std::io::Result<()>,
) -> Result<(), ExportError> {
    let mut rows = snapshot
        .stream_raw(statement(sql, filter, snapshot))
        .await?;
    while let Some(row) = rows.try_next().await? {
        write(&Row::from_query_result(&row, "")?.into_record())?;
    }
    Ok(())
}

fn statement(sql: &str, filter: &ExportFilter, connection: &impl ConnectionTrait) -> Statement {
    let values: [Value; 3] = [
        filter.films.clone().into(),
        filter.since.into(),
        filter.until.into(),
    ];
    Statement::from_sql_and_values(connection.get_database_backend(), sql, values)
}

/// Returns an error if the filter names a film that doesn't exist.
async fn check_films(
    filter: &ExportFilter,
    snapshot: &DatabaseTransaction,
) -> Result<(), ExportError> {
    let sql = "SELECT slug FROM unnest($1::text[]) AS slug WHERE slug NOT IN (SELECT slug FROM film) LIMIT 1";
    let statement = Statement::from_sql_and_values(
        ConnectionTrait::get_database_backend(snapshot),
        sql,
        [filter.films.clone().into()],
    );
    match snapshot.query_one_raw(statement).await? {
        Some(row) => Err(ExportError::UnknownFilm(row.try_get("", "slug")?)),
        None => Ok(()),
    }
}
