//! The string and list inputs of the schema, and requests that set one of them.

pub mod requests;

use std::collections::{BTreeMap, VecDeque};

use async_graphql::parser::types::{BaseType, OperationType};
use marquee::document::{
    bounds::REPETITION_FACTOR,
    schema::{
        Schema,
        types::{Field, Input, Kind, base_type_name},
    },
};

/// The inputs of a schema.
pub struct Inputs {
    schema: Schema,
}

/// The shape of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string.
    Text,
    /// A string in a list.
    TextOfList,
    /// A list.
    List,
    /// A string of a fixed format, such as a date. The format bounds its length.
    Formatted,
}

/// A string or list input of the schema.
#[derive(Clone, Debug)]
pub struct Leaf<'a> {
    /// The kind of operation that has the input.
    pub operation: OperationType,
    /// The selections around the field, the root first, such as `film(by: {id: "x"})`.
    route: Vec<String>,
    field: (&'a str, &'a Field),
    /// The argument, followed by the path of input object fields.
    steps: Vec<&'a Input>,
    pub shape: Shape,
    /// The maximum length; `None` if the schema declares none.
    pub bound: Option<usize>,
}

impl Leaf<'_> {
    /// Returns a readable name, such as `films(filter.title): Text`.
    pub fn name(&self) -> String {
        format!(
            "{}({}): {:?}",
            self.field.0,
            self.path().join("."),
            self.shape
        )
    }

    /// Returns the names from the argument down to the input.
    pub fn path(&self) -> Vec<String> {
        self.steps.iter().map(|step| step.name.clone()).collect()
    }

    /// Returns the error code for an input that exceeds its bound.
    pub fn code(&self) -> &'static str {
        match self.shape {
            Shape::List => "TOO_MANY_VALUES",
            Shape::Text | Shape::TextOfList | Shape::Formatted => "TOO_LONG",
        }
    }

    fn input(&self) -> &Input {
        self.steps.last().unwrap()
    }

    fn max(&self) -> usize {
        self.bound.unwrap()
    }

    /// Returns the limit and the value that the error reports for the smallest input that exceeds the bound.
    pub fn limit_and_value(&self) -> (usize, usize) {
        let factor = if self.repeats() { REPETITION_FACTOR } else { 1 };
        let limit = self.max() * factor;
        (limit, limit + 1)
    }

    /// Returns whether a list above its bound must contain duplicates, as a list of enum values must.
    fn repeats(&self) -> bool {
        self.shape == Shape::List && !matches!(base_type_name(&self.input().ty), "String" | "ID")
    }
}

impl Inputs {
    /// Parses the served schema.
    pub fn of_served_schema() -> Self {
        Self {
            schema: Schema::parse(&marquee::graphql::schema::sdl()).unwrap(),
        }
    }

    /// Returns every string and list input: of the arguments of every field, and of the input objects in them.
    pub fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        for operation in [
            OperationType::Query,
            OperationType::Mutation,
            OperationType::Subscription,
        ] {
            for (parent, route) in self.routes(operation) {
                for field in self.fields(parent) {
                    let leaf = Leaf {
                        operation,
                        route: route.clone(),
                        field,
                        steps: Vec::new(),
                        shape: Shape::Text,
                        bound: None,
                    };
                    for argument in &field.1.arguments {
                        self.collect_leaves(&leaf, argument, &mut leaves);
                    }
                }
            }
        }
        leaves
    }

    fn collect_leaves<'a>(
        &'a self,
        parent: &Leaf<'a>,
        input: &'a Input,
        leaves: &mut Vec<Leaf<'a>>,
    ) {
        let mut leaf = parent.clone();
        leaf.steps.push(input);
        let name = base_type_name(&input.ty);
        let is_list = matches!(input.ty.base, BaseType::List(_));
        if is_list {
            leaves.push(Leaf {
                shape: Shape::List,
                bound: input.bound.items,
                ..leaf.clone()
            });
        }
        match self.schema.find(name).map(|ty| &ty.kind) {
            Some(Kind::Input { fields, .. }) => {
                assert!(leaf.steps.len() < 10, "an input object contains itself");
                for field in fields {
                    self.collect_leaves(&leaf, field, leaves);
                }
            }
            Some(Kind::Scalar(url)) => leaves.push(Leaf {
                shape: Shape::Formatted,
                // A scalar with a specification URL.
                bound: url.as_ref().map(String::len),
                ..leaf
            }),
            None if matches!(name, "String" | "ID") => leaves.push(Leaf {
                shape: if is_list {
                    Shape::TextOfList
                } else {
                    Shape::Text
                },
                bound: input.bound.length,
                ..leaf
            }),
            _ => {}
        }
    }

    /// Returns the path from the root to each object type.
    fn routes(&self, operation: OperationType) -> BTreeMap<&str, Vec<String>> {
        let root = self.schema.root(operation).unwrap();
        let mut routes = BTreeMap::from([(root, Vec::new())]);
        // Mutation payloads and subscription events expose object types that queries reach too.
        if operation != OperationType::Query {
            return routes;
        }
        let mut queue = VecDeque::from([root]);
        while let Some(parent) = queue.pop_front() {
            for (name, field) in self.fields(parent) {
                for object in self.schema.possible_types(base_type_name(&field.ty)) {
                    if routes.contains_key(object) || self.fields(object).is_empty() {
                        continue;
                    }
                    let mut route = routes[parent].clone();
                    route.push(self.field_call(name, field));
                    if self.schema.is_abstract(base_type_name(&field.ty)) {
                        route.push(format!("... on {object}"));
                    }
                    routes.insert(object, route);
                    queue.push_back(object);
                }
            }
        }
        routes
    }

    fn fields<'a>(&'a self, parent: &str) -> Vec<(&'a str, &'a Field)> {
        let fields = self.schema.find(parent).and_then(|ty| ty.fields());
        let fields = fields.into_iter().flatten();
        let mut fields: Vec<_> = fields.map(|(name, field)| (name.as_str(), field)).collect();
        fields.sort_by_key(|(name, _)| *name);
        fields
    }
}
