//! Validates documents against the schema, by the rules of the specification (September 2025, section 5).
//!
//! The rules are implemented by bluejay. Where bluejay differs from the specification, the rule is implemented here.

use std::collections::{BTreeSet, HashMap, HashSet};

use async_graphql::{Pos, ServerError};
use bluejay_core::{
    AsIter, OperationType,
    executable::{
        ExplicitOperationDefinition as _, Field as _, OperationDefinition as _,
        OperationDefinitionReference, Selection as _, SelectionReference,
    },
};
use bluejay_parser::{
    Error as ParserError, HasSpan,
    ast::{
        VariableDirectives,
        executable::{ExecutableDocument, OperationDefinition, SelectionSet, VariableType},
    },
};
use bluejay_validator::executable::{
    Cache,
    document::{BuiltinRulesValidator, Error},
};

use super::{
    error::{DocumentError, Stage},
    iter_optional,
    position::Positions,
    schema::{Definition, Schema},
    suggestion::suggest,
};

/// The maximum number of errors that are reported for a document.
const MAX_ERRORS: usize = 20;

/// Validates a document against the schema. With `has_suggestions`, errors about unknown names suggest similar names.
///
/// # Errors
///
/// The first [`MAX_ERRORS`] violations of the rules.
pub fn validate(
    text: &str,
    document: &ExecutableDocument<'_>,
    schema: &Schema,
    has_suggestions: bool,
) -> Result<(), DocumentError> {
    let cache = Cache::new(document, &schema.definition);
    let violations = BuiltinRulesValidator::validate(document, &schema.definition, &cache);
    let mut errors: Vec<ServerError> = violations
        .filter(|error| !is_ignored(error, document, schema))
        .take(MAX_ERRORS)
        .map(|error| {
            let suggestion = has_suggestions.then(|| suggest(&error, schema)).flatten();
            let (mut message, locations) = message_and_locations(text, error.into());
            message.push_str(&suggestion.unwrap_or_default());
            server_error(message, locations)
        })
        .collect();
    errors.extend(check_subscriptions(text, document));
    errors.truncate(MAX_ERRORS);
    if errors.is_empty() {
        return Ok(());
    }
    Err(DocumentError::new(Stage::Validate, errors))
}

/// Returns whether an error of bluejay's is ignored, because bluejay is stricter than the specification. bluejay
/// rejects a repeated field at a subscription's root, and its introspection types lack the fields for deprecated input
/// values and `@oneOf` input objects. It rejects nullable variables in `@oneOf` input objects even if they have a
/// default; then only null is an error, when the operation is planned.
fn is_ignored(
    error: &Error<'_, ExecutableDocument<'_>, Definition>,
    document: &ExecutableDocument<'_>,
    schema: &Schema,
) -> bool {
    match error {
        Error::SubscriptionRootNotSingleField { .. } => true,
        Error::InvalidOneOfVariableUsage { variable_type, .. } => {
            has_default(document, variable_type)
        }
        Error::FieldDoesNotExistOnType { field, r#type } => {
            let (name, ty) = (field.name().as_ref(), r#type.name());
            let is_plain = field.arguments().is_none() && field.selection_set().is_none();
            is_plain && ty.starts_with("__") && schema.field(ty, name).is_some()
        }
        _ => false,
    }
}

/// Returns whether the variable that this type belongs to has a default other than null.
fn has_default(document: &ExecutableDocument<'_>, ty: &VariableType<'_>) -> bool {
    let operations = document.operation_definitions().iter();
    let definitions = operations.flat_map(|operation| {
        let definitions = match operation.as_ref() {
            OperationDefinitionReference::Explicit(explicit) => explicit.variable_definitions(),
            OperationDefinitionReference::Implicit(_) => None,
        };
        iter_optional(definitions)
    });
    let mut definitions = definitions.filter(|definition| std::ptr::eq(definition.r#type(), ty));
    definitions.any(|definition| {
        let default = definition.default_value();
        default.is_some_and(|default| !bluejay_core::Value::as_ref(default).is_null())
    })
}

/// Returns the message and the locations of an error of bluejay's.
///
/// bluejay ends lines at every line break of Unicode, vertical tabs included, and counts columns in characters. Its API
/// doesn't expose byte offsets, so a single ASCII line as long as the text is passed to it: the column in that line is
/// the byte offset.
pub fn message_and_locations(text: &str, error: ParserError) -> (String, Vec<Pos>) {
    let message = error.message().to_owned();
    let details = ParserError::into_graphql_errors(&"-".repeat(text.len()), [error]);
    let positions = Positions::new(text);
    let detail = details.first().map(|detail| detail.message.to_string());
    let locations = details
        .into_iter()
        .flat_map(|detail| detail.locations)
        .map(|location| positions.at(location.col.saturating_sub(1)));
    let locations = locations.collect();
    let is_generic = ["Parse error", "Unexpected token"].contains(&message.as_str());
    match detail {
        Some(detail) if is_generic => (detail, locations),
        _ => (message, locations),
    }
}

fn server_error(message: String, locations: Vec<Pos>) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.locations = locations;
    error
}

/// Returns the errors at the roots of subscriptions. A subscription must have exactly one root field, which is no
/// introspection field, and no `@skip` or `@include` at its root.
fn check_subscriptions(text: &str, document: &ExecutableDocument<'_>) -> Vec<ServerError> {
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
    let errors = operations.filter_map(|operation| {
        let mut root = SubscriptionRoot::default();
        root.collect(operation.as_ref().selection_set(), &fragments);
        let message = root.error_message()?;
        let pos = Positions::new(text).at(operation.span().byte_range().start);
        Some(server_error(message.to_owned(), vec![pos]))
    });
    errors.collect()
}

/// The root selections of a subscription.
#[derive(Default)]
struct SubscriptionRoot<'a> {
    names: BTreeSet<&'a str>,
    fragments: HashSet<&'a str>,
    has_introspection: bool,
    is_conditional: bool,
}

impl<'a> SubscriptionRoot<'a> {
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
                    self.has_introspection |=
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

    fn error_message(&self) -> Option<&'static str> {
        if self.is_conditional {
            Some("`@skip` and `@include` aren't allowed at the root of a subscription")
        } else if self.has_introspection {
            Some("a subscription can't have an introspection field at its root")
        } else if self.names.len() > 1 {
            Some("a subscription must have exactly one field at its root")
        } else {
            None
        }
    }
}

fn has_condition(directives: Option<&VariableDirectives<'_>>) -> bool {
    let mut directives = iter_optional(directives);
    directives.any(|directive| ["skip", "include"].contains(&directive.name().as_ref()))
}
