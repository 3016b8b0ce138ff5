//! Finding what the input of a review names: its film, its critic and its publication, in one statement.

use sea_orm::{DbErr, FromQueryResult, Value};

use crate::{
    critic::CriticId,
    database::{session::Transaction, sql},
    film::FilmId,
    named::{
        NamedBy, NamedKind,
        draft::NamedDraft,
        store::{add, turn},
    },
    publication::PublicationId,
    user_error::{
        UserErrorCode::{Ambiguous, NotFound},
        UserErrors,
    },
};

/// What an input names, as far as it names anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// The film.
    pub film: Option<FilmId>,
    /// The critic.
    pub critic: Option<NamedBy>,
    /// The publication.
    pub publication: Option<NamedBy>,
}

/// What was found of it.
#[derive(Debug, Default)]
pub struct Found {
    /// Whether the film is there.
    pub film: bool,
    /// The critic; none if the input names none, or one that can't be.
    pub critic: Option<Resolved>,
    /// The publication, likewise.
    pub publication: Option<Resolved>,
}

/// A critic or a publication that an input names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// One that is there.
    Known(Known),
    /// One of this name is to be added.
    New(String),
}

/// A critic or a publication that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its key.
    pub id: i64,
    /// As shown.
    pub name: String,
}

#[derive(FromQueryResult)]
struct Row {
    kind: String,
    id: i64,
    name: String,
}

impl References {
    /// Looks all of them up, and notes what isn't there or can't be told.
    ///
    /// # Errors
    ///
    /// When the statement fails.
    pub async fn find(
        &self,
        transaction: &Transaction,
        errors: &mut UserErrors,
    ) -> Result<Found, DbErr> {
        let mut rows = self.look_up(transaction).await?;
        let new = self.new_names(&rows);
        if !new.is_empty() {
            // Others may be adding one of the same name.
            sql::take_turns(transaction, new).await?;
            rows = self.look_up(transaction).await?;
        }
        let film = rows.iter().any(|row| row.kind == "film");
        if self.film.is_some() && !film {
            errors.add("film", NotFound, "there is no such film (any more)");
        }
        let mut resolve = |kind, by: &Option<NamedBy>| {
            by.as_ref().and_then(|by| resolved(kind, by, &rows, errors))
        };
        Ok(Found {
            film,
            critic: resolve(NamedKind::Critic, &self.critic),
            publication: resolve(NamedKind::Publication, &self.publication),
        })
    }

    async fn look_up(&self, transaction: &Transaction) -> Result<Vec<Row>, DbErr> {
        let mut parts = Vec::new();
        let mut values: Vec<Value> = Vec::new();
        if let Some(film) = self.film {
            values.push(film.0.into());
            parts
                .push("(SELECT 'film' AS kind, id, '' AS name FROM film WHERE id = $1)".to_owned());
        }
        for (kind, by) in [
            (NamedKind::Critic, &self.critic),
            (NamedKind::Publication, &self.publication),
        ] {
            if let Some(by) = by {
                parts.push(select(kind, by, &mut values));
            }
        }
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        sql::all(transaction, &parts.join(" UNION ALL "), values).await
    }

    /// The names of which there is nobody and nothing, as one waits for one's turn to add them.
    fn new_names(&self, rows: &[Row]) -> Vec<String> {
        [
            (NamedKind::Critic, &self.critic),
            (NamedKind::Publication, &self.publication),
        ]
        .into_iter()
        .filter_map(|(kind, by)| match by {
            Some(NamedBy::Name(name)) if rows.iter().all(|row| row.kind != kind.word()) => {
                Some(turn(kind, name))
            }
            _ => None,
        })
        .collect()
    }
}

fn select(kind: NamedKind, by: &NamedBy, values: &mut Vec<Value>) -> String {
    let (column, value) = match by {
        NamedBy::Key(key) => ("id", (*key).into()),
        NamedBy::Slug(slug) => ("slug", slug.as_str().into()),
        NamedBy::Name(name) => ("name", name.as_str().into()),
    };
    values.push(value);
    let (table, place) = (kind.word(), values.len());
    format!(
        "(SELECT '{table}' AS kind, id, name::text COLLATE \"C\" AS name FROM {table} WHERE {column} = ${place} ORDER BY id LIMIT 2)"
    )
}

fn resolved(
    kind: NamedKind,
    by: &NamedBy,
    rows: &[Row],
    errors: &mut UserErrors,
) -> Option<Resolved> {
    let word = kind.word();
    let path = match by {
        NamedBy::Key(_) => format!("{word}.id"),
        NamedBy::Slug(_) => format!("{word}.slug"),
        NamedBy::Name(_) => format!("{word}.name"),
    };
    let mut found = rows.iter().filter(|row| row.kind == word);
    match (found.next(), found.next(), by) {
        (Some(row), None, _) => Some(Resolved::Known(Known {
            id: row.id,
            name: row.name.clone(),
        })),
        (None, _, NamedBy::Name(name)) => Some(Resolved::New(name.clone())),
        (None, _, NamedBy::Key(_) | NamedBy::Slug(_)) => {
            let message = format!("there is no such {word} (any more)");
            errors.add(&path, NotFound, message);
            None
        }
        (Some(_), Some(_), _) => {
            let message =
                format!("there are several {word}s of this name; give an `id` or a `slug`");
            errors.add(&path, Ambiguous, message);
            None
        }
    }
}

impl Resolved {
    /// Its key, if it is there.
    pub fn key(&self) -> Option<i64> {
        match self {
            Self::Known(known) => Some(known.id),
            Self::New(_) => None,
        }
    }

    /// As shown.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(known) => &known.name,
            Self::New(name) => name,
        }
    }

    /// Its key; it is added if it is new.
    async fn key_or_add(&self, kind: NamedKind, transaction: &Transaction) -> Result<i64, DbErr> {
        match self {
            Self::Known(known) => Ok(known.id),
            Self::New(name) => {
                let draft = NamedDraft {
                    name: name.clone(),
                    ..NamedDraft::default()
                };
                add(kind, &draft, transaction).await
            }
        }
    }
}

/// The key of a critic whom an input names, who is added if they are new.
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

/// The key of a publication that an input names, which is added if it is new.
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
