//! The types of a schema, with their fields and inputs.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{BaseType, Type};

use crate::graphql::price::Price;

/// A map from names in the schema to `T`.
pub type NameMap<T> = HashMap<String, T, foldhash::fast::RandomState>;

/// A type.
#[derive(Debug)]
pub struct TypeInfo {
    /// The kind and the definition of the type.
    pub kind: Kind,
}

/// The kind of a type, with its definition.
#[derive(Debug)]
pub enum Kind {
    /// A custom scalar, with the URL of its specification if it has one.
    Scalar(Option<String>),
    /// An enum, with the names of its values.
    Enum(HashSet<String>),
    /// An input object.
    Input {
        /// The fields of the input object.
        fields: Vec<Input>,
        /// Whether the input object is `@oneOf`: exactly one of the fields must be set.
        one_of: bool,
    },
    /// An object.
    Object(NameMap<Field>),
    /// An interface, with the objects that implement it.
    Interface(NameMap<Field>, Vec<String>),
    /// A union, with its members.
    Union(Vec<String>),
}

/// The fields that can be selected on a type.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    pub(super) own: Option<&'a NameMap<Field>>,
    /// Those of the query root for introspection.
    pub(super) introspection: Option<&'a NameMap<Field>>,
}

impl<'a> Fields<'a> {
    /// Returns a field by its name.
    #[must_use]
    pub fn get(self, name: &str) -> Option<&'a Field> {
        match self.introspection {
            Some(introspection) if name.starts_with("__") => introspection.get(name),
            _ => self.own?.get(name),
        }
    }
}

/// A field of an object or an interface.
#[derive(Debug)]
pub struct Field {
    /// The type of the field.
    pub ty: Type,
    /// The arguments of the field.
    pub arguments: Vec<Input>,
    /// The price of the field.
    pub price: Price,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub struct Input {
    /// The name of the input.
    pub name: String,
    /// The type of the input.
    pub ty: Type,
    /// Whether the input has a default value.
    pub has_default: bool,
    /// The bounds of the input's value.
    pub bound: Bound,
}

/// The bounds of an input's value; `None` means unbounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// The most characters of a string, or of each string of a list.
    pub length: Option<usize>,
    /// The most different values of a list.
    pub items: Option<usize>,
}

impl TypeInfo {
    /// Returns the inputs of the type: the arguments of its fields, or the fields of an input object.
    pub(super) fn inputs(&self) -> Vec<&Input> {
        match &self.kind {
            Kind::Input { fields, .. } => fields.iter().collect(),
            Kind::Object(fields) | Kind::Interface(fields, _) => {
                fields.values().flat_map(|field| &field.arguments).collect()
            }
            Kind::Scalar(_) | Kind::Enum(_) | Kind::Union(_) => Vec::new(),
        }
    }

    pub(super) fn inputs_mut(&mut self) -> Vec<&mut Input> {
        match &mut self.kind {
            Kind::Input { fields, .. } => fields.iter_mut().collect(),
            Kind::Object(fields) | Kind::Interface(fields, _) => fields
                .values_mut()
                .flat_map(|field| &mut field.arguments)
                .collect(),
            Kind::Scalar(_) | Kind::Enum(_) | Kind::Union(_) => Vec::new(),
        }
    }

    /// Returns the fields that can be selected; `None` if the type is neither an object nor an interface.
    #[must_use]
    pub fn fields(&self) -> Option<&NameMap<Field>> {
        match &self.kind {
            Kind::Object(fields) | Kind::Interface(fields, _) => Some(fields),
            _ => None,
        }
    }
}

/// Returns the name of the innermost type, without lists and non-null markers.
#[must_use]
pub fn base_type_name(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => base_type_name(inner),
    }
}
