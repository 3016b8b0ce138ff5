//! The statement that finds the referenced rows.

use sea_orm::{DbErr, FromQueryResult, Value};

use super::{References, resolution::Resolved};
use crate::{
    critic::CriticId,
    database::{session::transaction::Transaction, sql},
    named::{NamedKind, NamedReference},
    publication::PublicationId,
};

#[derive(FromQueryResult)]
pub(super) struct ReferenceRow {
    pub(super) kind: String,
    /// The zero-based index of the input that refers to the row.
    pub(super) input_index: i64,
    pub(super) id: i64,
    pub(super) name: String,
}

/// Reads the rows that the inputs refer to, by one statement. It returns at most two rows of a name: two suffice to
/// detect an ambiguous name.
pub(super) async fn fetch_rows(
    inputs: &[References],
    transaction: &Transaction,
) -> Result<Vec<ReferenceRow>, DbErr> {
    let mut select = LookupStatement::default();
    select.add_select("film", "id", "bigint", inputs, |input| {
        input.film.map(|film| film.0)
    });
    for kind in [NamedKind::Critic, NamedKind::Publication] {
        let table = kind.noun();
        select.add_select(table, "id", "bigint", inputs, |input| {
            match input.named_reference(kind) {
                Some(NamedReference::Key(key)) => Some(*key),
                _ => None,
            }
        });
        select.add_select(table, "slug", "text", inputs, |input| {
            match input.named_reference(kind) {
                Some(NamedReference::Slug(slug)) => Some(slug.as_str().to_owned()),
                _ => None,
            }
        });
        select.add_select(table, "name", "text", inputs, |input| {
            match input.named_reference(kind) {
                Some(NamedReference::Name(name)) => Some(name.clone()),
                _ => None,
            }
        });
    }
    if select.parts.is_empty() {
        return Ok(Vec::new());
    }
    sql::all(
        transaction,
        &select.parts.join(" UNION ALL "),
        select.values,
    )
    .await
}

/// A statement with one `SELECT` for each table and column that the inputs refer to.
#[derive(Default)]
struct LookupStatement {
    parts: Vec<String>,
    values: Vec<Value>,
}

impl LookupStatement {
    fn add_select<T>(
        &mut self,
        table: &str,
        column: &str,
        ty: &str,
        inputs: &[References],
        value_of: impl Fn(&References) -> Option<T>,
    ) where
        Vec<T>: Into<Value>,
    {
        let (indexes, values): (Vec<i64>, Vec<T>) = (0..)
            .zip(inputs)
            .filter_map(|(index, input)| Some((index, value_of(input)?)))
            .unzip();
        if values.is_empty() {
            return;
        }
        self.values.extend([indexes.into(), values.into()]);
        let (indexes, values) = (self.values.len() - 1, self.values.len());
        let name = if table == "film" {
            "''"
        } else {
            "name::text COLLATE \"C\""
        };
        self.parts.push(format!(
            "(SELECT '{table}' AS kind, input_index, id, name FROM unnest(${indexes}::bigint[], ${values}::{ty}[]) AS input (input_index, value)
            CROSS JOIN LATERAL (SELECT id, {name} AS name FROM {table} WHERE {column} = value ORDER BY id LIMIT 2) AS referenced)"
        ));
    }
}

/// Returns the key of a resolved critic; inserts the critic if it is new.
pub async fn critic_key(
    resolved: Option<&Resolved>,
    transaction: &Transaction,
) -> Result<Option<CriticId>, DbErr> {
    match resolved {
        Some(resolved) => {
            let key = resolved.key_or_add(NamedKind::Critic, transaction).await?;
            Ok(Some(CriticId(key)))
        }
        None => Ok(None),
    }
}

/// Returns the key of a resolved publication; inserts the publication if it is new.
pub async fn publication_key(
    resolved: Option<&Resolved>,
    transaction: &Transaction,
) -> Result<Option<PublicationId>, DbErr> {
    match resolved {
        Some(resolved) => {
            let key = resolved
                .key_or_add(NamedKind::Publication, transaction)
                .await?;
            Ok(Some(PublicationId(key)))
        }
        None => Ok(None),
    }
}
