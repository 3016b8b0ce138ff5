//! Turns a record into a row.

use std::{borrow::Cow, num::NonZeroU16};

use chrono::{Datelike, NaiveDate};
use thiserror::Error;

use crate::score::{Points, Weight};

use super::{
    Cell, Cells, Column, Number, RowKind,
    published_score::{AUDIENCE_NAMES, MEASURE_NAMES},
    read::SENTIMENT_NAMES,
    record::{
        CriticRecord, ExternalId, FilmRecord, FilmRef, NamedRef, PublicationRecord,
        PublishedScoreRecord, Record, ReviewRecord,
    },
    score::RULE_NAMES,
};

/// The error for a record that can't be written: it refers to a film, critic or publication by an external id, for
/// which there is no column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "a catalogue file has no column for a reference to a film, critic or publication by an external id"
)]
pub struct UnwritableRecord;

/// Returns the row that reads back as this record. It always has a kind.
///
/// # Errors
/// Returns an error if the record refers to a film, critic or publication by an external id.
pub fn cells(record: &Record) -> Result<Cells<'_>, UnwritableRecord> {
    let mut row = RowBuilder(Cells::new());
    match record {
        Record::Film(film) => row.film_row(film)?,
        Record::Critic(critic) => row.critic_row(critic)?,
        Record::Publication(publication) => row.publication_row(publication)?,
        Record::PublishedScore(score) => row.published_score_row(score)?,
        Record::Review(review) => row.review_row(review)?,
    }
    Ok(row.0)
}

/// A row that is being filled in.
struct RowBuilder<'a>(Cells<'a>);

impl<'a> RowBuilder<'a> {
    fn review_row(&mut self, review: &'a ReviewRecord) -> Result<(), UnwritableRecord> {
        self.kind(RowKind::Review);
        self.film(&review.film)?;
        if let Some(critic) = &review.critic {
            self.named(critic, Column::Critic, Column::CriticSlug)?;
        }
        if let Some(publication) = &review.publication {
            self.named(publication, Column::Publication, Column::PublicationSlug)?;
        }
        self.points(review.score);
        self.text(Column::OriginalScore, review.original_score.as_deref());
        self.text(Column::ScoreRule, review.score_rule.map(RULE_NAMES.name));
        self.text(
            Column::Sentiment,
            review.sentiment.map(SENTIMENT_NAMES.name),
        );
        self.cell(Column::Recommended, review.recommended.map(Cell::Flag));
        self.cell(Column::TopCritic, Some(Cell::Flag(review.top_critic)));
        self.text(Column::Byline, review.byline.as_deref());
        self.text(Column::Excerpt, review.excerpt.as_deref());
        self.text(Column::Url, review.url.as_deref());
        self.date(Column::ReviewedOn, review.reviewed_on);
        self.text(Column::Source, review.source.as_deref());
        self.text(Column::ExternalId, review.external_id.as_deref());
        Ok(())
    }

    fn film_row(&mut self, film: &'a FilmRecord) -> Result<(), UnwritableRecord> {
        self.kind(RowKind::Film);
        self.film(&film.film)?;
        self.text(Column::Url, film.url.as_deref());
        self.date(Column::ReleaseDate, film.release_date);
        self.integer(Column::RuntimeMinutes, film.runtime_minutes);
        self.list(Column::Directors, &film.directors);
        self.list(Column::Genres, &film.genres);
        self.list(Column::Countries, &film.countries);
        self.list(Column::Cast, &film.cast);
        self.list(Column::AlternativeTitles, &film.alternative_titles);
        self.text(Column::PosterUrl, film.poster.url.as_deref());
        self.integer(Column::PosterWidth, film.poster.width);
        self.integer(Column::PosterHeight, film.poster.height);
        self.text(Column::PosterAlt, film.poster.alt.as_deref());
        self.text(Column::Synopsis, film.synopsis.as_deref());
        self.external_ids(&film.external_ids);
        Ok(())
    }

    fn critic_row(&mut self, critic: &'a CriticRecord) -> Result<(), UnwritableRecord> {
        self.kind(RowKind::Critic);
        self.named(&critic.critic, Column::Critic, Column::CriticSlug)?;
        self.text(Column::Url, critic.url.as_deref());
        self.external_ids(&critic.external_ids);
        Ok(())
    }

    fn publication_row(
        &mut self,
        publication: &'a PublicationRecord,
    ) -> Result<(), UnwritableRecord> {
        self.kind(RowKind::Publication);
        self.named(
            &publication.publication,
            Column::Publication,
            Column::PublicationSlug,
        )?;
        self.text(Column::Url, publication.url.as_deref());
        self.cell(Column::Weight, publication.weight.map(weight));
        Ok(())
    }

    fn published_score_row(
        &mut self,
        score: &'a PublishedScoreRecord,
    ) -> Result<(), UnwritableRecord> {
        self.kind(RowKind::PublishedScore);
        self.film(&score.film)?;
        self.points(score.value);
        self.text(Column::OriginalScore, score.original_value.as_deref());
        self.text(Column::Source, Some(&score.source));
        self.text(Column::Measure, Some((MEASURE_NAMES.name)(score.kind)));
        self.text(
            Column::Audience,
            Some((AUDIENCE_NAMES.name)(score.audience)),
        );
        self.integer(Column::Scale, score.scale.map(NonZeroU16::get));
        self.text(Column::Label, score.label.as_deref());
        self.integer(Column::ReviewCount, score.review_count);
        self.integer(Column::PositiveCount, score.positive_count);
        self.integer(Column::MixedCount, score.mixed_count);
        self.integer(Column::NegativeCount, score.negative_count);
        Ok(())
    }

    fn kind(&mut self, kind: RowKind) {
        self.text(Column::Kind, Some(kind.name()));
    }

    fn film(&mut self, film: &'a FilmRef) -> Result<(), UnwritableRecord> {
        reject_external_id(film.external_id.as_ref())?;
        self.text(Column::FilmSlug, film.slug.as_deref());
        self.text(Column::Film, film.title.as_deref());
        self.integer(Column::FilmYear, film.year);
        Ok(())
    }

    fn named(
        &mut self,
        named: &'a NamedRef,
        name: Column,
        slug: Column,
    ) -> Result<(), UnwritableRecord> {
        reject_external_id(named.external_id.as_ref())?;
        self.text(slug, named.slug.as_deref());
        self.text(name, named.name.as_deref());
        Ok(())
    }

    fn points(&mut self, points: Option<Points>) {
        self.integer(Column::Score, points.map(i32::from));
    }

    fn external_ids(&mut self, ids: &[ExternalId]) {
        let strings = ids
            .iter()
            .map(|id| Cow::Owned(format!("{}:{}", id.source, id.id)));
        self.cell(Column::ExternalIds, Some(Cell::List(strings.collect())));
    }

    fn list(&mut self, column: Column, items: &'a [String]) {
        let items = items.iter().map(|item| Cow::Borrowed(item.as_str()));
        self.cell(column, Some(Cell::List(items.collect())));
    }

    fn date(&mut self, column: Column, date: Option<NaiveDate>) {
        let text =
            |date: NaiveDate| format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
        self.cell(column, date.map(|date| Cell::Text(Cow::Owned(text(date)))));
    }

    fn integer(&mut self, column: Column, number: Option<impl Into<i64>>) {
        self.cell(
            column,
            number.map(|number| Cell::Number(Number::Integer(number.into()))),
        );
    }

    fn text(&mut self, column: Column, text: Option<&'a str>) {
        self.cell(column, text.map(Cell::text));
    }

    fn cell(&mut self, column: Column, cell: Option<Cell<'a>>) {
        if let Some(cell) = cell {
            self.0.insert(column, cell);
        }
    }
}

fn reject_external_id(external_id: Option<&ExternalId>) -> Result<(), UnwritableRecord> {
    external_id.map_or(Ok(()), |_| Err(UnwritableRecord))
}

/// Returns a weight as the number with the fewest decimals.
fn weight<'a>(weight: Weight) -> Cell<'a> {
    let hundredths = weight.hundredths();
    Cell::Number(if hundredths.is_multiple_of(100) {
        Number::Unsigned((hundredths / 100).into())
    } else {
        Number::Float(f64::from(hundredths) / 100.0)
    })
}
