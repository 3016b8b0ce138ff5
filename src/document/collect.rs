//! Collects the fields of an operation: expands fragments, evaluates `@skip` and `@include`, and merges repeated
//! fields.
//!
//! The executor resolves each occurrence of a field separately (a repeated mutation would run twice), passes a variable
//! without a value as null, and ignores fragments on a union within an object. It therefore gets operations without any
//! of these: each field once, with the values of its arguments, and below an abstract type an inline fragment for each
//! object type.

mod field_groups;
mod positions;

use std::{collections::HashMap, sync::LazyLock};

use async_graphql::{
    Name, Pos, Positioned, ServerError,
    parser::types::{
        BaseType, Directive, Field, FragmentDefinition, InlineFragment, OperationDefinition,
        Selection, SelectionSet, Type, TypeCondition,
    },
};
use async_graphql_value::Value;

use self::{
    field_groups::{FieldGroup, FieldGroups},
    positions::Positions,
};
use super::{
    error::{DocumentError, Stage},
    patches::ResponsePatches,
    schema::{
        Schema,
        types::{Bound, Input, base_type_name},
    },
    variables::{Constant, MAX_ERRORS, values::Values},
};

/// The fragments of a document.
pub type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// An operation with collected fields, and the corrections of its response.
#[derive(Debug)]
pub struct Collected {
    /// The operation.
    pub operation: Positioned<OperationDefinition>,
    /// The corrections to apply to the response.
    pub patches: ResponsePatches,
    /// Whether a field returns a label in the language of the request: it has an argument [`LOCALE`], which is null.
    pub depends_on_language: bool,
}

/// The argument with the language of a field's label.
const LOCALE: &str = "locale";

/// Collects the fields of a valid operation.
///
/// # Errors
///
/// When a variable is null at a position that allows no null.
pub fn collect(
    schema: &Schema,
    fragments: &Fragments,
    operation: &Positioned<OperationDefinition>,
    values: &Values,
) -> Result<Collected, DocumentError> {
    let mut collector = Collector {
        schema,
        fragments,
        values,
        patches: ResponsePatches::default(),
        depends_on_language: false,
        errors: Vec::new(),
    };
    let set = &operation.node.selection_set;
    let root = schema.root(operation.node.ty).unwrap_or_default();
    let collected = collector.set(root, &[&set.node]);
    let node = OperationDefinition {
        ty: operation.node.ty,
        variable_definitions: Vec::new(),
        directives: Vec::new(),
        selection_set: Positioned::new(collected, set.pos),
    };
    if collector.errors.is_empty() {
        return Ok(Collected {
            operation: Positioned::new(node, operation.pos),
            patches: collector.patches,
            depends_on_language: collector.depends_on_language,
        });
    }
    Err(DocumentError::new(Stage::Variables, collector.errors))
}

/// The argument of `@skip` and `@include`.
static CONDITION: LazyLock<Input> = LazyLock::new(|| Input {
    name: "if".to_owned(),
    ty: Type {
        base: BaseType::Named(Name::new("Boolean")),
        nullable: false,
    },
    has_default: false,
    bound: Bound::default(),
});

struct Collector<'a> {
    schema: &'a Schema,
    fragments: &'a Fragments,
    values: &'a Values,
    patches: ResponsePatches,
    depends_on_language: bool,
    /// The errors in the values of variables, at most [`MAX_ERRORS`].
    errors: Vec<ServerError>,
}

impl<'a> Collector<'a> {
    fn set(&mut self, parent: &'a str, sets: &[&'a SelectionSet]) -> SelectionSet {
        let has_fragments = |set: &&&SelectionSet| {
            let mut items = set.items.iter();
            items.any(|item| !matches!(item.node, Selection::Field(_)))
        };
        if !self.schema.is_abstract(parent) || !sets.iter().any(|set| has_fragments(&set)) {
            return self.fields(parent, sets);
        }
        let schema = self.schema;
        let mut items = Vec::new();
        for object in schema.possible_types(parent) {
            let collected = self.fields(object, sets);
            if collected.items.is_empty() {
                continue;
            }
            let pos = collected
                .items
                .first()
                .map_or_else(Pos::default, |item| item.pos);
            let fragment = InlineFragment {
                type_condition: Some(Positioned::new(
                    TypeCondition {
                        on: Positioned::new(Name::new(object), pos),
                    },
                    pos,
                )),
                directives: Vec::new(),
                selection_set: Positioned::new(collected, pos),
            };
            let fragment = Selection::InlineFragment(Positioned::new(fragment, pos));
            items.push(Positioned::new(fragment, pos));
        }
        SelectionSet { items }
    }

    fn fields(&mut self, parent: &'a str, sets: &[&'a SelectionSet]) -> SelectionSet {
        let mut groups = FieldGroups::default();
        for set in sets {
            self.collect_fields(parent, set, &mut groups);
        }
        let mut items = Vec::with_capacity(groups.groups.len());
        for group in groups.groups {
            let field = self.field(parent, &group);
            if parent == "__Type" && field.node.name.node == "interfaces" {
                let kind = self.patches.add_interfaces(&field.node);
                items.push(selection(Positioned::new(kind, field.pos)));
            }
            items.push(selection(field));
        }
        SelectionSet { items }
    }

    fn field(&mut self, parent: &'a str, group: &FieldGroup<'a>) -> Positioned<Field> {
        let first = group.first;
        if !group.more.is_empty() {
            let positions = group.fields().map(|field| field.pos);
            self.patches.add_merged_fields(positions.collect());
        }
        let selection_set = self.merged_selection_set(parent, group);
        let arguments = first.node.arguments.iter().filter_map(|(name, value)| {
            let resolved = self.values.resolve(&value.node)?;
            Some((name.clone(), Positioned::new(resolved, value.pos)))
        });
        let arguments = arguments.collect();
        self.check_arguments(parent, &first.node);
        let field = Field {
            alias: first.node.alias.clone(),
            name: first.node.name.clone(),
            arguments,
            directives: Vec::new(),
            selection_set: Positioned::new(selection_set, first.node.selection_set.pos),
        };
        Positioned::new(field, first.pos)
    }

    fn check_arguments(&mut self, parent: &str, field: &Field) {
        // The validation has checked the literals, so only a variable can bring a null. If the arguments are too large to
        // be copied, they are not examined either.
        let has_null = self.values.has_null() && self.values.check_copied().is_ok();
        if !has_null && self.depends_on_language {
            return;
        }
        let definition = self.schema.field(parent, field.name.node.as_str());
        for argument in definition.map_or(&[][..], |field| &field.arguments[..]) {
            let literal = field.get_argument(&argument.name);
            if has_null {
                self.check_argument(argument, literal);
            }
            if argument.name == LOCALE && !self.depends_on_language {
                let locale = literal.and_then(|literal| self.values.resolve(&literal.node));
                self.depends_on_language = matches!(locale, None | Some(Value::Null));
            }
        }
    }

    fn check_argument(&mut self, definition: &Input, literal: Option<&Positioned<Value>>) {
        let positions = Positions {
            schema: self.schema,
            values: self.values,
        };
        let error = positions.check(definition, literal);
        if let Some(error) = error
            && self.errors.len() < MAX_ERRORS
            && !self.errors.contains(&error)
        {
            self.errors.push(error);
        }
    }

    /// Returns the merged selection set of the fields of a group.
    fn merged_selection_set(&mut self, parent: &'a str, group: &FieldGroup<'a>) -> SelectionSet {
        let non_empty_set = |field: &'a Positioned<Field>| {
            let set = &field.node.selection_set.node;
            (!set.items.is_empty()).then_some(set)
        };
        let Some(first) = non_empty_set(group.first) else {
            // A leaf has no selection set, however often it is repeated.
            return SelectionSet::default();
        };
        let schema = self.schema;
        let Some(field) = schema.field(parent, group.first.node.name.node.as_str()) else {
            return SelectionSet::default();
        };
        let ty = base_type_name(&field.ty);
        if group.more.is_empty() {
            return self.set(ty, &[first]);
        }
        let sets: Vec<_> = group.fields().filter_map(non_empty_set).collect();
        self.set(ty, &sets)
    }

    /// Implements `CollectFields`, section 6.3.2 of the specification.
    fn collect_fields(
        &mut self,
        parent: &str,
        set: &'a SelectionSet,
        groups: &mut FieldGroups<'a>,
    ) {
        for item in &set.items {
            if !self.is_included(item.node.directives()) {
                continue;
            }
            match &item.node {
                Selection::Field(field) => groups.add(field),
                Selection::InlineFragment(fragment) => {
                    let type_name = fragment.node.type_condition.as_ref();
                    let type_name = type_name.map(|type_name| type_name.node.on.node.as_str());
                    if type_name.is_none_or(|type_name| self.applies(type_name, parent)) {
                        self.collect_fields(parent, &fragment.node.selection_set.node, groups);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let Some(fragment) = self.fragments.get(name) else {
                        continue;
                    };
                    let type_name = fragment.node.type_condition.node.on.node.as_str();
                    if groups.fragments.insert(name) && self.applies(type_name, parent) {
                        self.collect_fields(parent, &fragment.node.selection_set.node, groups);
                    }
                }
            }
        }
    }

    fn applies(&self, condition: &str, object: &str) -> bool {
        condition == object || self.schema.possible_types(condition).contains(&object)
    }

    fn is_included(&mut self, directives: &[Positioned<Directive>]) -> bool {
        // `@include` isn't evaluated if `@skip` has left the selection out.
        [("skip", false), ("include", true)]
            .iter()
            .all(|(name, expected)| {
                let mut directives = directives.iter();
                let directive =
                    directives.find(|directive| directive.node.name.node.as_str() == *name);
                let Some(directive) = directive else {
                    return true;
                };
                let condition = directive.node.get_argument(&CONDITION.name);
                self.check_argument(&CONDITION, condition);
                let condition = condition.and_then(|value| self.values.resolve(&value.node));
                condition.and_then(Value::into_const) == Some(Constant::Boolean(*expected))
            })
    }
}

fn selection(field: Positioned<Field>) -> Positioned<Selection> {
    let pos = field.pos;
    Positioned::new(Selection::Field(field), pos)
}
