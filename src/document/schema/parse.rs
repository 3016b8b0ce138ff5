//! Reads the types of a schema from SDL.

use std::collections::HashMap;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, InputValueDefinition, TypeKind, TypeSystemDefinition},
};

use super::{
    Roots, SchemaError,
    types::{Bound, Field, Input, Kind, NameMap, TypeInfo, base_type_name},
};
use crate::graphql::price_list::price_of;

/// The introspection types, which no SDL contains.
pub(super) const INTROSPECTION_SDL: &str = include_str!("../introspection.graphql");

/// The most characters of a global id. The ids that the server issues are shorter.
const MAX_ID_LENGTH: usize = 64;

pub(super) fn join_messages<'a>(messages: impl Iterator<Item = &'a str>) -> String {
    messages.collect::<Vec<_>>().join("; ")
}

fn read(sdl: &str) -> Result<Vec<TypeSystemDefinition>, SchemaError> {
    parse_schema(sdl)
        .map(|document| document.definitions)
        .map_err(|error| SchemaError(error.to_string()))
}

pub(super) fn read_types(sdl: &str, types: &mut NameMap<TypeInfo>) -> Result<Roots, SchemaError> {
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
pub(super) fn fill_interfaces(sdl: &str, types: &mut NameMap<TypeInfo>) -> Result<(), SchemaError> {
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
    let name = ty.name.node.as_str();
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
        TypeKind::Object(of) => Kind::Object(fields(name, &of.fields)),
        TypeKind::Interface(of) => Kind::Interface(fields(name, &of.fields), Vec::new()),
        TypeKind::Union(of) => Kind::Union(
            of.members
                .iter()
                .map(|name| name.node.to_string())
                .collect(),
        ),
    }
}

fn fields(parent: &str, fields: &[async_graphql::Positioned<FieldDefinition>]) -> NameMap<Field> {
    let field = |field: &FieldDefinition| Field {
        price: price_of(parent, &field.name.node, base_type_name(&field.ty.node)),
        ty: field.ty.node.clone(),
        arguments: field
            .arguments
            .iter()
            .map(|argument| input(&argument.node))
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
    let limit = |argument: &str| {
        let value = &constraint?.get_argument(argument)?.node;
        match value {
            async_graphql::Value::Number(number) => usize::try_from(number.as_u64()?).ok(),
            _ => None,
        }
    };
    let is_id = base_type_name(&input.ty.node) == "ID";
    Bound {
        length: limit("maxLength").or(is_id.then_some(MAX_ID_LENGTH)),
        items: limit("maxItems"),
    }
}

/// Bounds lists of enum values without a bound by the number of the enum's values.
pub(super) fn bound_lists_of_enums(types: &mut NameMap<TypeInfo>) {
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

pub(super) fn max_list_lengths(types: &NameMap<TypeInfo>) -> NameMap<usize> {
    let mut max_lengths = NameMap::default();
    for input in types.values().flat_map(TypeInfo::inputs) {
        if matches!(input.ty.base, BaseType::List(_)) {
            let max_length = max_lengths
                .entry(base_type_name(&input.ty).to_owned())
                .or_insert(0);
            *max_length = input.bound.items.unwrap_or(usize::MAX).max(*max_length);
        }
    }
    max_lengths
}
