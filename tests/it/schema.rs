//! The GraphQL schema as SDL: a snapshot makes every change of it visible in review. Laws hold for all of its types.

use async_graphql::parser::{
    parse_schema,
    types::{FieldDefinition, InputObjectType, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use marquee::global_id::Kind;

#[test]
fn the_schema_matches_its_snapshot() {
    insta::assert_snapshot!("schema.graphql", marquee::graphql::schema::sdl());
}

fn types() -> Vec<TypeDefinition> {
    let document = parse_schema(marquee::graphql::schema::sdl()).unwrap();
    let definitions = document.definitions.into_iter();
    let types = definitions.filter_map(|definition| match definition {
        TypeSystemDefinition::Type(ty) => Some(ty.node),
        TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
    });
    types.collect()
}

/// The types that have fields, each with its fields.
fn types_with_fields() -> Vec<(String, Vec<FieldDefinition>)> {
    let types = types().into_iter().filter_map(|ty| {
        let fields = match ty.kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            _ => return None,
        };
        let fields = fields.into_iter().map(|field| field.node).collect();
        Some((ty.name.node.to_string(), fields))
    });
    types.collect()
}

/// Client caches such as Relay's store merge objects with the same `id`, whatever their types.
#[test]
fn only_an_object_itself_has_its_global_id_in_a_field_id() {
    // Its `id` is that of the source. `docs/clients.md` says how caches are kept from merging them.
    let without_global_id = ["ExternalId"];
    let types = types_with_fields();
    let types = types
        .into_iter()
        .filter(|(name, _)| !without_global_id.contains(&name.as_str()));
    let mut with_id = Vec::new();
    for (name, fields) in types {
        if let Some(id) = fields.iter().find(|field| field.name.node == "id") {
            assert_eq!(id.ty.node.to_string(), "ID!", "{name}.id");
            with_id.push(name);
        }
    }
    let mut expected: Vec<String> = Kind::ALL.map(|kind| kind.name().to_owned()).into();
    expected.push("Node".to_owned());
    expected.sort_unstable();
    with_id.sort_unstable();
    assert_eq!(with_id, expected);
}

fn one_of_inputs() -> Vec<(TypeDefinition, InputObjectType)> {
    let is_one_of = |ty: &TypeDefinition| {
        let mut directives = ty.directives.iter();
        directives.any(|directive| directive.node.name.node == "oneOf")
    };
    let types = types().into_iter().filter(is_one_of);
    let inputs = types.filter_map(|ty| match &ty.kind {
        TypeKind::InputObject(input) => Some((ty.clone(), input.clone())),
        _ => None,
    });
    inputs.collect()
}

/// Code generators turn a `@oneOf` input into a type with optional fields. Only the description says more there.
#[test]
fn a_one_of_input_says_so_in_its_description_and_names_its_fields() {
    let inputs = one_of_inputs();
    assert!(inputs.len() > 4, "{}", inputs.len());
    for (ty, input) in inputs {
        let name = &ty.name.node;
        let description = ty.description.unwrap().node.to_lowercase();
        assert!(
            description.contains("exactly one of"),
            "{name}: {description}"
        );
        for field in input.fields {
            let field = field.node.name.node;
            let mention = format!("`{field}`");
            assert!(
                description.contains(&mention.to_lowercase()),
                "{name}: {mention}"
            );
        }
    }
}
