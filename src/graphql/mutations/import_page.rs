//! The paste box: a page of reviews that an editor has copied.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, OneofObject, Result, SimpleObject};

use crate::{
    access::Role,
    film::{Film, FilmId, store::FilmById},
    global_id::Kind,
    graphql::{
        constraint::{NAME, NOT_A_LIST, PAGE, SHORT, constraint},
        found, load,
        mutations::{commit::commit, idempotency::Idempotency},
        selection::Inlined,
        types::{score::ScoreDistribution, token::require},
    },
    import::{
        Changes, FilmName,
        page::{self, Order, Page, PageErrors},
        store::page::{ImportPage, ImportedPage},
    },
    named::key,
    patch::{self, Patch},
    score::{Basis, Judged, Summary},
    text,
    user_error::{
        UserError,
        UserErrorCode::{Invalid, TooLong},
        UserErrors,
    },
};

/// A page of reviews of one film.
#[derive(Debug, InputObject)]
pub struct ImportPageInput {
    /// The page as text, at most 450,000 characters: its label with the number of critics, its distribution, and its reviews, numbered.
    #[graphql(directive = constraint::apply(PAGE, NOT_A_LIST))]
    text: String,
    /// The film that it is about.
    film: PageFilmRef,
    /// Where the page comes from, at most 200 characters: a name under which a later import finds these reviews again. "page" when null.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    source: Option<String>,
    /// True for a page that doesn't list the best reviews first: only those with a score get a sentiment then. No when null.
    unordered: Option<bool>,
    /// True to see what the page would change, and change nothing. No when null.
    dry_run: Option<bool>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// Names the film that a page is about.
#[derive(Debug, OneofObject)]
pub enum PageFilmRef {
    /// One that is require_page, by its global id.
    Id(ID),
    /// One by title and year, which is added unless it is there.
    Titled(TitleInput),
}

/// The title and year of a film.
#[derive(Debug, InputObject)]
pub struct TitleInput {
    /// The title, as shown, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: String,
    /// The year of the first release, 1870 to 2200; null when it isn't known.
    year: Option<i32>,
}

/// The mutations that take in more than one thing.
#[derive(Debug, Default)]
pub struct ImportMutation;

/// The mutations that take in more than one thing.
#[Object]
impl ImportMutation {
    /// Takes in a page of reviews as text, all of it or nothing; to import it again changes nothing. Null when it could not be run. Needs
    /// the role EDITOR.
    async fn import_page(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page, and whose it is.")] input: ImportPageInput,
    ) -> Option<Result<ImportPagePayload>> {
        Some(import(ctx, input).await)
    }
}

async fn import(ctx: &Context<'_>, input: ImportPageInput) -> Result<ImportPagePayload> {
    let principal = require(ctx, Role::Editor)?;
    let mut errors = UserErrors::default();
    let (film, name) = match input.film {
        PageFilmRef::Id(id) => (
            key(&id, Kind::Film, "film.id", &mut errors).map(FilmId),
            None,
        ),
        PageFilmRef::Titled(titled) => (None, titled.read(&mut errors)),
    };
    let source = Patch::from(input.source);
    let source = match patch::line(source, "source", text::SHORT, &mut errors) {
        Patch::Set(source) => source,
        Patch::Keep | Patch::Clear => "page".to_owned(),
    };
    let order = if input.unordered.unwrap_or_default() {
        Order::Unordered
    } else {
        Order::BestToWorst
    };
    let (page, refused) = read_page(&input.text, order, &mut errors);
    if let Some(refused) = &refused {
        let number = refused.kept().len() + refused.more();
        let message = format!(
            "can't be read as a page of reviews, for {number} reasons; `lineErrors` says where"
        );
        errors.add("text", Invalid, message);
    }
    let dry_run = input.dry_run.unwrap_or_default();
    let mutation = ImportPage {
        page,
        film,
        name,
        source,
        dry_run,
        errors,
    };
    let done = commit(ctx, principal, input.idempotency, &mutation).await?;
    Ok(ImportPagePayload {
        imported: done.as_ref().ok().cloned(),
        dry_run,
        line_errors: refused.as_ref().map(line_errors).unwrap_or_default(),
        user_errors: done.err().unwrap_or_default(),
    })
}

/// Reads the page, unless it is too long to be read in the time of a request.
fn read_page(
    text: &str,
    order: Order,
    errors: &mut UserErrors,
) -> (Option<Page>, Option<PageErrors>) {
    if let Err(length) = text::check_normalised_length(text, text::PAGE) {
        let message = format!(
            "is {length} characters long, and at most {} are allowed; import a longer page by the command `marquee import page`",
            text::PAGE
        );
        errors.add("text", TooLong, message);
        return (None, None);
    }
    match page::parse(text, order) {
        Ok(page) => (Some(page), None),
        Err(refused) => (None, Some(refused)),
    }
}

impl TitleInput {
    fn read(self, errors: &mut UserErrors) -> Option<FilmName> {
        let title = patch::name(Patch::Set(self.title), "film.titled.title", errors);
        let year = patch::number(self.year.into(), "film.titled.year", 1870..=2200, errors);
        FilmName::new(title.value()?, year.value().copied())
    }
}

fn line_errors(refused: &PageErrors) -> Vec<PageLineError> {
    let each = refused.kept().iter().map(|error| PageLineError {
        line: i32::try_from(error.line()).unwrap_or(i32::MAX),
        message: error.problem().to_string(),
    });
    each.collect()
}

/// Something on a page that is not as it must be.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageLineError {
    /// The line, counted from 1, blank lines included.
    line: i32,
    /// What was expected there and what stands require_page, in words.
    message: String,
}

/// What an import did to the rows of one kind.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct ImportChanges {
    /// How many were added.
    added: i32,
    /// How many were there already, and are different now.
    changed: i32,
    /// How many were there already, just so.
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

/// What came of taking in a page.
#[derive(Debug)]
pub struct ImportPagePayload {
    imported: Option<ImportedPage>,
    dry_run: bool,
    line_errors: Vec<PageLineError>,
    user_errors: Vec<UserError>,
}

impl ImportPagePayload {
    /// What the film's reviews came to with the page: as counted then, or as it is now for a page that was sent again.
    async fn tally(&self, ctx: &Context<'_>) -> Result<Option<Arc<Judged>>> {
        let Some(imported) = &self.imported else {
            return Ok(None);
        };
        if let Some(tally) = &imported.tally {
            let judged = Judged::new(tally.clone(), Basis::Critics);
            return Ok(Some(Arc::new(judged)));
        }
        let film = load(ctx, FilmById(FilmId(imported.film))).await?;
        Ok(film.map(|film| Arc::clone(&film.tally)))
    }
}

/// What came of taking in a page.
#[Object]
impl ImportPagePayload {
    /// The film as it is now; null when the page was refused, or when it was only tried on a film that isn't there yet.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        let imported = self.imported.as_ref()?;
        if self.dry_run && imported.is_film_new {
            return None;
        }
        let film = FilmId(imported.film);
        found(load(ctx, FilmById(film)).await)
    }

    /// The film's score with this page; a preview of it when the page was only tried. Null when the page was refused.
    async fn score(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Summary>>> {
        let tally = self.tally(ctx).await.transpose()?;
        Some(tally.map(|tally| Inlined(tally.summary(None).into_owned())))
    }

    /// How the film's reviews spread with this page; a preview when the page was only tried. Null when the page was refused.
    async fn score_distribution(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Inlined<ScoreDistribution>>> {
        let tally = self.tally(ctx).await.transpose()?;
        Some(tally.map(|tally| Inlined(ScoreDistribution::with_default_policy(&tally))))
    }

    /// What the page does to the reviews; null when it was refused.
    fn reviews(&self) -> Option<ImportChanges> {
        Some(self.imported.as_ref()?.reviews.into())
    }

    /// What the page does to the critics; null when it was refused.
    fn critics(&self) -> Option<ImportChanges> {
        Some(self.imported.as_ref()?.critics.into())
    }

    /// How many reviews came from this source before and aren't on the page any more. They are kept. Null when the page was refused.
    fn missing_review_count(&self) -> Option<i32> {
        let missing = self.imported.as_ref()?.missing;
        Some(i32::try_from(missing).unwrap_or(i32::MAX))
    }

    /// What is wrong with the lines of the page, in their order, at most 100 of them; empty when it can be read.
    fn line_errors(&self) -> &[PageLineError] {
        &self.line_errors
    }

    /// What is wrong with the input: all of it. Empty when the page was taken in, or could be.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
