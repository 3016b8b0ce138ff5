//! The statement that finds the referenced rows.

use sea_orm::{DbErr, FromQueryResult, Value};

use super::{References, resolution::Resolved};
use crate::{
    critic::CriticId,
    database::{session::transaction::Transaction, sql},
    external_id::ExternalId,
    film::{
        reference::FilmReference,
        store::title::{HAS_YEAR, TITLE},
    },
    named::{
        NamedKind, NamedReference,
        store::{NAME_COLUMNS, NameMatch, matching_rows},
    },
    publication::PublicationId,
    text,
    user_error::MAX_CANDIDATES,
};

#[derive(FromQueryResult)]
pub(super) struct ReferenceRow {
    pub(super) kind: String,
    /// The zero-based index of the input that refers to the row.
    pub(super) input_index: i64,
    pub(super) id: i64,
    pub(super) slug: String,
    pub(super) name: String,
}

impl ReferenceRow {
    /// Returns the row of a name that is similar to a new one.
    pub(super) fn similar(kind: NamedKind, row: NameMatch) -> Self {
        Self {
            kind: similar_kind(kind).to_owned(),
            input_index: row.index,
            id: row.id,
            slug: row.slug,
            name: row.name,
        }
    }
}

/// Returns the kind of the rows whose names are similar to a new one.
pub(super) const fn similar_kind(kind: NamedKind) -> &'static str {
    match kind {
        NamedKind::Critic => "similar critic",
        NamedKind::Publication => "similar publication",
    }
}

/// The kind of the rows of critics whose name is a byline.
pub(super) const BYLINE: &str = "byline";

/// Reads the rows that the inputs refer to, by one statement. Rows whose name differs from the input in case are read
/// only if none has exactly this name.
pub(super) async fn fetch_rows(
    inputs: &[References],
    transaction: &Transaction,
) -> Result<Vec<ReferenceRow>, DbErr> {
    let mut select = LookupStatement::default();
    select.add_films(inputs);
    for kind in [NamedKind::Critic, NamedKind::Publication] {
        select.add_named(kind, inputs);
    }
    select.add_bylines(inputs);
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
    fn add_films(&mut self, inputs: &[References]) {
        // The index of the key has all that is read.
        let columns = "id, '' AS slug, '' AS name";
        let keys = given(inputs, |input| match input.film {
            Some(FilmReference::Key(key)) => Some(key.0),
            _ => None,
        });
        self.add_select(("film", "id", columns), "bigint", keys);
        let columns = "id, slug, '' AS name";
        let slugs = given(inputs, |input| match &input.film {
            Some(FilmReference::Slug(slug)) => Some(slug.clone()),
            _ => None,
        });
        self.add_select(("film", "slug", columns), "text", slugs);
        let ids = given(inputs, |input| match &input.film {
            Some(FilmReference::External(id)) => Some(id.clone()),
            _ => None,
        });
        self.add_external_ids(("film", columns), ids);
        self.add_titles(inputs);
    }

    fn add_named(&mut self, kind: NamedKind, inputs: &[References]) {
        let table = kind.noun();
        let keys = given(inputs, |input| match input.named_reference(kind) {
            Some(NamedReference::Key(key)) => Some(*key),
            _ => None,
        });
        self.add_select((table, "id", NAME_COLUMNS), "bigint", keys);
        let slugs = given(inputs, |input| match input.named_reference(kind) {
            Some(NamedReference::Slug(slug)) => Some(slug.clone()),
            _ => None,
        });
        self.add_select((table, "slug", NAME_COLUMNS), "text", slugs);
        if kind.identified().is_some() {
            let ids = given(inputs, |input| match input.named_reference(kind) {
                Some(NamedReference::External(id)) => Some(id.clone()),
                _ => None,
            });
            self.add_external_ids((table, NAME_COLUMNS), ids);
        }
        let (indexes, names) = given(inputs, |input| match input.named_reference(kind) {
            Some(NamedReference::Name(name)) if !name.is_new => Some(name.name.clone()),
            _ => None,
        });
        let rows = matching_rows(kind);
        self.add_names(table, (indexes, names), Vec::new(), &rows);
    }

    /// Adds the films that inputs refer to by title. Without a year, it is the film without a year, or else any of this
    /// title.
    fn add_titles(&mut self, inputs: &[References]) {
        let (indexes, titles) = given(inputs, |input| match &input.film {
            Some(FilmReference::Titled(title)) => Some(title.clone()),
            _ => None,
        });
        // The driver's arrays can't hold nulls, and no film has the year 0.
        let years = titles.iter().map(|title| title.year.unwrap_or_default());
        let years = years.collect();
        let titles = titles.into_iter().map(|title| title.title).collect();
        let columns = "id, slug, title::text COLLATE \"C\" AS name";
        let rows = TITLE.matching_rows(columns, HAS_YEAR, MAX_CANDIDATES + 1);
        self.add_names("film", (indexes, titles), years, &rows);
    }

    /// Adds a critic for each byline that is the name of one, unless the input has the same name for its critic.
    fn add_bylines(&mut self, inputs: &[References]) {
        let (indexes, bylines) = given(inputs, |input| {
            let byline = text::folded(input.byline.as_deref()?);
            let is_own = match input.critic.as_ref()? {
                NamedReference::Name(critic) => text::folded(&critic.name) == byline,
                NamedReference::Key(_) | NamedReference::Slug(_) | NamedReference::External(_) => {
                    false
                }
            };
            (!is_own).then_some(byline)
        });
        if bylines.is_empty() {
            return;
        }
        self.values.extend([indexes.into(), bylines.into()]);
        let (indexes, bylines) = (self.values.len() - 1, self.values.len());
        self.parts.push(format!(
            "(SELECT '{BYLINE}' AS kind, input_index, id, slug, name FROM unnest(${indexes}::bigint[], ${bylines}::text[]) AS input (input_index, folded)
            CROSS JOIN LATERAL (SELECT {NAME_COLUMNS} FROM critic WHERE name_folded = folded ORDER BY id LIMIT 1) AS named)"
        ));
    }

    /// Adds the rows with a value of a column.
    fn add_select<T>(
        &mut self,
        (table, column, columns): (&str, &str, &str),
        ty: &str,
        (indexes, values): (Vec<i64>, Vec<T>),
    ) where
        Vec<T>: Into<Value>,
    {
        if values.is_empty() {
            return;
        }
        self.values.extend([indexes.into(), values.into()]);
        let (indexes, values) = (self.values.len() - 1, self.values.len());
        self.parts.push(format!(
            "(SELECT '{table}' AS kind, input_index, id, slug, name FROM unnest(${indexes}::bigint[], ${values}::{ty}[]) AS input (input_index, value)
            CROSS JOIN LATERAL (SELECT {columns} FROM {table} WHERE {column} = value) AS referenced)"
        ));
    }

    /// Adds the rows with an external id.
    fn add_external_ids(
        &mut self,
        (table, columns): (&str, &str),
        (indexes, ids): (Vec<i64>, Vec<ExternalId>),
    ) {
        if ids.is_empty() {
            return;
        }
        let (sources, ids): (Vec<_>, Vec<_>) = ids.into_iter().map(|id| (id.source, id.id)).unzip();
        self.values
            .extend([indexes.into(), sources.into(), ids.into()]);
        let last = self.values.len();
        let [indexes, sources] = [last - 2, last - 1];
        self.parts.push(format!(
            "(SELECT '{table}' AS kind, input_index, id, slug, name
            FROM unnest(${indexes}::bigint[], ${sources}::text[], ${last}::text[]) AS input (input_index, source, external_id)
            JOIN {table}_external_id AS known USING (source, external_id)
            CROSS JOIN LATERAL (SELECT {columns} FROM {table} WHERE id = known.{table}_id) AS referenced)"
        ));
    }

    /// Adds the rows of some names, by the query of [`NameColumn::matching_rows`](sql::NameColumn::matching_rows).
    fn add_names(
        &mut self,
        table: &str,
        (indexes, names): (Vec<i64>, Vec<String>),
        years: Vec<i16>,
        rows: &str,
    ) {
        if names.is_empty() {
            return;
        }
        let folded: Vec<String> = names.iter().map(|name| text::folded(name)).collect();
        self.values
            .extend([indexes.into(), names.into(), folded.into(), years.into()]);
        let last = self.values.len();
        let [indexes, names, folded] = [last - 3, last - 2, last - 1];
        self.parts.push(format!(
            "(SELECT '{table}' AS kind, input_index, id, slug, name
            FROM (
                SELECT input_index, value, folded, nullif(year, 0) AS given_year
                FROM unnest(${indexes}::bigint[], ${names}::text[], ${folded}::text[], ${last}::smallint[])
                    AS input (input_index, value, folded, year)
            ) AS given
            CROSS JOIN LATERAL ({rows}) AS referenced)"
        ));
    }
}

/// Returns the values that some of the inputs have, and the indexes of these inputs.
fn given<T>(inputs: &[References], value: impl Fn(&References) -> Option<T>) -> (Vec<i64>, Vec<T>) {
    let values = (0..).zip(inputs);
    values
        .filter_map(|(index, input)| Some((index, value(input)?)))
        .unzip()
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
