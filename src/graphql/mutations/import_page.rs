//! The mutation `importPage`: a page of reviews as text, which an editor has copied.

mod input;
mod payload;

use async_graphql::{Context, Object, Result};

pub use self::payload::ImportChanges;

use self::{
    input::{ImportPageInput, PageFilmRef},
    payload::{ImportPagePayload, PageLineError},
};
use crate::{
    access::Role,
    film::{FilmId, reference::FilmReference},
    global_id::Kind,
    graphql::{int, mutations::commit::commit, site_rules, types::viewer::require_role},
    import::{
        page::{self, Order, Page, PageErrors},
        store::page::ImportPage,
    },
    named::{check_slug, decode_key},
    patch::{self, Patch},
    site_rules::SiteRules,
    text,
    user_error::{
        UserErrorCode::{Invalid, TooLong},
        UserErrors,
    },
};

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
    let film = match input.film {
        PageFilmRef::Id(id) => decode_key(&id, Kind::Film, "film.id", &mut errors)
            .map(|key| FilmReference::Key(FilmId(key))),
        PageFilmRef::Slug(slug) => {
            check_slug(slug, "film.slug", &mut errors).map(FilmReference::Slug)
        }
        PageFilmRef::Titled(title) => title
            .parse("film.titled", &mut errors)
            .map(FilmReference::Titled),
        PageFilmRef::External(id) => id
            .parse("film.external", &mut errors)
            .map(FilmReference::External),
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
    let (page, page_errors) = parse_page(&input.text, order, &*site_rules(ctx).await?, &mut errors);
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
    rules: &SiteRules,
    errors: &mut UserErrors,
) -> (Option<Page>, Option<PageErrors>) {
    if let Err(length) = text::check_normalized_length(text, text::MAX_PAGE_LENGTH) {
        let message = format!(
            "is {length} characters long, and at most {} are allowed; import a longer page with the command `marquee import page`",
            text::MAX_PAGE_LENGTH
        );
        errors.add("text", TooLong, message);
        return (None, None);
    }
    match page::parse(text, order, rules) {
        Ok(page) => (Some(page), None),
        Err(page_errors) => (None, Some(page_errors)),
    }
}

fn line_errors(page_errors: &PageErrors) -> Vec<PageLineError> {
    let errors = page_errors.as_slice().iter().map(|error| PageLineError {
        line: int(error.line()),
        message: error.problem().to_string(),
    });
    errors.collect()
}
