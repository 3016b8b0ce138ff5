//! The list of reviews.

use super::{
    SITE_URL, SOURCE,
    fields::{ListColumn, RowTranslation},
};
use crate::{
    catalogue::{
        Cell, Cells, Column, Defaults, Warning,
        record::{ExternalId, FilmRef, Record, ReviewRecord},
    },
    import::rows::{RowError, ValidRow},
    text,
};

/// The columns of the list.
pub const COLUMNS: &[ListColumn] = &[
    ListColumn::required("reviewId"),
    ListColumn::required("movieId"),
    ListColumn::optional("creationDate"),
    ListColumn::optional("criticName"),
    ListColumn::optional("criticPageUrl"),
    ListColumn::optional("reviewState"),
    ListColumn::optional("isFresh"),
    ListColumn::optional("isRotten"),
    ListColumn::unused("isRtUrl"),
    ListColumn::optional("isTopCritic"),
    ListColumn::optional("publicationUrl"),
    ListColumn::optional("publicationName"),
    ListColumn::optional("reviewUrl"),
    ListColumn::optional("quote"),
    ListColumn::optional("scoreSentiment"),
    ListColumn::optional("originalScore"),
];

/// The columns of the list and their columns in the catalogue format. The film's id is read as its title;
/// `set_external_ids` replaces it.
const CATALOGUE_COLUMNS: [(&str, Column); 9] = [
    ("reviewId", Column::ExternalId),
    ("movieId", Column::Film),
    ("criticName", Column::Critic),
    ("isTopCritic", Column::TopCritic),
    ("publicationName", Column::Publication),
    ("reviewUrl", Column::Url),
    ("quote", Column::Excerpt),
    ("scoreSentiment", Column::Sentiment),
    ("originalScore", Column::OriginalScore),
];

/// The columns whose values are converted first, and their columns in the catalogue format.
const CONVERTED_COLUMNS: [(&str, Column); 2] = [
    ("creationDate", Column::ReviewedOn),
    ("reviewState", Column::Recommended),
];

/// The columns of the list and the columns of `review` that they fill.
pub const REVIEW_COLUMNS: [(&str, &str); 14] = [
    ("movieId", "film_id"),
    ("criticName", "critic_id"),
    ("publicationName", "publication_id"),
    ("originalScore", "score"),
    ("originalScore", "original_score"),
    ("originalScore", "score_rule"),
    ("scoreSentiment", "sentiment"),
    ("reviewState", "recommended"),
    ("isFresh", "recommended"),
    ("isRotten", "recommended"),
    ("isTopCritic", "top_critic"),
    ("quote", "excerpt"),
    ("reviewUrl", "url"),
    ("creationDate", "reviewed_on"),
];

/// Days that the list has instead of an unknown day.
const PLACEHOLDER_DAYS: [&str; 2] = ["1800-01-01", "2000-01-01"];

/// Parses a row.
pub fn read(row: &RowTranslation<'_>, defaults: &Defaults) -> Result<ValidRow, Vec<RowError>> {
    let mut cells = Cells::new();
    row.fill(&mut cells, &CATALOGUE_COLUMNS);
    let day = row.text("creationDate");
    let is_placeholder = PLACEHOLDER_DAYS
        .iter()
        .any(|placeholder| day.starts_with(placeholder));
    if !is_placeholder {
        cells.insert(Column::ReviewedOn, Cell::Text(day));
    }
    let recommendation = recommendation(row);
    if let Ok(recommendation) = &recommendation {
        cells.insert(Column::Recommended, Cell::text(recommendation));
    }
    let read = RowTranslation::read(&cells, defaults, &[&CATALOGUE_COLUMNS, &CONVERTED_COLUMNS]);
    let errors: Vec<RowError> = [recommendation.err(), check_id(row), check_critic(row)]
        .into_iter()
        .flatten()
        .collect();
    let (record, mut warnings) = match read {
        Ok(read) if errors.is_empty() => read,
        Ok(_) => return Err(errors),
        Err(cell_errors) => return Err([cell_errors, errors].concat()),
    };
    if is_placeholder {
        warnings.push(Warning::PlaceholderDate);
    }
    let Record::Review(mut review) = record else {
        return Err(vec![RowError::new("reviewId", "the row is not a review")]);
    };
    set_external_ids(&mut review, row);
    Ok(ValidRow {
        record: Record::Review(review),
        warnings,
    })
}

/// Sets the external ids of the film and the critic, and the URLs of the critic and the publication.
fn set_external_ids(review: &mut ReviewRecord, row: &RowTranslation<'_>) {
    let external_id = |id: String| ExternalId {
        source: SOURCE.to_owned(),
        id,
    };
    review.film = FilmRef {
        external_id: review.film.title.take().map(external_id),
        ..FilmRef::default()
    };
    let page = row.url("criticPageUrl");
    if let Some(critic) = review.critic.as_mut().filter(|_| !page.is_empty()) {
        critic.url = site_url(&page);
        critic.external_id = Some(external_id(page.into_owned()));
    }
    if let Some(publication) = &mut review.publication {
        publication.url = site_url(&row.url("publicationUrl"));
    }
}

/// Returns the full URL of a path on the site; `None` if it isn't a path.
fn site_url(path: &str) -> Option<String> {
    path.starts_with('/').then(|| format!("{SITE_URL}{path}"))
}

/// Returns the critic's recommendation as "fresh", "rotten" or an empty string. Up to three columns have it, and they
/// must agree.
fn recommendation(row: &RowTranslation<'_>) -> Result<&'static str, RowError> {
    let state = row.text("reviewState").to_ascii_lowercase();
    let recommendations = [
        match state.as_str() {
            "" => None,
            "fresh" => Some(true),
            "rotten" => Some(false),
            _ => {
                return Err(RowError::new(
                    "reviewState",
                    format!("must be fresh or rotten, not {state:?}"),
                ));
            }
        },
        flag(row, "isFresh")?,
        flag(row, "isRotten")?.map(|is_rotten| !is_rotten),
    ];
    let mut recommendations = recommendations.into_iter().flatten();
    match recommendations.next() {
        None => Ok(""),
        Some(first) if recommendations.all(|other| other == first) => {
            Ok(if first { "fresh" } else { "rotten" })
        }
        Some(_) => Err(RowError::new(
            "reviewState",
            "reviewState, isFresh and isRotten contradict each other",
        )),
    }
}

fn flag(row: &RowTranslation<'_>, name: &'static str) -> Result<Option<bool>, RowError> {
    let text = row.text(name).to_ascii_lowercase();
    match text.as_str() {
        "" => Ok(None),
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(RowError::new(
            name,
            format!("must be True or False, not {text:?}"),
        )),
    }
}

fn check_id(row: &RowTranslation<'_>) -> Option<RowError> {
    let is_blank = row.text("reviewId").is_empty();
    is_blank.then(|| RowError::new("reviewId", "is blank, but every review needs an id"))
}

/// Checks the URL of the critic's page, and that a row with such a URL has the critic's name.
fn check_critic(row: &RowTranslation<'_>) -> Option<RowError> {
    let page = row.url("criticPageUrl");
    if text::check_line(&page, text::MAX_SHORT_LENGTH).is_err() {
        return Some(RowError::new(
            "criticPageUrl",
            "is not a URL of at most 200 characters",
        ));
    }
    let is_nameless = !page.is_empty() && row.text("criticName").is_empty();
    is_nameless.then(|| RowError::new("criticName", "is blank, but criticPageUrl names a critic"))
}
