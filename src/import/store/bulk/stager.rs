//! The conversion of records into rows of the staging tables.

mod reference_numbers;

use entity::{
    published_score::{PublishedScoreAudience, PublishedScoreKind},
    review,
};
use sea_orm::ActiveEnum;

use self::reference_numbers::ReferenceNumbers;
use super::{copy::CopyRows, staging::Table};
use crate::{
    catalogue::record::{
        CriticRecord, ExternalId, FilmRecord, FilmRef, NamedRef, PublicationRecord,
        PublishedScoreRecord, Record, ReviewRecord,
    },
    import::rows::{InvalidRow, RowError, RowPosition},
    slug, text,
};

/// The number of bytes of one table at which they are sent.
const CHUNK_SIZE: usize = 1 << 20;

/// Rows of a staging table in the format of COPY.
pub type Chunk = (Table, Vec<u8>);

/// A buffer of rows for the staging tables.
#[derive(Default)]
pub struct Stager {
    tables: [CopyRows; Table::ALL.len()],
    films: ReferenceNumbers<FilmRef>,
    critics: ReferenceNumbers<NamedRef>,
    publications: ReferenceNumbers<NamedRef>,
    next_ref: i32,
}

impl Stager {
    /// Adds the names of the files, in the order of their numbers.
    pub fn add_files(&mut self, names: &[String]) {
        for (number, name) in (0_i64..).zip(names) {
            self.rows(Table::File).push(&[&number, name]);
        }
    }

    /// Adds a record.
    pub fn add(&mut self, position: RowPosition, record: &Record) {
        match record {
            Record::Film(film) => self.add_film(position, film),
            Record::Critic(critic) => self.add_critic(position, critic),
            Record::Publication(publication) => self.add_publication(position, publication),
            Record::PublishedScore(score) => self.add_published_score(position, score),
            Record::Review(review) => self.add_review(position, review),
        }
    }

    /// Adds the errors of an invalid row.
    pub fn reject(&mut self, position: RowPosition, row: &InvalidRow) {
        for RowError { column, reason } in &row.errors {
            self.rows(Table::Rejected)
                .push(&[&position.key(), column, reason, &row.text]);
        }
    }

    /// Takes the rows of a table that has enough to send; `None` if no table has.
    pub fn take_full_chunk(&mut self) -> Option<Chunk> {
        Table::ALL
            .into_iter()
            .find(|table| self.tables[*table as usize].len() >= CHUNK_SIZE)
            .and_then(|table| Some((table, self.rows(table).take()?)))
    }

    /// Returns all remaining rows.
    pub fn into_chunks(mut self) -> Vec<Chunk> {
        Table::ALL
            .into_iter()
            .filter_map(|table| Some((table, self.rows(table).take()?)))
            .collect()
    }

    fn rows(&mut self, table: Table) -> &mut CopyRows {
        &mut self.tables[table as usize]
    }

    fn next_ref(&mut self) -> i32 {
        self.next_ref += 1;
        self.next_ref
    }

    fn add_film(&mut self, position: RowPosition, record: &FilmRecord) {
        let number = self.next_ref();
        self.push_film(number, position, &record.film, Some(record));
        self.add_external_ids("film", number, position, &record.external_ids);
    }

    fn add_critic(&mut self, position: RowPosition, record: &CriticRecord) {
        let number = self.next_ref();
        self.push_critic(number, position, &record.critic, Some(record));
        self.add_external_ids("critic", number, position, &record.external_ids);
    }

    fn add_publication(&mut self, position: RowPosition, record: &PublicationRecord) {
        let number = self.next_ref();
        self.push_publication(number, position, &record.publication, Some(record));
    }

    fn add_external_ids(
        &mut self,
        kind: &str,
        number: i32,
        position: RowPosition,
        ids: &[ExternalId],
    ) {
        for ExternalId { source, id } in ids {
            self.rows(Table::ExternalId)
                .push(&[&kind, &number, &position.key(), source, id]);
        }
    }

    fn add_published_score(&mut self, position: RowPosition, score: &PublishedScoreRecord) {
        let film = self.film(position, &score.film);
        let kind = PublishedScoreKind::from(score.kind).to_value();
        let audience = PublishedScoreAudience::from(score.audience).to_value();
        // The column holds every scale up to the largest one.
        let scale = score
            .scale
            .and_then(|scale| i16::try_from(scale.get()).ok());
        let count = |count: Option<u32>| count.and_then(|count| i32::try_from(count).ok());
        self.rows(Table::PublishedScore).push(&[
            &position.key(),
            &film,
            &score.source,
            &kind,
            &audience,
            &score.value.map(i16::from),
            &scale,
            &score.original_value,
            &score.label,
            &count(score.review_count),
            &count(score.positive_count),
            &count(score.mixed_count),
            &count(score.negative_count),
        ]);
    }

    fn add_review(&mut self, position: RowPosition, record: &ReviewRecord) {
        let film = self.film(position, &record.film);
        let critic = record
            .critic
            .as_ref()
            .map(|critic| self.critic(position, critic));
        let publication = record
            .publication
            .as_ref()
            .map(|publication| self.publication(position, publication));
        let score_rule = record
            .score_rule
            .map(|rule| review::ScoreRule::from(rule).to_value());
        let sentiment = record
            .sentiment
            .map(|sentiment| review::Sentiment::from(sentiment).to_value());
        self.rows(Table::Review).push(&[
            &position.key(),
            &film,
            &critic,
            &publication,
            &record.score.map(i16::from),
            &record.original_score,
            &score_rule,
            &sentiment,
            &record.recommended,
            &record.top_critic,
            &record.byline,
            &record.excerpt,
            &record.url,
            &record.reviewed_on,
            &record.source,
            &record.external_id,
        ]);
    }

    fn film(&mut self, position: RowPosition, film: &FilmRef) -> i32 {
        let (number, is_new) = self.films.number(film, &mut self.next_ref);
        if is_new {
            self.push_film(number, position, film, None);
        }
        number
    }

    fn critic(&mut self, position: RowPosition, critic: &NamedRef) -> i32 {
        let (number, is_new) = self.critics.number(critic, &mut self.next_ref);
        if is_new {
            self.push_critic(number, position, critic, None);
        }
        number
    }

    fn publication(&mut self, position: RowPosition, publication: &NamedRef) -> i32 {
        let (number, is_new) = self.publications.number(publication, &mut self.next_ref);
        if is_new {
            self.push_publication(number, position, publication, None);
        }
        number
    }

    fn push_film(
        &mut self,
        number: i32,
        position: RowPosition,
        film: &FilmRef,
        record: Option<&FilmRecord>,
    ) {
        let base_slug = film
            .title
            .as_ref()
            .filter(|_| film.slug.is_none())
            .map(|title| slug::of_film(title, film.year));
        let folded = film.title.as_deref().map(text::folded);
        let poster = record.map(|record| &record.poster);
        self.rows(Table::Film).push(&[
            &number,
            &position.key(),
            &record.is_some(),
            &identity(
                film.external_id.as_ref(),
                film.slug.as_deref(),
                folded.as_deref(),
                film.year,
            ),
            &film.external_id.as_ref().map(|id| &id.source),
            &film.external_id.as_ref().map(|id| &id.id),
            &film.slug,
            &film.title,
            &folded,
            &film.year,
            &base_slug,
            &record.and_then(|record| record.release_date),
            &record.and_then(|record| record.runtime_minutes),
            &record.map(|record| &record.directors),
            &record.map(|record| &record.genres),
            &record.and_then(|record| record.synopsis.as_ref()),
            &record.and_then(|record| record.url.as_ref()),
            &record.map(|record| &record.countries),
            &record.map(|record| &record.cast),
            &record.map(|record| &record.alternative_titles),
            &poster.and_then(|poster| poster.url.as_ref()),
            &poster.and_then(|poster| poster.width),
            &poster.and_then(|poster| poster.height),
            &poster.and_then(|poster| poster.alt.as_ref()),
        ]);
    }

    fn push_critic(
        &mut self,
        number: i32,
        position: RowPosition,
        critic: &NamedRef,
        record: Option<&CriticRecord>,
    ) {
        let url = record.map_or(critic.url.as_ref(), |record| record.url.as_ref());
        let folded = critic.name.as_deref().map(text::folded);
        self.rows(Table::Critic).push(&[
            &number,
            &position.key(),
            &record.is_some(),
            &identity_of(critic, folded.as_deref()),
            &critic.external_id.as_ref().map(|id| &id.source),
            &critic.external_id.as_ref().map(|id| &id.id),
            &critic.slug,
            &critic.name,
            &folded,
            &base_slug_of(critic),
            &url,
        ]);
    }

    fn push_publication(
        &mut self,
        number: i32,
        position: RowPosition,
        publication: &NamedRef,
        record: Option<&PublicationRecord>,
    ) {
        let url = record.map_or(publication.url.as_ref(), |record| record.url.as_ref());
        // A weight is at most 10,000, by a constraint of the database.
        let weight = record
            .and_then(|record| record.weight)
            .and_then(|weight| i32::try_from(weight.hundredths()).ok());
        let folded = publication.name.as_deref().map(text::folded);
        self.rows(Table::Publication).push(&[
            &number,
            &position.key(),
            &record.is_some(),
            &identity_of(publication, folded.as_deref()),
            &publication.slug,
            &publication.name,
            &folded,
            &base_slug_of(publication),
            &url,
            &weight,
        ]);
    }
}

/// Returns the same string for all references to the same row, whatever the case of their names. No part has a line
/// break, so references to different rows have different strings.
fn identity(
    external_id: Option<&ExternalId>,
    slug: Option<&str>,
    folded_name: Option<&str>,
    year: Option<i16>,
) -> String {
    if let Some(ExternalId { source, id }) = external_id {
        return format!("id\n{source}\n{id}");
    }
    match (slug, year) {
        (Some(slug), _) => format!("slug\n{slug}"),
        (None, Some(year)) => format!("name\n{}\n{year}", folded_name.unwrap_or_default()),
        (None, None) => format!("name\n{}", folded_name.unwrap_or_default()),
    }
}

fn identity_of(named: &NamedRef, folded_name: Option<&str>) -> String {
    identity(
        named.external_id.as_ref(),
        named.slug.as_deref(),
        folded_name,
        None,
    )
}

fn base_slug_of(named: &NamedRef) -> Option<String> {
    named
        .name
        .as_ref()
        .filter(|_| named.slug.is_none())
        .map(|name| slug::of(name))
}
