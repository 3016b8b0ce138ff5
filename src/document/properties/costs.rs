//! Properties of the costs of valid operations.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::{
    super::{Pipeline, limits::Limits},
    count_fields,
    generator::{self, GeneratedOperation},
    pipeline,
};
use crate::graphql::price_list::REQUEST_COST;

/// No limits, so that costly operations are counted as well.
const UNLIMITED: Limits = Limits {
    bytes: usize::MAX,
    tokens: usize::MAX,
    depth: usize::MAX,
    aliases: usize::MAX,
    root_fields: usize::MAX,
    directives: usize::MAX,
    cost: usize::MAX,
    variable_bytes: usize::MAX,
    variable_depth: usize::MAX,
};

/// Checks that a generated operation is valid and costs at least the fields that it selects. The cost stays the same
/// with variables, in fragments, and with repeated fields. Apart from the cost of the request, it doubles when each field
/// is repeated under another alias. Skipped fields cost nothing.
///
/// # Panics
///
/// When the property doesn't hold.
pub fn a_generated_operation_costs_at_least_its_fields(choices: &[u8]) {
    static PIPELINE: LazyLock<Pipeline> = LazyLock::new(|| pipeline(UNLIMITED));
    let operation = generator::generate(&PIPELINE.schema, choices);
    let GeneratedOperation {
        root_type,
        keyword,
        with_literals,
        with_variables,
        variable_definitions,
        variables,
        root_fields,
    } = &operation;
    let (cost, lower_bound) = cost(
        &PIPELINE,
        &format!("{keyword} {{{with_literals} }}"),
        &Map::new(),
    );
    assert!(
        *root_fields <= lower_bound && lower_bound <= cost,
        "{cost} for {with_literals}"
    );
    let cost_of = |text: &str| self::cost(&PIPELINE, text, &Map::new()).0;

    let variable_definitions = if variable_definitions.is_empty() {
        String::new()
    } else {
        format!("({variable_definitions})")
    };
    let text = format!("{keyword}{variable_definitions} {{{with_variables} }}");
    assert_eq!(self::cost(&PIPELINE, &text, variables).0, cost, "{text}");

    // The same selections with different aliases.
    let with_other_aliases = with_literals.replace(" as_", " again_");
    for text in [
        format!("{keyword} {{ ... on {root_type} {{{with_literals} }} }}"),
        format!("{keyword} {{{with_literals}{with_literals} }}"),
        format!("{keyword} {{ ... @include(if: true) {{{with_literals} }} }}"),
        format!(
            "{keyword} {{ ...Part }} fragment Part on {root_type} {{ ...All }} fragment All on {root_type} {{{with_literals} }}"
        ),
        format!("{keyword} {{ ... @skip(if: true) {{{with_other_aliases} }}{with_literals} }}"),
    ] {
        assert_eq!(cost_of(&text), cost, "{text}");
    }
    let text = format!("{keyword} {{{with_literals}{with_other_aliases} }}");
    let request = usize::try_from(REQUEST_COST).unwrap_or(usize::MAX);
    let twice = (cost - request).saturating_mul(2).saturating_add(request);
    assert_eq!(cost_of(&text), twice, "{text}");
}

/// Returns the cost of an operation, and the lower bound that is counted without the schema.
fn cost(pipeline: &Pipeline, text: &str, variables: &Map<String, Value>) -> (usize, usize) {
    let plan = pipeline
        .document(text)
        .and_then(|document| pipeline.plan(&document, None, variables));
    match plan {
        Ok(plan) => (plan.cost.total, count_fields(&plan).least),
        Err(rejection) => unreachable!("{rejection} in {text}"),
    }
}
