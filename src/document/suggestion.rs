//! Suggests existing names for unknown ones.

use bluejay_core::{
    AsIter,
    definition::{FieldDefinition, InputValueDefinition, TypeDefinitionReference},
};
use bluejay_parser::ast::executable::ExecutableDocument;
use bluejay_validator::{
    executable::document::{ArgumentError, Error},
    value::input_coercion::Error as InputError,
};

use super::schema::{Definition, Schema, types::Kind};

/// The maximum number of names that are suggested.
const MAX_SUGGESTIONS: usize = 3;

/// Returns the suffix with suggestions for the message of an error about an unknown name, or about a value that is no
/// object.
pub fn suggest(
    error: &Error<'_, ExecutableDocument<'_>, Definition>,
    schema: &Schema,
) -> Option<String> {
    match error {
        Error::InvalidConstValue(InputError::NoImplicitConversion {
            input_type_name, ..
        })
        | Error::InvalidVariableValue(InputError::NoImplicitConversion {
            input_type_name, ..
        }) => describe_object(input_type_name, schema),
        Error::FieldDoesNotExistOnType { field, r#type } => {
            let fields = match r#type {
                TypeDefinitionReference::Object(object) => {
                    bluejay_core::definition::ObjectTypeDefinition::fields_definition(*object)
                }
                TypeDefinitionReference::Interface(interface) => {
                    bluejay_core::definition::InterfaceTypeDefinition::fields_definition(*interface)
                }
                _ => return None,
            };
            let candidates = fields.iter().map(FieldDefinition::name);
            suggest_similar(field.name().as_ref(), candidates)
        }
        Error::InvalidVariableArgument(ArgumentError::ArgumentDoesNotExistOnField {
            argument,
            field_definition,
        }) => {
            let candidates = field_definition.arguments_definition()?.iter();
            suggest_similar(
                argument.name().as_ref(),
                candidates.map(InputValueDefinition::name),
            )
        }
        _ => None,
    }
}

/// The maximum number of fields of an input object that a message names.
const MAX_NAMED_FIELDS: usize = 6;

/// Returns the suffix that says how to write a value of an input object; `None` for other types.
fn describe_object(type_name: &str, schema: &Schema) -> Option<String> {
    let type_name = type_name.trim_matches(['[', ']', '!']);
    let Kind::Input { fields, one_of } = &schema.find(type_name)?.kind else {
        return None;
    };
    let named = fields.iter().take(MAX_NAMED_FIELDS);
    let named: Vec<String> = named.map(|field| format!("`{}`", field.name)).collect();
    let first = fields.first()?;
    let more = if fields.len() > MAX_NAMED_FIELDS {
        ", …"
    } else {
        ""
    };
    let count = if *one_of { "exactly one" } else { "some" };
    Some(format!(
        "; write an object such as `{{{}: …}}`, with {count} of the fields {}{more}",
        first.name,
        named.join(", ")
    ))
}

/// Returns the suffix that suggests the names similar to `name`, nearest first; `None` if there are none.
fn suggest_similar<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let with_distance = |candidate: &'a str| {
        let distance = strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase());
        (distance <= name.chars().count() * 2 / 5 + 1).then_some((distance, candidate))
    };
    let mut similar: Vec<_> = candidates
        .filter(|candidate| !candidate.starts_with("__"))
        .filter_map(with_distance)
        .collect();
    similar.sort_unstable();
    let similar: Vec<_> = similar
        .into_iter()
        .take(MAX_SUGGESTIONS)
        .map(|(_, candidate)| format!("`{candidate}`"))
        .collect();
    (!similar.is_empty()).then(|| format!("; did you mean {}?", similar.join(", ")))
}

#[cfg(test)]
mod tests;
