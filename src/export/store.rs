//! Reading the catalogue, row by row, as it was at one moment.
//!
//! The order rests on nothing but slugs and the names that sources have for reviews: so the same catalogue gives the same bytes, wherever
//! it is kept and in whatever order it came to be.

use chrono::NaiveDate;
use entity::{
    published_score::PublishedScoreKind,
    review::{ScoreRule, Sentiment},
};
use futures_util::TryStreamExt as _;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, FromQueryResult,
    IsolationLevel, Statement, StreamTrait, TransactionTrait, Value,
};

use super::ExportFilter;
use crate::{
    catalogue::record::{
        CriticRecord, ExternalId, FilmRecord, FilmRef, NamedRef, PublicationRecord,
        PublishedScoreRecord, Record, ReviewRecord,
    },
    score::{Points, Weight},
};

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A slug that no film has.
    #[error("no film has the slug {0:?}")]
    UnknownFilm(String),
    /// A statement failed.
    #[error("the database refused: {0}")]
    Database(#[from] DbErr),
    /// Whoever takes the records can't.
    #[error("can't write: {0}")]
    Write(#[from] std::io::Error),
}

/// Hands every record to `take`: films, critics, publications, published scores, reviews. None is kept in memory.
///
/// # Errors
///
/// See [`ExportError`].
pub async fn export(
    filter: &ExportFilter,
    connection: &DatabaseConnection,
    mut take: impl FnMut(&Record) -> std::io::Result<()>,
) -> Result<(), ExportError> {
    let snapshot = connection
        .begin_with_config(
            Some(IsolationLevel::RepeatableRead),
            Some(AccessMode::ReadOnly),
        )
        .await?;
    let every = filter.is_empty();
    know_films(filter, &snapshot).await?;
    each::<FilmRow>(&films(), filter, &snapshot, &mut take).await?;
    each::<CriticRow>(&critics(every), filter, &snapshot, &mut take).await?;
    each::<PublicationRow>(&publications(every), filter, &snapshot, &mut take).await?;
    each::<PublishedScoreRow>(&published_scores(), filter, &snapshot, &mut take).await?;
    each::<ReviewRow>(&reviews(), filter, &snapshot, &mut take).await?;
    snapshot.commit().await?;
    Ok(())
}

/// A row of a kind of record.
trait ExportRow: FromQueryResult + Send {
    fn into_record(self) -> Record;
}

async fn each<Row: ExportRow>(
    sql: &str,
    filter: &ExportFilter,
    snapshot: &DatabaseTransaction,
    take: &mut impl FnMut(&Record) -> std::io::Result<()>,
) -> Result<(), ExportError> {
    let mut rows = snapshot
        .stream_raw(statement(sql, filter, snapshot))
        .await?;
    while let Some(row) = rows.try_next().await? {
        take(&Row::from_query_result(&row, "")?.into_record())?;
    }
    Ok(())
}

/// The parameters are the same for all: $1 the slugs of films, $2 the first day, $3 the last.
fn statement(sql: &str, filter: &ExportFilter, connection: &impl ConnectionTrait) -> Statement {
    let values: [Value; 3] = [
        filter.films.clone().into(),
        filter.since.into(),
        filter.until.into(),
    ];
    Statement::from_sql_and_values(connection.get_database_backend(), sql, values)
}

async fn know_films(
    filter: &ExportFilter,
    snapshot: &DatabaseTransaction,
) -> Result<(), ExportError> {
    let sql = "SELECT slug FROM unnest($1::text[]) AS slug WHERE slug NOT IN (SELECT slug FROM film) LIMIT 1";
    let asked = Statement::from_sql_and_values(
        ConnectionTrait::get_database_backend(snapshot),
        sql,
        [filter.films.clone().into()],
    );
    match snapshot.query_one_raw(asked).await? {
        Some(row) => Err(ExportError::UnknownFilm(row.try_get("", "slug")?)),
        None => Ok(()),
    }
}

/// A film that was asked for.
const FILM_WANTED: &str = "(cardinality($1::text[]) = 0 OR film.slug = ANY ($1))";

/// A review on a day that was asked for. One that bears no day is on none.
const DAY_WANTED: &str = "($2::date IS NULL OR review.reviewed_on >= $2) AND ($3::date IS NULL OR review.reviewed_on <= $3)";

/// A film that was asked for, with a review on a day that was asked for if days were.
const FILM_GIVEN: &str = "(
    ($2::date IS NULL AND $3::date IS NULL)
    OR EXISTS (
        SELECT FROM review WHERE review.film_id = film.id
            AND ($2::date IS NULL OR review.reviewed_on >= $2) AND ($3::date IS NULL OR review.reviewed_on <= $3)
    )
)";

/// Whoever is in no review that is given out stays out, unless everything is given out.
fn named_in_reviews(owner: &str, every: bool) -> String {
    format!(
        "({every} OR EXISTS (
            SELECT FROM review JOIN film ON film.id = review.film_id
            WHERE review.{owner}_id = {owner}.id AND {FILM_WANTED} AND {DAY_WANTED}
        ))"
    )
}

/// The names that sources have for something.
fn external_ids(owner: &str) -> String {
    format!(
        "ARRAY(
            SELECT source || E'\\n' || external_id FROM {owner}_external_id
            WHERE {owner}_id = {owner}.id ORDER BY source, external_id
        ) AS external_ids"
    )
}

fn films() -> String {
    format!(
        "SELECT slug, title, year, release_date, runtime_minutes, directors, genres, synopsis, url, {}
         FROM film WHERE {FILM_WANTED} AND {FILM_GIVEN} ORDER BY slug",
        external_ids("film")
    )
}

fn critics(every: bool) -> String {
    format!(
        "SELECT slug, name, url, {} FROM critic WHERE {} ORDER BY slug",
        external_ids("critic"),
        named_in_reviews("critic", every)
    )
}

fn publications(every: bool) -> String {
    format!(
        "SELECT slug, name, url, weight FROM publication WHERE {} ORDER BY slug",
        named_in_reviews("publication", every)
    )
}

fn published_scores() -> String {
    format!(
        "SELECT
            film.slug, film.title, film.year, told.source, told.kind, told.value, told.label, told.review_count,
            told.positive_count, told.mixed_count, told.negative_count
         FROM published_score AS told JOIN film ON film.id = told.film_id
         WHERE {FILM_WANTED} AND {FILM_GIVEN}
         ORDER BY film.slug, told.source, told.kind COLLATE \"C\""
    )
}

/// Reviews by hand that name nobody have nothing to be told apart by, and keep the order in which they came.
fn reviews() -> String {
    format!(
        "SELECT
            film.slug AS film_slug, film.title AS film_title, film.year AS film_year,
            critic.slug AS critic_slug, critic.name AS critic_name,
            publication.slug AS publication_slug, publication.name AS publication_name,
            review.score, review.original_score, review.score_rule, review.sentiment, review.recommended, review.top_critic,
            review.byline, review.excerpt, review.url, review.reviewed_on, review.source, review.external_id
         FROM review
         JOIN film ON film.id = review.film_id
         LEFT JOIN critic ON critic.id = review.critic_id
         LEFT JOIN publication ON publication.id = review.publication_id
         WHERE {FILM_WANTED} AND {DAY_WANTED}
         ORDER BY film.slug, review.source, review.external_id, critic.slug, publication.slug, review.id"
    )
}

#[derive(FromQueryResult)]
struct FilmRow {
    slug: String,
    title: String,
    year: Option<i16>,
    release_date: Option<NaiveDate>,
    runtime_minutes: Option<i32>,
    directors: Vec<String>,
    genres: Vec<String>,
    synopsis: Option<String>,
    url: Option<String>,
    external_ids: Vec<String>,
}

impl ExportRow for FilmRow {
    fn into_record(self) -> Record {
        Record::Film(FilmRecord {
            film: film_ref(self.slug, self.title, self.year),
            external_ids: parted(self.external_ids),
            release_date: self.release_date,
            runtime_minutes: self.runtime_minutes,
            directors: self.directors,
            genres: self.genres,
            synopsis: self.synopsis,
            url: self.url,
        })
    }
}

#[derive(FromQueryResult)]
struct CriticRow {
    slug: String,
    name: String,
    url: Option<String>,
    external_ids: Vec<String>,
}

impl ExportRow for CriticRow {
    fn into_record(self) -> Record {
        Record::Critic(CriticRecord {
            critic: named_ref(self.slug, self.name),
            external_ids: parted(self.external_ids),
            url: self.url,
        })
    }
}

#[derive(FromQueryResult)]
struct PublicationRow {
    slug: String,
    name: String,
    url: Option<String>,
    weight: i32,
}

impl ExportRow for PublicationRow {
    fn into_record(self) -> Record {
        Record::Publication(PublicationRecord {
            publication: named_ref(self.slug, self.name),
            url: self.url,
            weight: Weight::from_hundredths(self.weight),
        })
    }
}

#[derive(FromQueryResult)]
struct PublishedScoreRow {
    slug: String,
    title: String,
    year: Option<i16>,
    source: String,
    kind: PublishedScoreKind,
    value: Option<i16>,
    label: Option<String>,
    review_count: Option<i32>,
    positive_count: Option<i32>,
    mixed_count: Option<i32>,
    negative_count: Option<i32>,
}

impl ExportRow for PublishedScoreRow {
    fn into_record(self) -> Record {
        // The database keeps these from being negative.
        let count = |count: Option<i32>| count.map(i32::unsigned_abs);
        Record::PublishedScore(PublishedScoreRecord {
            film: film_ref(self.slug, self.title, self.year),
            source: self.source,
            kind: self.kind.into(),
            value: self.value.and_then(Points::new),
            label: self.label,
            review_count: count(self.review_count),
            positive_count: count(self.positive_count),
            mixed_count: count(self.mixed_count),
            negative_count: count(self.negative_count),
        })
    }
}

#[derive(FromQueryResult)]
struct ReviewRow {
    film_slug: String,
    film_title: String,
    film_year: Option<i16>,
    critic_slug: Option<String>,
    critic_name: Option<String>,
    publication_slug: Option<String>,
    publication_name: Option<String>,
    score: Option<i16>,
    original_score: Option<String>,
    score_rule: Option<ScoreRule>,
    sentiment: Option<Sentiment>,
    recommended: Option<bool>,
    top_critic: bool,
    byline: Option<String>,
    excerpt: Option<String>,
    url: Option<String>,
    reviewed_on: Option<NaiveDate>,
    source: Option<String>,
    external_id: Option<String>,
}

impl ExportRow for ReviewRow {
    fn into_record(self) -> Record {
        let named = |slug: Option<String>, name: Option<String>| Some(named_ref(slug?, name?));
        Record::Review(ReviewRecord {
            film: film_ref(self.film_slug, self.film_title, self.film_year),
            critic: named(self.critic_slug, self.critic_name),
            publication: named(self.publication_slug, self.publication_name),
            score: self.score.and_then(Points::new),
            original_score: self.original_score,
            score_rule: self.score_rule.map(Into::into),
            sentiment: self.sentiment.map(Into::into),
            recommended: self.recommended,
            top_critic: self.top_critic,
            byline: self.byline,
            excerpt: self.excerpt,
            url: self.url,
            reviewed_on: self.reviewed_on,
            source: self.source,
            external_id: self.external_id,
        })
    }
}

fn film_ref(slug: String, title: String, year: Option<i16>) -> FilmRef {
    FilmRef {
        external_id: None,
        slug: Some(slug),
        title: Some(title),
        year,
    }
}

fn named_ref(slug: String, name: String) -> NamedRef {
    NamedRef {
        slug: Some(slug),
        name: Some(name),
        ..NamedRef::default()
    }
}

/// Parts what `external_ids` has put together. No source has a line break in its name.
fn parted(ids: Vec<String>) -> Vec<ExternalId> {
    ids.into_iter()
        .filter_map(|both| {
            let (source, id) = both.split_once('\n')?;
            Some(ExternalId {
                source: source.to_owned(),
                id: id.to_owned(),
            })
        })
        .collect()
}
