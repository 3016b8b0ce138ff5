//! Names that are like one that isn't there.

use bluejay_core::{
    AsIter,
    definition::{FieldDefinition, InputValueDefinition, TypeDefinitionReference},
};
use bluejay_parser::ast::executable::ExecutableDocument;
use bluejay_validator::executable::document::{ArgumentError, Error};

use super::schema::Definition;

/// How many are told.
const TOLD: usize = 3;

/// What to add to the message of an error about a name that isn't there.
pub fn suggest(error: &Error<'_, ExecutableDocument<'_>, Definition>) -> Option<String> {
    match error {
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
            let there = fields.iter().map(FieldDefinition::name);
            like(field.name().as_ref(), there)
        }
        Error::InvalidVariableArgument(ArgumentError::ArgumentDoesNotExistOnField {
            argument,
            field_definition,
        }) => {
            let there = field_definition.arguments_definition()?.iter();
            like(
                argument.name().as_ref(),
                there.map(InputValueDefinition::name),
            )
        }
        _ => None,
    }
}

/// The names like `name`, nearest first, if there are any.
fn like<'a>(name: &str, there: impl Iterator<Item = &'a str>) -> Option<String> {
    let near = |candidate: &'a str| {
        let distance = strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase());
        (distance <= name.chars().count() * 2 / 5 + 1).then_some((distance, candidate))
    };
    let mut found: Vec<_> = there
        .filter(|candidate| !candidate.starts_with("__"))
        .filter_map(near)
        .collect();
    found.sort_unstable();
    let found: Vec<_> = found
        .into_iter()
        .take(TOLD)
        .map(|(_, candidate)| format!("`{candidate}`"))
        .collect();
    (!found.is_empty()).then(|| format!("; did you mean {}?", found.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first_and_far_ones_not_at_all() {
        let there = ["title", "titles", "subtitle", "year", "__typename"];
        let told = like("tilte", there.into_iter());
        assert_eq!(told.as_deref(), Some("; did you mean `title`, `titles`?"));
        assert_eq!(like("xyzzy", there.into_iter()), None);
    }
}
