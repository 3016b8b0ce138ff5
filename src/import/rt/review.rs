//! The list of reviews.

use super::{
    SITE, SOURCE,
    fields::{Known, Translation},
};
use crate::{
    catalogue::{
        Cell, Cells, Column, Defaults, Remark,
        record::{ExternalId, FilmRef, Record, ReviewRecord},
    },
    import::rows::{Flaw, Good},
    text,
};

/// The columns of the list.
pub const COLUMNS: &[Known] = &[
    Known::needed("reviewId"),
    Known::needed("movieId"),
    Known::optional("creationDate"),
    Known::optional("criticName"),
    Known::optional("criticPageUrl"),
    Known::optional("reviewState"),
    Known::optional("isFresh"),
    Known::optional("isRotten"),
    Known::unused("isRtUrl"),
    Known::optional("isTopCritic"),
    Known::optional("publicationUrl"),
    Known::optional("publicationName"),
    Known::optional("reviewUrl"),
    Known::optional("quote"),
    Known::optional("scoreSentiment"),
    Known::optional("originalScore"),
];

/// The columns of the list and their columns in the catalogue format. The film's id is read as its title; `identify`
/// replaces it.
const OURS: [(&str, Column); 9] = [
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
const MENDED: [(&str, Column); 2] = [
    ("creationDate", Column::ReviewedOn),
    ("reviewState", Column::Recommended),
];

/// The columns of the list and the columns of `review` that they fill.
pub const GIVEN: [(&str, &str); 14] = [
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
const PLACEHOLDERS: [&str; 2] = ["1800-01-01", "2000-01-01"];

/// Parses a row.
pub fn read(row: &Translation<'_>, defaults: &Defaults) -> Result<Good, Vec<Flaw>> {
    let mut cells = Cells::new();
    row.fill(&mut cells, &OURS);
    let day = row.text("creationDate");
    let is_placeholder = PLACEHOLDERS
        .iter()
        .any(|placeholder| day.starts_with(placeholder));
    if !is_placeholder {
        cells.insert(Column::ReviewedOn, Cell::Text(day));
    }
    let verdict = verdict(row);
    if let Ok(verdict) = &verdict {
        cells.insert(Column::Recommended, Cell::text(verdict));
    }
    let read = Translation::read(&cells, defaults, &[&OURS, &MENDED]);
    let flaws: Vec<Flaw> = [verdict.err(), check_id(row), check_critic(row)]
        .into_iter()
        .flatten()
        .collect();
    let (record, mut remarks) = match read {
        Ok(read) if flaws.is_empty() => read,
        Ok(_) => return Err(flaws),
        Err(others) => return Err([others, flaws].concat()),
    };
    if is_placeholder {
        remarks.push(Remark::PlaceholderDate);
    }
    let Record::Review(mut review) = record else {
        return Err(vec![Flaw::new("reviewId", "the row is not a review")]);
    };
    identify(&mut review, row);
    Ok(Good {
        record: Record::Review(review),
        remarks,
    })
}

/// Sets the external ids of the film and the critic, and the URLs of the critic and the publication.
fn identify(review: &mut ReviewRecord, row: &Translation<'_>) {
    let external_id = |id: String| ExternalId {
        source: SOURCE.to_owned(),
        id,
    };
    review.film = FilmRef {
        external_id: review.film.title.take().map(external_id),
        ..FilmRef::default()
    };
    let page = row.address("criticPageUrl");
    if let Some(critic) = review.critic.as_mut().filter(|_| !page.is_empty()) {
        critic.url = on_site(&page);
        critic.external_id = Some(external_id(page.into_owned()));
    }
    if let Some(publication) = &mut review.publication {
        publication.url = on_site(&row.address("publicationUrl"));
    }
}

/// Returns the full URL of a path on the site; `None` if it isn't a path.
fn on_site(path: &str) -> Option<String> {
    path.starts_with('/').then(|| format!("{SITE}{path}"))
}

/// Returns the critic's recommendation as "fresh", "rotten" or an empty string. Up to three columns have it, and they
/// must agree.
fn verdict(row: &Translation<'_>) -> Result<&'static str, Flaw> {
    let state = row.text("reviewState").to_ascii_lowercase();
    let verdicts = [
        match state.as_str() {
            "" => None,
            "fresh" => Some(true),
            "rotten" => Some(false),
            _ => {
                return Err(Flaw::new(
                    "reviewState",
                    format!("must be fresh or rotten, not {state:?}"),
                ));
            }
        },
        flag(row, "isFresh")?,
        flag(row, "isRotten")?.map(|is_rotten| !is_rotten),
    ];
    let mut verdicts = verdicts.into_iter().flatten();
    match verdicts.next() {
        None => Ok(""),
        Some(first) if verdicts.all(|other| other == first) => {
            Ok(if first { "fresh" } else { "rotten" })
        }
        Some(_) => Err(Flaw::new(
            "reviewState",
            "reviewState, isFresh and isRotten contradict each other",
        )),
    }
}

fn flag(row: &Translation<'_>, name: &'static str) -> Result<Option<bool>, Flaw> {
    let text = row.text(name).to_ascii_lowercase();
    match text.as_str() {
        "" => Ok(None),
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(Flaw::new(
            name,
            format!("must be True or False, not {text:?}"),
        )),
    }
}

fn check_id(row: &Translation<'_>) -> Option<Flaw> {
    let is_blank = row.text("reviewId").is_empty();
    is_blank.then(|| Flaw::new("reviewId", "is blank, but every review needs an id"))
}

/// Checks the URL of the critic's page, and that a row with such a URL has the critic's name.
fn check_critic(row: &Translation<'_>) -> Option<Flaw> {
    let page = row.address("criticPageUrl");
    if text::check_line(&page, text::SHORT).is_err() {
        return Some(Flaw::new(
            "criticPageUrl",
            "is not a URL of at most 200 characters",
        ));
    }
    let is_nameless = !page.is_empty() && row.text("criticName").is_empty();
    is_nameless.then(|| Flaw::new("criticName", "is blank, but criticPageUrl names a critic"))
}
