//! Finding what the input of a review names: its film, its critic and its publication, in one statement.

use sea_orm::{DbErr, FromQueryResult, Value};

use crate::{
    critic::CriticId,
    database::{
        session::Transaction,
        sql::{self, NewName},
    },
    film::FilmId,
    named::{
        NamedBy, NamedKind,
        draft::NamedDraft,
        store::{add, new_name},
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
    /// Which of the inputs names it, from 0.
    place: i64,
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
        let mut rows = look_up(std::slice::from_ref(self), transaction).await?;
        let new = self.new_names(&rows);
        if !new.is_empty() {
            // Others may be adding one of the same name.
            sql::lock_new_names(transaction, new).await?;
            rows = look_up(std::slice::from_ref(self), transaction).await?;
        }
        Ok(self.found(&rows, errors))
    }

    /// Looks up what several inputs name, and gives what was found of those of which everything is there; none for the others.
    ///
    /// # Errors
    ///
    /// When the statement fails.
    pub async fn find_known(
        inputs: &[Self],
        transaction: &Transaction,
    ) -> Result<Vec<Option<Found>>, DbErr> {
        let mut rows: Vec<Vec<Row>> = Vec::new();
        rows.resize_with(inputs.len(), Vec::new);
        for row in look_up(inputs, transaction).await? {
            let input = usize::try_from(row.place).ok();
            if let Some(rows) = input.and_then(|input| rows.get_mut(input)) {
                rows.push(row);
            }
        }
        let known = inputs.iter().zip(rows).map(|(input, rows)| {
            let mut errors = UserErrors::default();
            let found = input.found(&rows, &mut errors);
            (errors.is_empty() && input.new_names(&rows).is_empty()).then_some(found)
        });
        Ok(known.collect())
    }

    /// What was found, and what is wrong with it.
    fn found(&self, rows: &[Row], errors: &mut UserErrors) -> Found {
        let film = rows.iter().any(|row| row.kind == "film");
        if self.film.is_some() && !film {
            errors.add("film", NotFound, "there is no such film (any more)");
        }
        let mut resolve = |kind| resolved(kind, self.named(kind)?, rows, errors);
        Found {
            critic: resolve(NamedKind::Critic),
            publication: resolve(NamedKind::Publication),
        }
    }

    /// The names of which there is nobody and nothing, as they are locked to be added.
    fn new_names(&self, rows: &[Row]) -> Vec<NewName> {
        [NamedKind::Critic, NamedKind::Publication]
            .into_iter()
            .filter_map(|kind| match self.named(kind) {
                Some(NamedBy::Name(name)) if rows.iter().all(|row| row.kind != kind.word()) => {
                    Some(new_name(kind, name))
                }
                _ => None,
            })
            .collect()
    }

    /// The critic or the publication that it names.
    fn named(&self, kind: NamedKind) -> Option<&NamedBy> {
        match kind {
            NamedKind::Critic => self.critic.as_ref(),
            NamedKind::Publication => self.publication.as_ref(),
        }
    }
}

/// What is there of all that some inputs name, in one statement. At most two of a name, by which it can't be told.
async fn look_up(inputs: &[References], transaction: &Transaction) -> Result<Vec<Row>, DbErr> {
    let mut select = Select::default();
    select.part("film", "id", "bigint", inputs, |input| {
        input.film.map(|film| film.0)
    });
    for kind in [NamedKind::Critic, NamedKind::Publication] {
        let table = kind.word();
        select.part(table, "id", "bigint", inputs, |input| {
            match input.named(kind) {
                Some(NamedBy::Key(key)) => Some(*key),
                _ => None,
            }
        });
        select.part(table, "slug", "text", inputs, |input| {
            match input.named(kind) {
                Some(NamedBy::Slug(slug)) => Some(slug.as_str().to_owned()),
                _ => None,
            }
        });
        select.part(table, "name", "text", inputs, |input| {
            match input.named(kind) {
                Some(NamedBy::Name(name)) => Some(name.clone()),
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

/// A statement that grows by a part for each way to name something that any of the inputs uses.
#[derive(Default)]
struct Select {
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Select {
    fn part<T>(
        &mut self,
        table: &str,
        column: &str,
        ty: &str,
        inputs: &[References],
        named: impl Fn(&References) -> Option<T>,
    ) where
        Vec<T>: Into<Value>,
    {
        let given = inputs.iter().enumerate();
        let given = given.filter_map(|(place, input)| Some((place, named(input)?)));
        let (places, given): (Vec<_>, Vec<T>) = given.unzip();
        if given.is_empty() {
            return;
        }
        let places: Vec<i64> = places
            .into_iter()
            .filter_map(|place| place.try_into().ok())
            .collect();
        self.values.extend([places.into(), given.into()]);
        let (places, given) = (self.values.len() - 1, self.values.len());
        let name = if table == "film" {
            "''"
        } else {
            "name::text COLLATE \"C\""
        };
        self.parts.push(format!(
            "(SELECT '{table}' AS kind, place, id, name FROM unnest(${places}::bigint[], ${given}::{ty}[]) AS given (place, value)
            CROSS JOIN LATERAL (SELECT id, {name} AS name FROM {table} WHERE {column} = value ORDER BY id LIMIT 2) AS found)"
        ));
    }
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
