//! Properties that hold for every input, as functions that panic on a violation. The tests call them with random
//! inputs; the fuzzer in `fuzz/` calls them with the inputs that it finds. They are compiled only for tests and with
//! the feature `properties`.
//!
//! The properties of a module are in the module. This module has one function for each fuzz target. It decodes the
//! input and checks all properties of such inputs.

mod variables;

use std::num::NonZeroU16;

use serde_json::{Map, Value};

use crate::{
    document::properties as document_properties,
    global_id::properties as global_id_properties,
    http::websocket_properties,
    import::page::properties as page_properties,
    pagination::properties as pagination_properties,
    review::original_score::{DefaultScales, properties as score_properties},
};

/// The separator between a document and its variables. No token of GraphQL begins with it. A document that has it in a
/// string or a comment is cut there, which yields another input.
const SEPARATOR: char = '%';

/// Checks a document. Its variables follow as JSON after a `%`.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn document(input: &str) {
    let (text, variables) = input.split_once(SEPARATOR).unwrap_or((input, "{}"));
    let variables: Map<String, Value> = serde_json::from_str(variables).unwrap_or_default();
    document_properties::a_request_is_rejected_with_messages_or_planned_within_the_limits(
        text, &variables,
    );
}

/// Checks variables of any type of the schema, generated from choices.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn variables(choices: &[u8]) {
    variables::variables_of_any_type_get_a_response(choices);
}

/// Checks the cost of a valid operation, generated from choices.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn cost(choices: &[u8]) {
    document_properties::costs::a_generated_operation_costs_at_least_its_fields(choices);
}

/// Checks a score as a critic wrote it.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn original_score(text: &str) {
    let scale = |max| NonZeroU16::new(max);
    for (bare, stars) in [(0, 4), (1, 1), (5, 5), (10, 4), (100, 10), (0xffff, 0xffff)] {
        let stars = scale(stars).unwrap_or(NonZeroU16::MIN);
        let scales = DefaultScales {
            bare: scale(bare),
            stars,
        };
        score_properties::a_score_is_within_the_scale(text, &scales);
        score_properties::whitespace_quotes_and_case_are_ignored(text, &scales);
        score_properties::a_bare_number_with_its_scale_reads_the_same_by_itself(text, &scales);
        if let Some(bare) = scales.bare {
            score_properties::the_bare_scale_affects_only_bare_numbers(text, bare, stars);
        }
    }
}

/// Checks a page of reviews.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn page(text: &str) {
    page_properties::a_page_is_valid_or_rejected_within_its_lines(text);
    page_properties::an_order_only_adds_sentiments(text);
    page_properties::line_endings_change_nothing(text);
}

/// Checks a cursor, or the decoded content of one.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn cursor(text: &str) {
    pagination_properties::any_string_is_rejected_or_is_a_canonical_cursor(text);
}

/// Checks a global id, or the decoded content of one.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn global_id(text: &str) {
    global_id_properties::an_id_is_only_decoded_from_its_canonical_encoding(text);
}

/// Checks a WebSocket connection. Each line of the script is an event.
///
/// # Panics
///
/// When a property doesn't hold.
pub fn websocket(script: &str) {
    websocket_properties::invariants_hold(false, &websocket_properties::steps(script));
    websocket_properties::invariants_hold(true, &websocket_properties::steps(script));
}

#[cfg(test)]
mod tests;
