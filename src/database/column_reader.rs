//! Reads the columns of a row by their position.

use sea_orm::{
    ActiveEnum, DbErr, QueryResult, RuntimeErr,
    sqlx::{Decode, Postgres, Row, Type, postgres::PgRow},
};

/// A reader of the columns of a row, one after the other. It reads them through sqlx: SeaORM looks up each column by its
/// name, and for each null it builds an error with a message before it returns `None`.
pub struct ColumnReader<'r> {
    row: &'r PgRow,
    next: usize,
}

impl<'r> ColumnReader<'r> {
    /// Creates a reader of a row.
    ///
    /// # Errors
    ///
    /// When the row is not one of PostgreSQL.
    pub fn new(row: &'r QueryResult) -> Result<Self, DbErr> {
        let row = row
            .try_as_pg_row()
            .ok_or_else(|| DbErr::Type("the row is not a PostgreSQL row".to_owned()))?;
        Ok(Self { row, next: 0 })
    }

    /// Reads the next column.
    ///
    /// # Errors
    ///
    /// When there is none, or it has another type.
    #[expect(
        clippy::should_implement_trait,
        reason = "the columns have different types, so they are no iterator"
    )]
    pub fn next<T>(&mut self) -> Result<T, DbErr>
    where
        T: Decode<'r, Postgres> + Type<Postgres>,
    {
        let cell = self.row.try_get(self.next);
        self.next += 1;
        cell.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
    }

    /// Reads the next column as an enum, which is stored by its name.
    ///
    /// # Errors
    ///
    /// When there is none, or the name is unknown.
    pub fn next_enum<E: ActiveEnum<Value = String>>(&mut self) -> Result<Option<E>, DbErr> {
        let name: Option<String> = self.next()?;
        name.map(|name| E::try_from_value(&name)).transpose()
    }
}
