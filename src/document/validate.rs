//! Whether a document fits the schema, by the rules of the specification (September 2025, section 5).
//!
//! The rules are bluejay's. Where it and graphql-js differ, the specification decides, and the rule stands here.

use std::collections::{BTreeSet, HashMap, HashSet};

use async_graphql::{Pos, ServerError};
use bluejay_core::{
    AsIter, OperationType,
    executable::{Field as _, OperationDefinition as _, Selection as _, SelectionReference},
};
use bluejay_parser::{
    Error as ParserError, HasSpan,
    ast::{
        VariableDirectives,
        executable::{ExecutableDocument, OperationDefinition, SelectionSet},
    },
};
use bluejay_validator::executable::{
    Cache,
    document::{BuiltinRulesValidator, Error},
};

use super::{
    all,
    position::Positions,
    rejection::{Rejection, Stage},
    schema::{Definition, Schema},
    suggestion::suggest,
};

/// How many errors of a document are told.
const ERRORS: usize = 20;

/// Holds a document against the schema. With `suggestions` a name that isn't there is told with those that are like it.
///
/// # Errors
///
/// All that is wrong with it, up to a number.
pub fn validate(
    text: &str,
    document: &ExecutableDocument<'_>,
    schema: &Schema,
    suggestions: bool,
) -> Result<(), Rejection> {
    let cache = Cache::new(document, &schema.definition);
    let found = BuiltinRulesValidator::validate(document, &schema.definition, &cache);
    let mut errors: Vec<ServerError> = found
        .filter(|error| !is_judged_here(error, schema))
        .take(ERRORS)
        .map(|error| {
            let like = suggestions.then(|| suggest(&error)).flatten();
            let (mut message, locations) = located(text, error.into());
            message.push_str(&like.unwrap_or_default());
            server_error(message, locations)
        })
        .collect();
    errors.extend(subscriptions(text, document));
    errors.truncate(ERRORS);
    if errors.is_empty() {
        return Ok(());
    }
    Err(Rejection::new(Stage::Validate, errors))
}

/// bluejay wants a single field at a subscription's root, also when it is the same one twice; and it knows the types of introspection as
/// they were before input values could be deprecated and input objects be `@oneOf`.
fn is_judged_here(error: &Error<'_, ExecutableDocument<'_>, Definition>, schema: &Schema) -> bool {
    match error {
        Error::SubscriptionRootNotSingleField { .. } => true,
        Error::FieldDoesNotExistOnType { field, r#type } => {
            let (name, ty) = (field.name().as_ref(), r#type.name());
            let is_plain = field.arguments().is_none() && field.selection_set().is_none();
            is_plain && ty.starts_with("__") && schema.field(ty, name).is_some()
        }
        _ => false,
    }
}

/// An error of bluejay's in words, with where it is.
///
/// bluejay ends lines at all that ends one for Unicode, vertical tabs among it, and counts columns by characters. What it doesn't tell
/// otherwise is the offset: that is the column in a line that is as long as the text.
pub fn located(text: &str, error: ParserError) -> (String, Vec<Pos>) {
    let message = error.message().to_owned();
    let places = ParserError::into_graphql_errors(&"-".repeat(text.len()), [error]);
    let positions = Positions::new(text);
    let detail = places.first().map(|place| place.message.to_string());
    let locations = places
        .into_iter()
        .flat_map(|place| place.locations)
        .map(|place| positions.at(place.col.saturating_sub(1)));
    let locations = locations.collect();
    let general = ["Parse error", "Unexpected token"].contains(&message.as_str());
    match detail {
        Some(detail) if general => (detail, locations),
        _ => (message, locations),
    }
}

fn server_error(message: String, locations: Vec<Pos>) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.locations = locations;
    error
}

/// What is wrong at the roots of subscriptions: they have exactly one field, which is none of introspection and stands under no condition.
fn subscriptions(text: &str, document: &ExecutableDocument<'_>) -> Vec<ServerError> {
    let fragments = document.fragment_definitions().iter();
    let fragments: HashMap<_, _> = fragments
        .map(|fragment| (fragment.name().as_ref(), fragment.selection_set()))
        .collect();
    let is_subscription = |operation: &&OperationDefinition<'_>| {
        operation.as_ref().operation_type() == OperationType::Subscription
    };
    let operations = document
        .operation_definitions()
        .iter()
        .filter(is_subscription);
    let wrong = operations.filter_map(|operation| {
        let mut root = Root::default();
        root.collect(operation.as_ref().selection_set(), &fragments);
        let message = root.wrong()?;
        let pos = Positions::new(text).at(operation.span().byte_range().start);
        Some(server_error(message.to_owned(), vec![pos]))
    });
    wrong.collect()
}

/// What stands at the root of a subscription.
#[derive(Default)]
struct Root<'a> {
    names: BTreeSet<&'a str>,
    fragments: HashSet<&'a str>,
    introspects: bool,
    is_conditional: bool,
}

impl<'a> Root<'a> {
    fn collect(
        &mut self,
        set: &'a SelectionSet<'_>,
        fragments: &HashMap<&'a str, &'a SelectionSet<'_>>,
    ) {
        for selection in set.iter() {
            let selection = selection.as_ref();
            self.is_conditional |= has_condition(selection.directives());
            match selection {
                SelectionReference::Field(field) => {
                    self.names.insert(field.response_name());
                    self.introspects |=
                        bluejay_core::executable::Field::name(field).starts_with("__");
                }
                SelectionReference::InlineFragment(fragment) => {
                    self.collect(fragment.selection_set(), fragments);
                }
                SelectionReference::FragmentSpread(spread) => {
                    let name = spread.name().as_ref();
                    if let Some(set) = fragments.get(name)
                        && self.fragments.insert(name)
                    {
                        self.collect(set, fragments);
                    }
                }
            }
        }
    }

    fn wrong(&self) -> Option<&'static str> {
        if self.is_conditional {
            Some("`@skip` and `@include` can't stand at the root of a subscription")
        } else if self.introspects {
            Some("a subscription can't have a field of introspection at its root")
        } else if self.names.len() > 1 {
            Some("a subscription has exactly one field at its root")
        } else {
            None
        }
    }
}

fn has_condition(directives: Option<&VariableDirectives<'_>>) -> bool {
    let mut directives = all(directives);
    directives.any(|directive| ["skip", "include"].contains(&directive.name().as_ref()))
}
