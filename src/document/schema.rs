//! The schema against which documents are validated.

mod parse;
pub mod types;

use bluejay_parser::{
    Error as ParserError,
    ast::{
        Parse,
        definition::{DefinitionDocument, SchemaDefinition},
    },
};

use self::{
    parse::{
        INTROSPECTION_SDL, bound_lists_of_enums, fill_interfaces, join_messages, max_list_lengths,
        read_types,
    },
    types::{Field, Fields, Kind, NameMap, TypeInfo},
};
use super::scalar::Scalars;

/// The schema in the form of the validator.
pub type Definition = SchemaDefinition<'static, Scalars>;

/// The error for SDL that is no valid schema.
#[derive(Debug, thiserror::Error)]
#[error("the schema can't be read: {0}")]
pub struct SchemaError(String);

/// A parsed schema.
#[derive(Debug)]
pub struct Schema {
    /// The schema in the form of the validator.
    pub definition: Definition,
    types: NameMap<TypeInfo>,
    /// The most different values that any list input of a type accepts.
    max_list_lengths: NameMap<usize>,
    roots: Roots,
    /// The number of types, without introspection types.
    type_count: usize,
}

/// The names of the root operation types.
#[derive(Debug)]
struct Roots {
    query: String,
    mutation: Option<String>,
    subscription: Option<String>,
}

impl Schema {
    /// Parses a schema in SDL. The text is leaked, because the validator borrows from it and a process has one schema.
    ///
    /// # Errors
    ///
    /// When the SDL is invalid.
    pub fn parse(sdl: &str) -> Result<Self, SchemaError> {
        let text: &'static str = Box::leak(sdl.to_owned().into_boxed_str());
        let document = DefinitionDocument::<'static, Scalars>::parse(text)
            .result
            .map_err(|errors| {
                SchemaError(join_messages(errors.iter().map(ParserError::message)))
            })?;
        let document: &'static _ = Box::leak(Box::new(document));
        let definition = Definition::try_from(document).map_err(|errors| {
            let errors: Vec<_> = errors.into_iter().map(ParserError::from).collect();
            SchemaError(join_messages(errors.iter().map(ParserError::message)))
        })?;
        let mut types = NameMap::default();
        let roots = read_types(sdl, &mut types)?;
        let size = types.len();
        read_types(INTROSPECTION_SDL, &mut types)?;
        fill_interfaces(sdl, &mut types)?;
        bound_lists_of_enums(&mut types);
        Ok(Self {
            definition,
            max_list_lengths: max_list_lengths(&types),
            types,
            roots,
            type_count: size,
        })
    }

    /// Returns the most different values that any list input of this type accepts; `usize::MAX` if one of these inputs
    /// is unbounded.
    #[must_use]
    pub fn max_list_length(&self, name: &str) -> usize {
        self.max_list_lengths
            .get(name)
            .copied()
            .unwrap_or(usize::MAX)
    }

    /// Returns the type with that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&TypeInfo> {
        self.types.get(name)
    }

    /// Returns the number of types, without introspection types.
    #[must_use]
    pub fn type_count(&self) -> usize {
        self.type_count
    }

    /// Returns every type with its name.
    pub fn types(&self) -> impl Iterator<Item = (&str, &TypeInfo)> {
        self.types.iter().map(|(name, ty)| (name.as_str(), ty))
    }

    /// Returns the name of the root type of an operation type.
    #[must_use]
    pub fn root(&self, kind: async_graphql::parser::types::OperationType) -> Option<&str> {
        use async_graphql::parser::types::OperationType::{Mutation, Query, Subscription};
        match kind {
            Query => Some(&self.roots.query),
            Mutation => self.roots.mutation.as_deref(),
            Subscription => self.roots.subscription.as_deref(),
        }
    }

    /// Returns the fields of a type by its name. `__schema` and `__type` are fields of the query root.
    #[must_use]
    pub fn fields(&self, parent: &str) -> Fields<'_> {
        let fields_of = |name| self.find(name).and_then(TypeInfo::fields);
        Fields {
            own: fields_of(parent),
            introspection: (parent == self.roots.query)
                .then(|| fields_of("__Query"))
                .flatten(),
        }
    }

    /// Returns a field by the name of its parent type and its own.
    #[must_use]
    pub fn field(&self, parent: &str, name: &str) -> Option<&Field> {
        self.fields(parent).get(name)
    }

    /// Returns the possible object types of a type; of an object type, the type itself.
    pub fn possible_types<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        match self.find(name).map(|ty| &ty.kind) {
            Some(Kind::Interface(_, objects) | Kind::Union(objects)) => {
                objects.iter().map(String::as_str).collect()
            }
            _ => vec![name],
        }
    }

    /// Returns whether the type is an interface or a union.
    #[must_use]
    pub fn is_abstract(&self, name: &str) -> bool {
        matches!(
            self.find(name).map(|ty| &ty.kind),
            Some(Kind::Interface(..) | Kind::Union(_))
        )
    }
}
