//! The schema against which documents are validated.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::{
    parse_schema,
    types::{
        BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
    },
};
use bluejay_parser::{
    Error as ParserError,
    ast::{
        Parse,
        definition::{DefinitionDocument, SchemaDefinition},
    },
};

use super::scalar::Scalars;

/// The introspection types, which no SDL contains.
const INTROSPECTION_SDL: &str = include_str!("introspection.graphql");

/// The schema in the form of the validator.
pub type Definition = SchemaDefinition<'static, Scalars>;

/// A map from names in the schema to `T`.
pub type NameMap<T> = HashMap<String, T, foldhash::fast::RandomState>;

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

/// A field of an object or an interface.
#[derive(Debug)]
pub struct Field {
    /// The type of the field.
    pub ty: Type,
    /// The arguments of the field.
    pub arguments: Vec<Input>,
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

/// The most characters of a global id. The ids that the server issues are shorter.
const MAX_ID_LENGTH: usize = 64;

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

    /// Returns a field by the name of its parent type and its own. `__schema` and `__type` are fields of the query
    /// root.
    #[must_use]
    pub fn field(&self, parent: &str, name: &str) -> Option<&Field> {
        if name.starts_with("__") && parent == self.roots.query {
            return self.find("__Query")?.fields()?.get(name);
        }
        self.find(parent)?.fields()?.get(name)
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

impl TypeInfo {
    /// Returns the inputs of the type: the arguments of its fields, or the fields of an input object.
    fn inputs(&self) -> Vec<&Input> {
        match &self.kind {
            Kind::Input { fields, .. } => fields.iter().collect(),
            Kind::Object(fields) | Kind::Interface(fields, _) => {
                fields.values().flat_map(|field| &field.arguments).collect()
            }
            Kind::Scalar(_) | Kind::Enum(_) | Kind::Union(_) => Vec::new(),
        }
    }

    fn inputs_mut(&mut self) -> Vec<&mut Input> {
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

fn join_messages<'a>(messages: impl Iterator<Item = &'a str>) -> String {
    messages.collect::<Vec<_>>().join("; ")
}

fn read(sdl: &str) -> Result<Vec<TypeSystemDefinition>, SchemaError> {
    parse_schema(sdl)
        .map(|document| document.definitions)
        .map_err(|error| SchemaError(error.to_string()))
}

fn read_types(sdl: &str, types: &mut NameMap<TypeInfo>) -> Result<Roots, SchemaError> {
    let mut roots = Roots {
        query: "Query".to_owned(),
        mutation: None,
        subscription: None,
    };
    let mut has_schema_definition = false;
    for definition in read(sdl)? {
        match definition {
            TypeSystemDefinition::Schema(schema) => {
                let name = |name: &Option<async_graphql::Positioned<async_graphql::Name>>| {
                    name.as_ref().map(|name| name.node.to_string())
                };
                roots.query = name(&schema.node.query).unwrap_or(roots.query);
                roots.mutation = name(&schema.node.mutation);
                roots.subscription = name(&schema.node.subscription);
                has_schema_definition = true;
            }
            TypeSystemDefinition::Type(ty) => {
                let name = ty.node.name.node.to_string();
                let kind = kind(&ty.node);
                types.insert(name, TypeInfo { kind });
            }
            TypeSystemDefinition::Directive(_) => {}
        }
    }
    if !has_schema_definition {
        let existing = |name: &str| types.contains_key(name).then(|| name.to_owned());
        roots.mutation = existing("Mutation");
        roots.subscription = existing("Subscription");
    }
    Ok(roots)
}

/// Adds the implementing objects to the interfaces. In SDL the objects list their interfaces, not the other way round.
fn fill_interfaces(sdl: &str, types: &mut NameMap<TypeInfo>) -> Result<(), SchemaError> {
    for definition in read(sdl)? {
        let TypeSystemDefinition::Type(ty) = definition else {
            continue;
        };
        let TypeKind::Object(object) = &ty.node.kind else {
            continue;
        };
        for interface in &object.implements {
            let interface = types.get_mut(interface.node.as_str());
            if let Some(Kind::Interface(_, objects)) = interface.map(|ty| &mut ty.kind) {
                objects.push(ty.node.name.node.to_string());
            }
        }
    }
    Ok(())
}

fn kind(ty: &async_graphql::parser::types::TypeDefinition) -> Kind {
    let directive = |name: &str| ty.directives.iter().find(|has| has.node.name.node == name);
    match &ty.kind {
        TypeKind::Scalar => Kind::Scalar(directive("specifiedBy").and_then(|has| {
            match &has.node.arguments.first()?.1.node {
                async_graphql::Value::String(url) => Some(url.clone()),
                _ => None,
            }
        })),
        TypeKind::Enum(of) => {
            let names = of
                .values
                .iter()
                .map(|value| value.node.value.node.to_string());
            Kind::Enum(names.collect())
        }
        TypeKind::InputObject(of) => Kind::Input {
            fields: of.fields.iter().map(|field| input(&field.node)).collect(),
            one_of: directive("oneOf").is_some(),
        },
        TypeKind::Object(of) => Kind::Object(fields(&of.fields)),
        TypeKind::Interface(of) => Kind::Interface(fields(&of.fields), Vec::new()),
        TypeKind::Union(of) => Kind::Union(
            of.members
                .iter()
                .map(|name| name.node.to_string())
                .collect(),
        ),
    }
}

fn fields(fields: &[async_graphql::Positioned<FieldDefinition>]) -> NameMap<Field> {
    let field = |field: &FieldDefinition| Field {
        ty: field.ty.node.clone(),
        arguments: field
            .arguments
            .iter()
            .map(|given| input(&given.node))
            .collect(),
    };
    let named = |has: &async_graphql::Positioned<FieldDefinition>| {
        (has.node.name.node.to_string(), field(&has.node))
    };
    fields.iter().map(named).collect()
}

fn input(input: &InputValueDefinition) -> Input {
    Input {
        name: input.name.node.to_string(),
        ty: input.ty.node.clone(),
        has_default: input.default_value.is_some(),
        bound: bound(input),
    }
}

/// Returns the bounds that `@constraint` sets for an input. An `ID` has a default bound.
fn bound(input: &InputValueDefinition) -> Bound {
    let constraint = input.directives.iter();
    let constraint = constraint
        .map(|directive| &directive.node)
        .find(|directive| directive.name.node == "constraint");
    let most = |argument: &str| {
        let value = &constraint?.get_argument(argument)?.node;
        match value {
            async_graphql::Value::Number(number) => usize::try_from(number.as_u64()?).ok(),
            _ => None,
        }
    };
    let is_id = base_type_name(&input.ty.node) == "ID";
    Bound {
        length: most("maxLength").or(is_id.then_some(MAX_ID_LENGTH)),
        items: most("maxItems"),
    }
}

/// Bounds lists of enum values without a bound by the number of the enum's values.
fn bound_lists_of_enums(types: &mut NameMap<TypeInfo>) {
    let sizes: HashMap<String, usize> = types
        .iter()
        .filter_map(|(name, ty)| match &ty.kind {
            Kind::Enum(values) => Some((name.clone(), values.len())),
            _ => None,
        })
        .collect();
    for input in types.values_mut().flat_map(TypeInfo::inputs_mut) {
        if matches!(input.ty.base, BaseType::List(_)) && input.bound.items.is_none() {
            input.bound.items = sizes.get(base_type_name(&input.ty)).copied();
        }
    }
}

fn max_list_lengths(types: &NameMap<TypeInfo>) -> NameMap<usize> {
    let mut longest = NameMap::default();
    for input in types.values().flat_map(TypeInfo::inputs) {
        if matches!(input.ty.base, BaseType::List(_)) {
            let most = longest
                .entry(base_type_name(&input.ty).to_owned())
                .or_insert(0);
            *most = input.bound.items.unwrap_or(usize::MAX).max(*most);
        }
    }
    longest
}
