//! The list of films.

use std::num::NonZeroU16;

use super::{
    SOURCE,
    fields::{ListColumn, RowTranslation},
};
use crate::{
    catalogue::{
        Cell, Cells, Column, Defaults, Warning,
        record::{PublishedScoreRecord, Record},
    },
    import::rows::{RowError, ValidRow},
    published_score::{Audience, Kind},
    score::Points,
};

/// The columns of the list.
pub const COLUMNS: &[ListColumn] = &[
    ListColumn::required("movieId"),
    ListColumn::required("movieTitle"),
    ListColumn::optional("movieYear"),
    ListColumn::optional("movieURL"),
    ListColumn::optional("critic_score"),
    ListColumn::unused("audience_score"),
];

/// The columns of the list and their columns in the catalogue format.
const CATALOGUE_COLUMNS: [(&str, Column); 3] = [
    ("movieTitle", Column::Film),
    ("movieYear", Column::FilmYear),
    ("movieURL", Column::Url),
];

/// The column of the film's external id.
const ID_COLUMN: [(&str, Column); 1] = [("movieId", Column::ExternalIds)];

/// The columns of the list and the columns of `film` that they fill.
pub const FILM_COLUMNS: [(&str, &str); 3] = [
    ("movieTitle", "title"),
    ("movieYear", "year"),
    ("movieURL", "url"),
];

/// The columns of the list and the columns of `published_score` that they fill.
pub const PUBLISHED_SCORE_COLUMNS: [(&str, &str); 3] = [
    ("critic_score", "value"),
    ("critic_score", "scale"),
    ("critic_score", "original_value"),
];

/// The maximum of a percentage.
const HUNDRED: NonZeroU16 = NonZeroU16::new(100).unwrap();

/// Parses a row. Returns the film, and the score that the source publishes for it, if the row has one.
pub fn read(
    row: &RowTranslation<'_>,
    defaults: &Defaults,
) -> Result<(ValidRow, Option<ValidRow>), Vec<RowError>> {
    let id = row.text("movieId");
    let mut cells = Cells::new();
    cells.insert(Column::Kind, Cell::text("film"));
    cells.insert(
        Column::ExternalIds,
        Cell::List(vec![format!("{SOURCE}:{id}").into()]),
    );
    row.fill(&mut cells, &CATALOGUE_COLUMNS);
    let (record, mut warnings) =
        RowTranslation::read(&cells, defaults, &[&CATALOGUE_COLUMNS, &ID_COLUMN])?;
    let Record::Film(mut film) = record else {
        return Err(vec![RowError::new("movieId", "the row is not a film")]);
    };
    film.film.external_id = film.external_ids.pop();
    let published = match row.text("critic_score") {
        score if score.is_empty() => None,
        score => {
            let value = percent(&score);
            if value.is_none() {
                warnings.push(Warning::UnusablePublishedScore);
            }
            value.map(|value| {
                Record::PublishedScore(PublishedScoreRecord {
                    film: film.film.clone(),
                    source: SOURCE.to_owned(),
                    kind: Kind::PercentRecommended,
                    audience: Audience::Critics,
                    value: Some(value),
                    scale: Some(HUNDRED),
                    original_value: Some(score.into_owned()),
                    label: None,
                    review_count: None,
                    positive_count: None,
                    mixed_count: None,
                    negative_count: None,
                })
            })
        }
    };
    let film = ValidRow {
        record: Record::Film(film),
        warnings,
    };
    Ok((
        film,
        published.map(|record| ValidRow {
            record,
            warnings: Vec::new(),
        }),
    ))
}

/// Parses a percentage such as "97%".
fn percent(text: &str) -> Option<Points> {
    let digits = text.strip_suffix('%')?.trim_end();
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    Points::new(digits.parse::<u32>().ok().filter(|_| is_number)?)
}
