//! Resolves the film, the critic and the publication in the input of a review by one statement.

use sea_orm::{DbErr, FromQueryResult, Value};

use crate::{
    critic::CriticId,
    database::{
        session::transaction::Transaction,
        sql::{self, NewName},
    },
    film::FilmId,
    named::{
        NamedKind, NamedReference,
        draft::NamedDraft,
        store::{insert, new_name},
    },
    publication::PublicationId,
    user_error::{
        UserErrorCode::{Ambiguous, NotFound},
        UserErrors,
    },
};

/// The film, the critic and the publication in the input of a review; each may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// The film.
    pub film: Option<FilmId>,
    /// The critic.
    pub critic: Option<NamedReference>,
    /// The publication.
    pub publication: Option<NamedReference>,
}

/// The resolved critic and publication of an input.
#[derive(Debug, Default)]
pub struct ResolvedReferences {
    /// The critic; `None` if the input names none, or if it could not be resolved.
    pub critic: Option<Resolved>,
    /// The publication; `None` if the input names none, or if it could not be resolved.
    pub publication: Option<Resolved>,
}

/// A resolved critic or publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// An existing row.
    Existing(ExistingRow),
    /// A row with this name that has to be inserted.
    New(String),
}

/// The row of an existing critic or publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistingRow {
    /// The key of the row.
    pub id: i64,
    /// The name.
    pub name: String,
}

#[derive(FromQueryResult)]
struct ReferenceRow {
    kind: String,
    /// The zero-based index of the input that refers to the row.
    input_index: i64,
    id: i64,
    name: String,
}

impl References {
    /// Resolves the references, and adds an error for each one that doesn't exist or is ambiguous.
    ///
    /// # Errors
    ///
    /// When the statement fails.
    pub async fn resolve(
        &self,
        transaction: &Transaction,
        errors: &mut UserErrors,
    ) -> Result<ResolvedReferences, DbErr> {
        let mut rows = fetch_rows(std::slice::from_ref(self), transaction).await?;
        let new = self.new_names(&rows);
        if !new.is_empty() {
            // Another transaction may be inserting the same name.
            sql::lock_new_names(transaction, new).await?;
            rows = fetch_rows(std::slice::from_ref(self), transaction).await?;
        }
        Ok(self.resolve_rows(&rows, errors))
    }

    /// Resolves the references of several inputs; `None` for an input with a row that doesn't exist or is ambiguous.
    ///
    /// # Errors
    ///
    /// When the statement fails.
    pub async fn resolve_existing(
        inputs: &[Self],
        transaction: &Transaction,
    ) -> Result<Vec<Option<ResolvedReferences>>, DbErr> {
        let mut rows: Vec<Vec<ReferenceRow>> = Vec::new();
        rows.resize_with(inputs.len(), Vec::new);
        for row in fetch_rows(inputs, transaction).await? {
            let index = usize::try_from(row.input_index).ok();
            if let Some(rows) = index.and_then(|index| rows.get_mut(index)) {
                rows.push(row);
            }
        }
        let resolved = inputs.iter().zip(rows).map(|(input, rows)| {
            let mut errors = UserErrors::default();
            let references = input.resolve_rows(&rows, &mut errors);
            (errors.is_empty() && input.new_names(&rows).is_empty()).then_some(references)
        });
        Ok(resolved.collect())
    }

    /// Resolves the references against the rows, and adds errors.
    fn resolve_rows(&self, rows: &[ReferenceRow], errors: &mut UserErrors) -> ResolvedReferences {
        let film_exists = rows.iter().any(|row| row.kind == "film");
        if self.film.is_some() && !film_exists {
            let message = "this film does not exist; it may have been deleted";
            errors.add("film", NotFound, message);
        }
        let mut resolve = |kind| resolve_one(kind, self.named_reference(kind)?, rows, errors);
        ResolvedReferences {
            critic: resolve(NamedKind::Critic),
            publication: resolve(NamedKind::Publication),
        }
    }

    /// Returns the names without a row, which are locked before they are inserted.
    fn new_names(&self, rows: &[ReferenceRow]) -> Vec<NewName> {
        [NamedKind::Critic, NamedKind::Publication]
            .into_iter()
            .filter_map(|kind| match self.named_reference(kind) {
                Some(NamedReference::Name(name))
                    if rows.iter().all(|row| row.kind != kind.noun()) =>
                {
                    Some(new_name(kind, name))
                }
                _ => None,
            })
            .collect()
    }

    /// Returns the reference to the critic or to the publication.
    fn named_reference(&self, kind: NamedKind) -> Option<&NamedReference> {
        match kind {
            NamedKind::Critic => self.critic.as_ref(),
            NamedKind::Publication => self.publication.as_ref(),
        }
    }
}

/// Reads the rows that the inputs refer to, by one statement. It returns at most two rows of a name: two suffice to
/// detect an ambiguous name.
async fn fetch_rows(
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

fn resolve_one(
    kind: NamedKind,
    reference: &NamedReference,
    rows: &[ReferenceRow],
    errors: &mut UserErrors,
) -> Option<Resolved> {
    let noun = kind.noun();
    let path = match reference {
        NamedReference::Key(_) => format!("{noun}.id"),
        NamedReference::Slug(_) => format!("{noun}.slug"),
        NamedReference::Name(_) => format!("{noun}.name"),
    };
    let mut matching = rows.iter().filter(|row| row.kind == noun);
    match (matching.next(), matching.next(), reference) {
        (Some(row), None, _) => Some(Resolved::Existing(ExistingRow {
            id: row.id,
            name: row.name.clone(),
        })),
        (None, _, NamedReference::Name(name)) => Some(Resolved::New(name.clone())),
        (None, _, NamedReference::Key(_) | NamedReference::Slug(_)) => {
            let message = format!("this {noun} does not exist; it may have been deleted");
            errors.add(&path, NotFound, message);
            None
        }
        (Some(_), Some(_), _) => {
            let message = format!("several {noun}s have this name; give an `id` or a `slug`");
            errors.add(&path, Ambiguous, message);
            None
        }
    }
}

impl Resolved {
    /// Returns the key of an existing row.
    pub fn key(&self) -> Option<i64> {
        match self {
            Self::Existing(row) => Some(row.id),
            Self::New(_) => None,
        }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        match self {
            Self::Existing(row) => &row.name,
            Self::New(name) => name,
        }
    }

    /// Returns the key; inserts the row if it is new.
    async fn key_or_add(&self, kind: NamedKind, transaction: &Transaction) -> Result<i64, DbErr> {
        match self {
            Self::Existing(row) => Ok(row.id),
            Self::New(name) => {
                let draft = NamedDraft {
                    name: name.clone(),
                    ..NamedDraft::default()
                };
                insert(kind, &draft, transaction).await
            }
        }
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
