//! What holds for every input, as functions that panic where it doesn't: the tests call them with inputs by chance, the fuzzer in `fuzz/`
//! with those that it finds. No part of what is served: they are there for tests, and with the feature `laws`.
//!
//! A room's laws stand in the room. Here is one function for each of the fuzzer's targets, which takes an input apart and holds it
//! against all laws that are about such inputs.

mod variables;

use std::num::NonZeroU16;

use serde_json::{Map, Value};

use crate::{
    document::laws as document_laws,
    global_id::laws as global_id_laws,
    http::websocket_laws,
    import::page::laws as page_laws,
    pagination::laws as pagination_laws,
    review::original_score::{Scales, laws as score_laws},
};

/// What parts a document from its variables in one input. No token of GraphQL begins with it; a document that has it in a string or a comment
/// is cut there, which makes another document to try.
const PART: char = '%';

/// A document, and its variables as JSON after a `%`.
///
/// # Panics
///
/// When a law doesn't hold.
pub fn document(input: &str) {
    let (text, variables) = input.split_once(PART).unwrap_or((input, "{}"));
    let variables: Map<String, Value> = serde_json::from_str(variables).unwrap_or_default();
    document_laws::a_request_is_refused_in_words_or_planned_within_the_limits(text, &variables);
}

/// Choices by which variables of every type of the schema are written.
///
/// # Panics
///
/// When a law doesn't hold.
pub fn variables(choices: &[u8]) {
    variables::values_of_any_type_get_an_answer(choices);
}

/// Choices by which operations that fit the schema are written.
///
/// # Panics
///
/// When a law doesn't hold.
pub fn cost(choices: &[u8]) {
    document_laws::costs::what_is_written_by_the_schema_costs_what_its_answer_can_hold(choices);
}

/// A score as its critic wrote it.
///
/// # Panics
///
/// When a law doesn't hold.
pub fn original_score(text: &str) {
    let scale = |most| NonZeroU16::new(most);
    for (bare, stars) in [(0, 4), (1, 1), (5, 5), (10, 4), (100, 10), (0xffff, 0xffff)] {
        let stars = scale(stars).unwrap_or(NonZeroU16::MIN);
        let scales = Scales {
            bare: scale(bare),
            stars,
        };
        score_laws::no_score_is_beyond_the_scale(text, &scales);
        score_laws::blanks_quotes_and_case_change_nothing(text, &scales);
        if let Some(bare) = scales.bare {
            score_laws::only_numbers_alone_ask_for_the_scale_of_bare_numbers(text, bare, stars);
        }
    }
}

/// A page of reviews.
///
/// # Panics
///
/// When a law doesn't hold.
pub fn page(text: &str) {
    page_laws::a_page_is_whole_or_refused_within_its_lines(text);
    page_laws::an_order_adds_nothing_but_sentiments(text);
    page_laws::lines_end_as_they_like(text);
}

/// A cursor, or what one is made of.
///
/// # Panics
///
/// When a law doesn't hold.
pub fn cursor(text: &str) {
    pagination_laws::any_text_is_refused_or_the_cursor_of_its_place(text);
}

/// A global id, or what one is made of.
///
/// # Panics
///
/// When a law doesn't hold.
pub fn global_id(text: &str) {
    global_id_laws::no_text_is_read_as_an_id_that_is_written_otherwise(text);
}

/// What happens to a socket, a line each.
///
/// # Panics
///
/// When a law doesn't hold.
pub fn websocket(script: &str) {
    websocket_laws::whatever_happens_the_rules_hold(false, &websocket_laws::steps(script));
    websocket_laws::whatever_happens_the_rules_hold(true, &websocket_laws::steps(script));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn values_of_any_type_get_an_answer(choices in prop::collection::vec(any::<u8>(), 0..120)) {
            super::variables(&choices);
        }
    }
}
