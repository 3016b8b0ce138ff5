//! Properties that hold for every input, as functions that panic on a violation. The tests call them with random
//! inputs; the fuzzer in `fuzz/` calls them with the inputs that it finds. They are compiled only for tests and with
//! the feature `laws`.
//!
//! The properties of a module are in the module. This module has one function for each fuzz target. It decodes the
//! input and checks all properties of such inputs.

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

/// The separator between a document and its variables. No token of GraphQL begins with it. A document that has it in a
/// string or a comment is cut there, which yields another input.
const PART: char = '%';

/// Checks a document. Its variables follow as JSON after a `%`.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn document(input: &str) {
    let (text, variables) = input.split_once(PART).unwrap_or((input, "{}"));
    let variables: Map<String, Value> = serde_json::from_str(variables).unwrap_or_default();
    document_laws::a_request_is_refused_in_words_or_planned_within_the_limits(text, &variables);
}

/// Checks variables of any type of the schema, generated from choices.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn variables(choices: &[u8]) {
    variables::values_of_any_type_get_an_answer(choices);
}

/// Checks the cost of a valid operation, generated from choices.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn cost(choices: &[u8]) {
    document_laws::costs::what_is_written_by_the_schema_costs_what_its_answer_can_hold(choices);
}

/// Checks a score as a critic wrote it.
///
/// # Panics
///
/// When a property doesn't hold.
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

/// Checks a page of reviews.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn page(text: &str) {
    page_laws::a_page_is_whole_or_refused_within_its_lines(text);
    page_laws::an_order_adds_nothing_but_sentiments(text);
    page_laws::lines_end_as_they_like(text);
}

/// Checks a cursor, or the decoded content of one.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn cursor(text: &str) {
    pagination_laws::any_text_is_refused_or_the_cursor_of_its_place(text);
}

/// Checks a global id, or the decoded content of one.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn global_id(text: &str) {
    global_id_laws::no_text_is_read_as_an_id_that_is_written_otherwise(text);
}

/// Checks a WebSocket connection. Each line of the script is an event.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn websocket(script: &str) {
    websocket_laws::whatever_happens_the_rules_hold(false, &websocket_laws::steps(script));
    websocket_laws::whatever_happens_the_rules_hold(true, &websocket_laws::steps(script));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn variables_of_any_type_get_a_response(choices in prop::collection::vec(any::<u8>(), 0..120)) {
            super::variables(&choices);
        }
    }
}
