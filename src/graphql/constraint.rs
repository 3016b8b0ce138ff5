//! How much each text and list of the schema's inputs may hold.
//!
//! The bounds stand in the schema itself, by the directive `@constraint`, so that clients can read them; `document::bounds` enforces them.
//! Global ids, dates, moments and lists of an enum have their bound by their type.

use async_graphql::TypeDirective;

use crate::{pagination::LARGEST_PAGE, patch, text};

/// The most that an input may hold. The characters of a text are counted in Unicode's normal form NFC; a mutation drops outer blanks before. Equal
/// values of a list count once; counted each time, there may be ten times as many.
#[TypeDirective(
    name = "constraint",
    location = "ArgumentDefinition",
    location = "InputFieldDefinition"
)]
pub fn constraint(
    #[graphql(
        desc = "The most characters of the text, or of each text of the list; any number when null."
    )]
    max_length: Option<i32>,
    #[graphql(desc = "The most different values of the list; any number when null.")]
    max_items: Option<i32>,
) {
}

/// The characters of a title, a name, a byline or a slug.
pub const NAME: Option<i32> = Some(int(text::NAME));
/// The characters of a source or an original score.
pub const SHORT: Option<i32> = Some(int(text::SHORT));
/// The characters of a web address.
pub const URL: Option<i32> = Some(int(text::URL));
/// The characters of an excerpt or a synopsis.
pub const PASSAGE: Option<i32> = Some(int(text::PASSAGE));
/// The characters of a page of reviews.
pub const PAGE: Option<i32> = Some(int(text::PAGE));
/// The characters of an idempotency key.
pub const KEY: Option<i32> = Some(int(text::IDEMPOTENCY_KEY));
/// The characters of a token's name.
pub const TOKEN_NAME: Option<i32> = Some(int(text::TOKEN_NAME));
/// The characters of a cursor: that of a list of titles holds a title of 300 characters of four bytes each, as JSON in Base64.
pub const CURSOR: Option<i32> = Some(2_000);
/// The ids that `nodes` takes.
pub const IDS: Option<i32> = Some(int(LARGEST_PAGE as usize));
/// The names of a list, such as a film's genres.
pub const NAMES: Option<i32> = Some(int(patch::MOST_NAMES));
/// For the items of what is not a list.
pub const NOT_A_LIST: Option<i32> = None;
/// For the length of what has its length by its type.
pub const BY_TYPE: Option<i32> = None;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "GraphQL has no larger number, and no bound comes near"
)]
const fn int(most: usize) -> i32 {
    assert!(most <= i32::MAX as usize);
    most as i32
}
