//! Which fields an operation asks for: fragments written out, conditions decided, what is asked for twice put together.
//!
//! The executor resolves each occurrence of a field by itself (so that a mutation that stands twice would run twice), passes a variable
//! that has no value as null, and doesn't look into a union's fragments inside of an object. So it gets operations in which none of
//! this occurs: each field once, with its arguments' values, and below a type of several kinds a fragment for each kind.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        Directive, Field, FragmentDefinition, InlineFragment, OperationDefinition, Selection,
        SelectionSet, TypeCondition,
    },
};

use async_graphql_value::Value;

use super::{
    mend::Mends,
    schema::{Schema, base},
    variables::{Constant, Values, resolve},
};

/// The fragments of a document.
pub type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// An operation as it is executed.
#[derive(Debug)]
pub struct Collected {
    /// The operation.
    pub operation: Positioned<OperationDefinition>,
    /// What is to be mended in its answer.
    pub mends: Mends,
}

/// Collects the fields of an operation that fits the schema.
#[must_use]
pub fn collect(
    schema: &Schema,
    fragments: &Fragments,
    operation: &Positioned<OperationDefinition>,
    values: &Values,
) -> Collected {
    let mut collector = Collector {
        schema,
        fragments,
        values,
        mends: Mends::default(),
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
    Collected {
        operation: Positioned::new(node, operation.pos),
        mends: collector.mends,
    }
}

struct Collector<'a> {
    schema: &'a Schema,
    fragments: &'a Fragments,
    values: &'a Values,
    mends: Mends,
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
        for object in schema.possible(parent) {
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
        let mut gathering = Gathering::default();
        for set in sets {
            self.gather(parent, set, &mut gathering);
        }
        let mut items = Vec::with_capacity(gathering.groups.len());
        for group in gathering.groups {
            let Some(field) = self.field(parent, &group) else {
                continue;
            };
            if parent == "__Type" && field.node.name.node == "interfaces" {
                let kind = self.mends.note_interfaces(&field.node);
                items.push(selection(Positioned::new(kind, field.pos)));
            }
            items.push(selection(field));
        }
        SelectionSet { items }
    }

    fn field(
        &mut self,
        parent: &'a str,
        group: &[&'a Positioned<Field>],
    ) -> Option<Positioned<Field>> {
        let first = *group.first()?;
        if group.len() > 1 {
            let places = group.iter().map(|field| field.pos);
            self.mends.note_merged(places.collect());
        }
        let sets: Vec<_> = group
            .iter()
            .map(|field| &field.node.selection_set.node)
            .collect();
        let schema = self.schema;
        let below = match schema.field(parent, first.node.name.node.as_str()) {
            Some(field) if sets.iter().any(|set| !set.items.is_empty()) => {
                self.set(base(&field.ty), &sets)
            }
            _ => SelectionSet::default(),
        };
        let arguments = first.node.arguments.iter().filter_map(|(name, value)| {
            let resolved = resolve(&value.node, self.values)?;
            Some((name.clone(), Positioned::new(resolved, value.pos)))
        });
        let field = Field {
            alias: first.node.alias.clone(),
            name: first.node.name.clone(),
            arguments: arguments.collect(),
            directives: Vec::new(),
            selection_set: Positioned::new(below, first.node.selection_set.pos),
        };
        Some(Positioned::new(field, first.pos))
    }

    /// Section 6.3.2 of the specification.
    fn gather(&self, parent: &str, set: &'a SelectionSet, into: &mut Gathering<'a>) {
        for item in &set.items {
            if !self.is_included(item.node.directives()) {
                continue;
            }
            match &item.node {
                Selection::Field(field) => into.add(field),
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    let on = on.map(|on| on.node.on.node.as_str());
                    if on.is_none_or(|on| self.applies(on, parent)) {
                        self.gather(parent, &fragment.node.selection_set.node, into);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let Some(fragment) = self.fragments.get(name) else {
                        continue;
                    };
                    let on = fragment.node.type_condition.node.on.node.as_str();
                    if into.fragments.insert(name) && self.applies(on, parent) {
                        self.gather(parent, &fragment.node.selection_set.node, into);
                    }
                }
            }
        }
    }

    fn applies(&self, condition: &str, object: &str) -> bool {
        condition == object || self.schema.possible(condition).contains(&object)
    }

    fn is_included(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let wanted = match directive.node.name.node.as_str() {
                "skip" => false,
                "include" => true,
                _ => return true,
            };
            let condition = directive.node.arguments.first();
            let condition = condition.and_then(|(_, value)| resolve(&value.node, self.values));
            condition.and_then(Value::into_const) == Some(Constant::Boolean(wanted))
        })
    }
}

fn selection(field: Positioned<Field>) -> Positioned<Selection> {
    let pos = field.pos;
    Positioned::new(Selection::Field(field), pos)
}

#[derive(Default)]
struct Gathering<'a> {
    /// The fields that stand under one name in the answer, in the order of the first of each.
    groups: Vec<Vec<&'a Positioned<Field>>>,
    places: HashMap<&'a str, usize>,
    fragments: HashSet<&'a Name>,
}

impl<'a> Gathering<'a> {
    fn add(&mut self, field: &'a Positioned<Field>) {
        let name = field.node.response_key().node.as_str();
        let place = *self.places.entry(name).or_insert_with(|| {
            self.groups.push(Vec::new());
            self.groups.len() - 1
        });
        if let Some(group) = self.groups.get_mut(place) {
            group.push(field);
        }
    }
}
