//! Reads a record from a row.

use std::num::NonZeroU16;

use crate::{
    film::{details, year_of},
    review::original_score::DefaultScales,
    score::Sentiment,
    site_rules::ReadingRules,
    text::alternative_title::AlternativeTitle,
};

use super::{
    Cells, Column, ColumnError, RowKind, Warnings,
    cell::{DateOrder, VariantNames, flag, number},
    kind::KIND_NAMES,
    published_score,
    record::{
        CriticRecord, FilmRecord, NamedRef, PosterRecord, PublicationRecord, Record, ReviewRecord,
    },
    row::Row,
    score,
};

/// The names of sentiments in files.
pub(super) const SENTIMENT_NAMES: VariantNames<Sentiment> = VariantNames {
    all: &[Sentiment::Positive, Sentiment::Mixed, Sentiment::Negative],
    name: |sentiment| match sentiment {
        Sentiment::Positive => "positive",
        Sentiment::Mixed => "mixed",
        Sentiment::Negative => "negative",
    },
};

/// The error of a review that has nothing but a film.
const NOTHING_BUT_A_FILM: &str = "is all that this review says: it needs a critic, publication, byline, excerpt, score, \
    original_score, sentiment, recommended or reviewed_on; if the file is a list of films, write film into a column \
    named kind, or import it by `marquee import FILE --as films`";

/// Default values for rows that leave them out.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// The source of reviews and published scores: a name of at most 200 characters, as in the column `source`.
    pub source: Option<String>,
    /// The options of the import, which come before the rules.
    pub options: ReadingOptions,
    /// The rules of the site.
    pub rules: ReadingRules,
}

/// How an import reads scores and dates that don't state their scale or order. The rules of the site count for those that
/// are `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadingOptions {
    /// The maximum number of stars.
    pub stars_out_of: Option<NonZeroU16>,
    /// The maximum of bare numbers.
    pub bare_scores_out_of: Option<NonZeroU16>,
    /// The order in dates of digits.
    pub date_order: Option<DateOrder>,
}

impl Defaults {
    /// Returns the scales of original scores that don't state theirs.
    #[must_use]
    pub fn scales(&self) -> DefaultScales {
        let (options, rules) = (&self.options, &self.rules);
        DefaultScales {
            bare: options.bare_scores_out_of.or(rules.bare_scores_out_of),
            stars: options.stars_out_of.unwrap_or(rules.stars_out_of),
        }
    }

    /// Returns the order in dates of digits. If `None`, such a date is an error unless it can mean one day only.
    #[must_use]
    pub fn date_order(&self) -> Option<DateOrder> {
        self.options
            .date_order
            .or(self.rules.date_order.map(DateOrder::from))
    }
}

/// Reads a row.
///
/// # Errors
/// Returns every error of the row, at least one. If the kind is unknown, the other columns are not checked.
pub fn read(
    cells: &Cells<'_>,
    defaults: &Defaults,
) -> Result<(Record, Warnings), Vec<ColumnError>> {
    let mut row = Row::new(cells);
    let record = record(&mut row, defaults);
    row.finish(record)
}

/// Reads the record. Returns `None` if an error makes a record impossible. After other errors a
/// field of it is missing.
fn record(row: &mut Row<'_, '_>, defaults: &Defaults) -> Option<Record> {
    let kind = if row.has_value(Column::Kind) {
        row.read(Column::Kind, |cell| KIND_NAMES.read(cell))?
    } else {
        RowKind::Review
    };
    row.note_ignored_columns(kind);
    match kind {
        RowKind::Review => review(row, defaults).map(Record::Review),
        RowKind::Film => Some(Record::Film(film(row, defaults))),
        RowKind::Critic => Some(Record::Critic(critic(row))),
        RowKind::Publication => Some(Record::Publication(publication(row))),
        RowKind::PublishedScore => published_score::read(row, defaults).map(Record::PublishedScore),
    }
}

/// Reads a review. Returns `None` if the row has an error, or nothing that only a review has.
fn review(row: &mut Row<'_, '_>, defaults: &Defaults) -> Option<ReviewRecord> {
    let scored = score::read(row, defaults);
    let source = source(row, defaults);
    if row.has_value(Column::ExternalId) && source.is_none() && !row.has_value(Column::Source) {
        let reason =
            "a review's external_id needs a source: fill in the column source, or pass --source";
        row.add_error(Column::ExternalId, reason);
    }
    let review = ReviewRecord {
        film: row.film(RowKind::Review),
        critic: named(row, Column::Critic, Column::CriticSlug),
        publication: named(row, Column::Publication, Column::PublicationSlug),
        score: scored.score,
        original_score: scored.original,
        score_rule: scored.rule,
        sentiment: row.read(Column::Sentiment, |cell| SENTIMENT_NAMES.read(cell)),
        recommended: row
            .read(Column::Recommended, flag::recommendation)
            .flatten(),
        top_critic: row.flag(Column::TopCritic).unwrap_or_default(),
        byline: row.name(Column::Byline),
        excerpt: row.passage(Column::Excerpt),
        url: row.url(),
        reviewed_on: row.date(Column::ReviewedOn, defaults),
        source,
        external_id: row.short(Column::ExternalId),
    };
    if !review.has_content() {
        // After another error, the content may be in the invalid value.
        if !row.has_errors() {
            row.add_error(Column::Film, NOTHING_BUT_A_FILM);
        }
        return None;
    }
    Some(review)
}

fn film(row: &mut Row<'_, '_>, defaults: &Defaults) -> FilmRecord {
    let mut film = row.film(RowKind::Film);
    let external_ids = row.external_ids();
    let release_date = row.date(Column::ReleaseDate, defaults);
    film.year = film.year.or(release_date.and_then(year_of));
    let alternative_titles = alternative_titles(row, film.title.as_deref());
    FilmRecord {
        film,
        countries: row.names(Column::Countries),
        cast: row.first_names(Column::Cast),
        alternative_titles,
        poster: poster(row),
        external_ids,
        release_date,
        runtime_minutes: row.read(Column::RuntimeMinutes, |cell| {
            number::within(cell, 1..=i32::MAX)
        }),
        directors: row.names(Column::Directors),
        genres: row.names(Column::Genres),
        synopsis: row.passage(Column::Synopsis),
        url: row.url(),
    }
}

/// Reads the other titles of a film: the listed ones and the original one, each once, and without the title that the row
/// has already.
fn alternative_titles(row: &mut Row<'_, '_>, title: Option<&str>) -> Vec<String> {
    let listed = row.titles();
    let original = row.name(Column::OriginalTitle);
    let original = original.map(|title| AlternativeTitle {
        title,
        language: None,
    });
    let mut titles: Vec<AlternativeTitle> = Vec::new();
    for other in listed.into_iter().chain(original) {
        let is_known = |known: &AlternativeTitle| {
            *known == other || other.language.is_none() && known.title == other.title
        };
        let is_title = other.language.is_none() && Some(other.title.as_str()) == title;
        if !is_title && !titles.iter().any(is_known) {
            titles.push(other);
        }
    }
    titles.iter().map(AlternativeTitle::to_string).collect()
}

fn poster(row: &mut Row<'_, '_>) -> PosterRecord {
    let url = row.web_address(Column::PosterUrl);
    let mut pixels =
        |column| row.read(column, |cell| number::within(cell, 1..=details::MAX_PIXELS));
    PosterRecord {
        url,
        width: pixels(Column::PosterWidth),
        height: pixels(Column::PosterHeight),
        alt: row.name(Column::PosterAlt),
    }
}

fn critic(row: &mut Row<'_, '_>) -> CriticRecord {
    row.require_either(RowKind::Critic, Column::Critic, Column::CriticSlug);
    CriticRecord {
        critic: row.named(Column::Critic, Column::CriticSlug),
        external_ids: row.external_ids(),
        url: row.url(),
    }
}

fn publication(row: &mut Row<'_, '_>) -> PublicationRecord {
    row.require_either(
        RowKind::Publication,
        Column::Publication,
        Column::PublicationSlug,
    );
    PublicationRecord {
        publication: row.named(Column::Publication, Column::PublicationSlug),
        url: row.url(),
        weight: row.read(Column::Weight, number::weight),
    }
}

/// Reads a critic or publication, if the row names one.
fn named(row: &mut Row<'_, '_>, name: Column, slug: Column) -> Option<NamedRef> {
    (row.has_value(name) || row.has_value(slug)).then(|| row.named(name, slug))
}

/// Returns the row's own source, or else the default one.
pub(super) fn source(row: &mut Row<'_, '_>, defaults: &Defaults) -> Option<String> {
    if row.has_value(Column::Source) {
        row.short(Column::Source)
    } else {
        defaults.source.clone()
    }
}
