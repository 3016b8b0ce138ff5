//! The mutation `importPage`: a page of reviews as text, which an editor has copied.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, OneofObject, Result, SimpleObject};

use crate::{
    access::Role,
    film::{Film, FilmId, store::FilmById},
    global_id::Kind,
    graphql::{
        constraint::{NAME, NOT_A_LIST, PAGE, SHORT, constraint},
        load,
        mutations::{commit::commit, idempotency::Idempotency},
        selection::Inlined,
        to_nullable_field,
        types::{score_distribution::ScoreDistribution, viewer::require_role},
    },
    import::{
        Changes, FilmName,
        page::{self, Order, Page, PageErrors},
        store::page::{ImportPage, ImportedPage},
    },
    named::decode_key,
    patch::{self, Patch},
    score::{Basis, Score, ScoredTally},
    text,
    user_error::{
        UserError,
        UserErrorCode::{Invalid, TooLong},
        UserErrors,
    },
};

/// The input of `importPage`.
#[derive(Debug, InputObject)]
pub struct ImportPageInput {
    /// The page as text, at most 450,000 characters: the heading with the number of critics, the score distribution,
    /// and the numbered reviews.
    #[graphql(directive = constraint::apply(PAGE, NOT_A_LIST))]
    text: String,
    /// The film that the page is about.
    film: PageFilmRef,
    /// The name of the page's source, at most 200 characters; "page" when null. A later import with the same source
    /// updates these reviews.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    source: Option<String>,
    /// Whether the reviews are in another order than best to worst; false when null. If true, only reviews with a score
    /// get a sentiment.
    unordered: Option<bool>,
    /// Whether to preview the import without changing anything; false when null.
    dry_run: Option<bool>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// A reference to the film that a page is about.
#[derive(Debug, OneofObject)]
pub enum PageFilmRef {
    /// An existing film, by its global ID.
    Id(ID),
    /// A film by title and year. It is added if it doesn't exist.
    Titled(TitleInput),
}

/// The title and year of a film.
#[derive(Debug, InputObject)]
pub struct TitleInput {
    /// The title, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: String,
    /// The year of the first release, 1870 to 2200; unknown when null.
    year: Option<i32>,
}

/// The mutation `importPage`.
#[derive(Debug, Default)]
pub struct ImportMutation;

/// The mutation `importPage`.
#[Object]
impl ImportMutation {
    /// Imports a page of reviews as text: the whole page or nothing. Importing the same page again changes nothing.
    /// Requires the role EDITOR. Null on a top-level error.
    async fn import_page(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page and its film.")] input: ImportPageInput,
    ) -> Option<Result<ImportPagePayload>> {
        Some(import(ctx, input).await)
    }
}

async fn import(ctx: &Context<'_>, input: ImportPageInput) -> Result<ImportPagePayload> {
    let principal = require_role(ctx, Role::Editor)?;
    let mut errors = UserErrors::default();
    let (film, name) = match input.film {
        PageFilmRef::Id(id) => (
            decode_key(&id, Kind::Film, "film.id", &mut errors).map(FilmId),
            None,
        ),
        PageFilmRef::Titled(title) => (None, title.parse(&mut errors)),
    };
    let source = Patch::from(input.source);
    let source = match patch::line(source, "source", text::MAX_SHORT_LENGTH, &mut errors) {
        Patch::Set(source) => source,
        Patch::Keep | Patch::Clear => "page".to_owned(),
    };
    let order = if input.unordered.unwrap_or_default() {
        Order::Unordered
    } else {
        Order::BestToWorst
    };
    let (page, page_errors) = parse_page(&input.text, order, &mut errors);
    if let Some(page_errors) = &page_errors {
        let count = page_errors.as_slice().len() + page_errors.omitted_count();
        let message = format!(
            "can't be read as a page of reviews; `lineErrors` lists the errors ({count} in total)"
        );
        errors.add("text", Invalid, message);
    }
    let dry_run = input.dry_run.unwrap_or_default();
    let command = ImportPage {
        page,
        film,
        name,
        source,
        dry_run,
        errors,
    };
    let result = commit(ctx, principal, input.idempotency, &command).await?;
    Ok(ImportPagePayload {
        imported: result.as_ref().ok().cloned(),
        dry_run,
        line_errors: page_errors.as_ref().map(line_errors).unwrap_or_default(),
        user_errors: result.err().unwrap_or_default(),
    })
}

/// Parses the page, unless it is too long for the deadline of a request.
fn parse_page(
    text: &str,
    order: Order,
    errors: &mut UserErrors,
) -> (Option<Page>, Option<PageErrors>) {
    if let Err(length) = text::check_normalised_length(text, text::MAX_PAGE_LENGTH) {
        let message = format!(
            "is {length} characters long, and at most {} are allowed; import a longer page with the command `marquee import page`",
            text::MAX_PAGE_LENGTH
        );
        errors.add("text", TooLong, message);
        return (None, None);
    }
    match page::parse(text, order) {
        Ok(page) => (Some(page), None),
        Err(page_errors) => (None, Some(page_errors)),
    }
}

impl TitleInput {
    fn parse(self, errors: &mut UserErrors) -> Option<FilmName> {
        let title = patch::name(Patch::Set(self.title), "film.titled.title", errors);
        let year = patch::number(self.year.into(), "film.titled.year", 1870..=2200, errors);
        FilmName::new(title.value()?, year.value().copied())
    }
}

fn line_errors(page_errors: &PageErrors) -> Vec<PageLineError> {
    let errors = page_errors.as_slice().iter().map(|error| PageLineError {
        line: i32::try_from(error.line()).unwrap_or(i32::MAX),
        message: error.problem().to_string(),
    });
    errors.collect()
}

/// An error on a line of a page.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageLineError {
    /// The line number, counted from 1, including blank lines.
    line: i32,
    /// The message for people, with the expected and the actual text.
    message: String,
}

/// The changes that an import makes to objects of one type.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct ImportChanges {
    /// The number of added objects.
    added: i32,
    /// The number of changed objects.
    changed: i32,
    /// The number of existing objects that stay unchanged.
    same: i32,
}

impl From<Changes> for ImportChanges {
    fn from(changes: Changes) -> Self {
        let int = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            added: int(changes.new),
            changed: int(changes.changed),
            same: int(changes.same),
        }
    }
}

/// The result of `importPage`.
#[derive(Debug)]
pub struct ImportPagePayload {
    imported: Option<ImportedPage>,
    dry_run: bool,
    line_errors: Vec<PageLineError>,
    user_errors: Vec<UserError>,
}

impl ImportPagePayload {
    /// Returns the tally of the film with the page: the one after the import, or the current one if the request is a
    /// retry with the same idempotency key.
    async fn tally(&self, ctx: &Context<'_>) -> Result<Option<Arc<ScoredTally>>> {
        let Some(imported) = &self.imported else {
            return Ok(None);
        };
        if let Some(tally) = &imported.tally {
            let scored_tally = ScoredTally::new(tally.clone(), Basis::Critics);
            return Ok(Some(Arc::new(scored_tally)));
        }
        let film = load(ctx, FilmById(FilmId(imported.film))).await?;
        Ok(film.map(|film| Arc::clone(&film.tally)))
    }
}

/// The result of `importPage`.
#[Object]
impl ImportPagePayload {
    /// The film in its current state; null if the page was rejected, and in a dry run that would add the film.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        let imported = self.imported.as_ref()?;
        if self.dry_run && imported.is_film_new {
            return None;
        }
        let film = FilmId(imported.film);
        to_nullable_field(load(ctx, FilmById(film)).await)
    }

    /// The film's score with this page; a preview in a dry run. Null if the page was rejected.
    async fn score(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Score>>> {
        let tally = self.tally(ctx).await.transpose()?;
        Some(tally.map(|tally| Inlined(tally.score(None).into_owned())))
    }

    /// The distribution of the film's reviews with this page; a preview in a dry run. Null if the page was rejected.
    async fn score_distribution(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Inlined<ScoreDistribution>>> {
        let tally = self.tally(ctx).await.transpose()?;
        Some(tally.map(|tally| Inlined(ScoreDistribution::with_default_policy(&tally))))
    }

    /// The changes to the reviews; null if the page was rejected.
    fn reviews(&self) -> Option<ImportChanges> {
        Some(self.imported.as_ref()?.reviews.into())
    }

    /// The changes to the critics; null if the page was rejected.
    fn critics(&self) -> Option<ImportChanges> {
        Some(self.imported.as_ref()?.critics.into())
    }

    /// The number of earlier reviews of this source that the page no longer lists. They are not deleted. Null if the
    /// page was rejected.
    fn missing_review_count(&self) -> Option<i32> {
        let missing = self.imported.as_ref()?.missing;
        Some(i32::try_from(missing).unwrap_or(i32::MAX))
    }

    /// The errors on the lines of the page, in order, at most 100; empty if the page is valid.
    fn line_errors(&self) -> &[PageLineError] {
        &self.line_errors
    }

    /// All errors in the input; empty if the page was imported, or if it could be in a dry run.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
