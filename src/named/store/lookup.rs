//! Finds critics and publications by their names.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::{
    cache::tag::{Tag, TagKind},
    database::{
        session::Session,
        sql::{self, NameColumn},
    },
    loader::key::LoaderKey,
    named::NamedKind,
    text,
    user_error::{Candidate, MAX_CANDIDATES},
};

/// A row with a name.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct NameMatch {
    /// The zero-based index of the name.
    pub index: i64,
    /// The key of the row.
    pub id: i64,
    /// The slug.
    pub slug: String,
    /// The name of the row, which may differ in case.
    pub name: String,
}

impl NameMatch {
    /// Returns the row as a candidate of a user error.
    #[must_use]
    pub fn candidate(self, kind: NamedKind) -> Candidate {
        Candidate::of_row(kind.global_id_kind(), self.id, self.slug, self.name)
    }
}

/// The columns of a critic or a publication: its key, its slug and its name.
pub const NAME_COLUMNS: &str = "id, slug, name::text COLLATE \"C\" AS name";

/// Returns the column of the names.
fn name_column(kind: NamedKind) -> NameColumn {
    NameColumn {
        table: kind.noun(),
        column: "name",
    }
}

/// Returns the query of [`NameColumn::matching_rows`] for [`NAME_COLUMNS`]: at most [`MAX_CANDIDATES`] rows and one more,
/// since more than one show that the name is ambiguous, and the others are its candidates.
#[must_use]
pub fn matching_rows(kind: NamedKind) -> String {
    name_column(kind).matching_rows(NAME_COLUMNS, ["true"; 2], MAX_CANDIDATES + 1)
}

/// Returns the rows of each name: those with exactly this name, or if there are none, those whose name differs only in
/// case. They are sorted by the index of the name and by key. At most [`MAX_CANDIDATES`] and one more have the same name.
///
/// # Errors
///
/// When the statement fails.
pub async fn find_by_names(
    kind: NamedKind,
    names: Vec<String>,
    connection: &impl ConnectionTrait,
) -> Result<Vec<NameMatch>, DbErr> {
    let rows = matching_rows(kind);
    let folded: Vec<String> = names.iter().map(|name| text::folded(name)).collect();
    let statement = format!(
        "SELECT ordinal - 1 AS index, id, slug, name
        FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS given (value, folded, ordinal)
        CROSS JOIN LATERAL ({rows}) AS matching ORDER BY ordinal, id"
    );
    sql::all(connection, &statement, [names.into(), folded.into()]).await
}

/// Returns the rows whose names differ from each name at most in case, accents, punctuation and blanks. They are sorted by
/// the index of the name and by key. At most [`MAX_CANDIDATES`] and one more are similar to the same name.
///
/// # Errors
///
/// When the statement fails.
pub async fn find_similar(
    kind: NamedKind,
    names: &[String],
    connection: &impl ConnectionTrait,
) -> Result<Vec<NameMatch>, DbErr> {
    let rows = name_column(kind).similar_rows(NAME_COLUMNS, "true", MAX_CANDIDATES + 1);
    let folded: Vec<String> = names.iter().map(|name| text::folded(name)).collect();
    let statement = format!(
        "SELECT ordinal - 1 AS index, id, slug, name
        FROM unnest($1::text[]) WITH ORDINALITY AS given (folded, ordinal)
        CROSS JOIN LATERAL ({rows}) AS alike ORDER BY ordinal, id"
    );
    sql::all(connection, &statement, [folded.into()]).await
}

/// The critics or publications with a name: those with exactly this name, or if there are none, those whose name differs
/// only in case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RowsByName {
    /// The kind of the rows.
    pub kind: NamedKind,
    /// The name, normalized as it is stored.
    pub name: String,
}

impl LoaderKey for RowsByName {
    type Value = Arc<[NameMatch]>;
    type Group = NamedKind;

    fn group(&self) -> NamedKind {
        self.kind
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::any(match self.kind {
            NamedKind::Critic => TagKind::Critic,
            NamedKind::Publication => TagKind::Publication,
        }));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some(kind) = keys.first().map(|key| key.kind) else {
            return Ok(HashMap::new());
        };
        let names = keys.iter().map(|key| key.name.clone()).collect();
        let mut rows: HashMap<i64, Vec<NameMatch>> = HashMap::new();
        for row in find_by_names(kind, names, session).await? {
            rows.entry(row.index).or_default().push(row);
        }
        let keys = (0..).zip(keys);
        let found = keys.filter_map(|(index, key)| Some((key, rows.remove(&index)?.into())));
        Ok(found.collect())
    }
}
