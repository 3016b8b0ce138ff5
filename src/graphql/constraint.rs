//! The maximum lengths of the strings and lists in the schema's inputs.
//!
//! The directive `@constraint` publishes them in the schema, so that clients can read them; `document::bounds` enforces
//! them. The types of global IDs, dates, timestamps and lists of an enum limit these without a directive.

use async_graphql::TypeDirective;

use crate::{film::details::MAX_TAG_LENGTH, pagination::MAX_PAGE_SIZE, patch, text, translations};

/// The maximum length of an input. The characters of a string are counted in Unicode normalization form NFC; mutations
/// trim leading and trailing whitespace first. Equal values of a list count once. With duplicates, a list may have ten
/// times as many values.
#[TypeDirective(
    name = "constraint",
    location = "ArgumentDefinition",
    location = "InputFieldDefinition"
)]
pub fn constraint(
    #[graphql(
        desc = "The maximum number of characters of the string, or of each string of the list; no limit when null."
    )]
    max_length: Option<i32>,
    #[graphql(desc = "The maximum number of distinct values of the list; no limit when null.")]
    max_items: Option<i32>,
) {
}

/// The maximum characters of a title, a name, a byline or a slug.
pub const NAME: Option<i32> = Some(int(text::MAX_NAME_LENGTH));
/// The maximum characters of a source or an original score.
pub const SHORT: Option<i32> = Some(int(text::MAX_SHORT_LENGTH));
/// The maximum characters of a web address.
pub const URL: Option<i32> = Some(int(text::MAX_URL_LENGTH));
/// The maximum characters of an excerpt or a synopsis.
pub const PASSAGE: Option<i32> = Some(int(text::MAX_PASSAGE_LENGTH));
/// The maximum characters of a page of reviews.
pub const PAGE: Option<i32> = Some(int(text::MAX_PAGE_LENGTH));
/// The maximum characters of a file.
pub const FILE: Option<i32> = Some(int(text::MAX_FILE_LENGTH));
/// The maximum characters of an idempotency key.
pub const KEY: Option<i32> = Some(int(text::MAX_IDEMPOTENCY_KEY_LENGTH));
/// The maximum characters of a token's name.
pub const TOKEN_NAME: Option<i32> = Some(int(text::MAX_TOKEN_NAME_LENGTH));
/// The maximum characters of a cursor. A cursor of a list of titles contains a title, of 300 characters with up to four
/// bytes each, as JSON in Base64.
pub const CURSOR: Option<i32> = Some(2_000);
/// The maximum number of IDs of the field `nodes`.
pub const IDS: Option<i32> = Some(int(MAX_PAGE_SIZE as usize));
/// The maximum number of names in a list, such as a film's genres.
pub const NAMES: Option<i32> = Some(int(patch::MAX_NAMES));
/// The maximum characters of the name of a locale.
pub const LOCALE: Option<i32> = Some(int(translations::MAX_TAG_CHARS));
/// The maximum characters of the tag of a title's language.
pub const LANGUAGE: Option<i32> = Some(int(MAX_TAG_LENGTH));
/// The maximum number of locales with texts of labels.
pub const LOCALES: Option<i32> = Some(int(translations::MAX_LANGUAGES));
/// The maximum number of weights of critics, and of publications, in a scoring policy.
pub const WEIGHTS: Option<i32> = Some(100);
/// The `maxItems` of an input that isn't a list.
pub const NOT_A_LIST: Option<i32> = None;
/// The `maxLength` of an input whose type limits the length.
pub const BY_TYPE: Option<i32> = None;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "GraphQL integers have 32 bits, and every limit is far smaller"
)]
const fn int(limit: usize) -> i32 {
    assert!(limit <= i32::MAX as usize);
    limit as i32
}
