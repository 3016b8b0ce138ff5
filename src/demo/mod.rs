//! The demo catalogue: fictional films, critics, publications and reviews.

mod catalogue;

use std::collections::HashMap;

use entity::{critic, film, publication, review};
use sea_orm::{DatabaseConnection, DbErr, EntityTrait, PaginatorTrait};

use self::catalogue::{Catalogue, Critic, Film, Publication};
use crate::database::sql;

const CATALOGUE: &str = include_str!("catalogue.toml");

/// The source of the demo's reviews.
pub const SOURCE: &str = "demo";

/// An error while loading the demo catalogue.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The embedded catalogue is malformed.
    #[error("failed to parse the demo catalogue: {0}")]
    Catalogue(#[from] toml::de::Error),
    /// The embedded catalogue references an unknown slug.
    #[error("the demo catalogue references the unknown slug {0:?}")]
    UnknownSlug(String),
    /// The database returned an error.
    #[error("failed to store the demo catalogue: {0}")]
    Database(#[from] DbErr),
}

/// Loads the catalogue if the database has no films. Returns the number of its reviews if it was loaded.
///
/// # Errors
///
/// See [`DemoError`]. After an error nothing is stored.
pub async fn load_if_empty(connection: &DatabaseConnection) -> Result<Option<usize>, DemoError> {
    if film::Entity::find().count(connection).await? > 0 {
        return Ok(None);
    }
    let catalogue: Catalogue = toml::from_str(CATALOGUE)?;
    let reviews = catalogue.review.len();
    let transaction = sql::begin_read_committed(connection).await?;
    let publications = slugs_and_ids(
        publication::Entity::insert_many(catalogue.publication.into_iter().map(Publication::row))
            .exec_with_returning(&transaction)
            .await?,
        |row| (row.slug, row.id),
    );
    let critics = slugs_and_ids(
        critic::Entity::insert_many(catalogue.critic.into_iter().map(Critic::row))
            .exec_with_returning(&transaction)
            .await?,
        |row| (row.slug, row.id),
    );
    let films = slugs_and_ids(
        film::Entity::insert_many(catalogue.film.into_iter().map(Film::row))
            .exec_with_returning(&transaction)
            .await?,
        |row| (row.slug, row.id),
    );
    let rows: Result<Vec<_>, DemoError> = catalogue
        .review
        .into_iter()
        .zip(1..)
        .map(|(review, number)| review.row(number, &films, &critics, &publications))
        .collect();
    review::Entity::insert_many(rows?)
        .exec_without_returning(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(Some(reviews))
}

fn slugs_and_ids<M>(rows: Vec<M>, pair: impl Fn(M) -> (String, i64)) -> HashMap<String, i64> {
    rows.into_iter().map(pair).collect()
}
