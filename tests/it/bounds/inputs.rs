//! The string and list inputs of the schema, and requests that set one of them.

use std::collections::{BTreeMap, VecDeque};

use async_graphql::parser::types::{BaseType, OperationType, Type};
use marquee::{
    document::{
        bounds::REPETITION_FACTOR,
        schema::{
            Schema,
            types::{Field, Input, Kind, base_type_name},
        },
    },
    global_id::{GlobalId, Kind as IdKind},
};
use serde_json::{Map, Value, json};

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
                        self.below(&leaf, argument, &mut leaves);
                    }
                }
            }
        }
        leaves
    }

    fn below<'a>(&'a self, above: &Leaf<'a>, input: &'a Input, leaves: &mut Vec<Leaf<'a>>) {
        let mut leaf = above.clone();
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
                    self.below(&leaf, field, leaves);
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

    /// Returns a field with its required arguments.
    fn field_call(&self, name: &str, field: &Field) -> String {
        let needed = field.arguments.iter().filter(|input| is_needed(input));
        let needed: Vec<_> = needed
            .map(|input| {
                format!(
                    "{}: {}",
                    input.name,
                    literal(&self.minimal_value(&input.ty))
                )
            })
            .collect();
        if needed.is_empty() {
            name.to_owned()
        } else {
            format!("{name}({})", needed.join(", "))
        }
    }

    /// Returns the smallest valid value of a type.
    fn minimal_value(&self, ty: &Type) -> Value {
        if let BaseType::List(_) = ty.base {
            return json!([]);
        }
        match (
            base_type_name(ty),
            self.schema.find(base_type_name(ty)).map(|ty| &ty.kind),
        ) {
            ("Int" | "Float", _) => json!(1),
            ("Boolean", _) => json!(false),
            ("Date", _) => json!("2000-01-01"),
            ("DateTime", _) => json!("2000-01-01T00:00:00Z"),
            (_, Some(Kind::Enum(values))) => json!(values.iter().min()),
            (_, Some(Kind::Input { fields, one_of })) => {
                let fields = fields.iter().enumerate();
                let needed =
                    fields.filter(|(place, field)| is_needed(field) || *one_of && *place == 0);
                needed
                    .map(|(_, field)| (field.name.clone(), self.minimal_value(&field.ty)))
                    .collect()
            }
            _ => json!("x"),
        }
    }

    /// Returns a request that sets one input, and otherwise only required arguments.
    pub fn request(&self, leaf: &Leaf<'_>, value: Value) -> Value {
        let (argument, below) = leaf.steps.split_first().unwrap();
        let mut given = Map::new();
        for input in leaf
            .field
            .1
            .arguments
            .iter()
            .filter(|input| is_needed(input))
        {
            given.insert(input.name.clone(), self.minimal_value(&input.ty));
        }
        given.insert(argument.name.clone(), self.with(&argument.ty, below, value));
        let (mut declared, mut used, mut variables) = (Vec::new(), Vec::new(), Map::new());
        for input in &leaf.field.1.arguments {
            if let Some(value) = given.remove(&input.name) {
                declared.push(format!("${}: {}", input.name, input.ty));
                used.push(format!("{0}: ${0}", input.name));
                variables.insert(input.name.clone(), value);
            }
        }
        let selection = match (
            leaf.operation,
            self.fields(base_type_name(&leaf.field.1.ty)).len(),
        ) {
            (OperationType::Mutation, _) => " { userErrors { field code message } }",
            (_, 0) if !self.schema.is_abstract(base_type_name(&leaf.field.1.ty)) => "",
            _ => " { __typename }",
        };
        let mut text = format!("{}({}){selection}", leaf.field.0, used.join(", "));
        for around in leaf.route.iter().rev() {
            text = format!("{around} {{ {text} }}");
        }
        let word = leaf.operation.to_string();
        let query = format!("{word}({}) {{ {text} }}", declared.join(", "));
        json!({"query": query, "variables": variables})
    }

    fn with(&self, ty: &Type, steps: &[&Input], value: Value) -> Value {
        let Some((step, below)) = steps.split_first() else {
            return value;
        };
        let inner = self.with(&step.ty, below, value);
        let one_of = matches!(
            self.schema.find(base_type_name(ty)).map(|ty| &ty.kind),
            Some(Kind::Input { one_of: true, .. })
        );
        let mut object = if one_of {
            json!({})
        } else {
            self.minimal_value(ty)
        };
        object[&step.name] = inner;
        object
    }

    /// Returns the smallest value that exceeds the bound.
    pub fn beyond(&self, leaf: &Leaf<'_>) -> Value {
        match leaf.shape {
            // A valid timestamp except for its length.
            Shape::Formatted => json!(format!("2013-07-15T09:30:00.{}Z", "0".repeat(10_000))),
            _ => self.of_size(leaf, leaf.limit_and_value().1),
        }
    }

    /// Returns a value that is rejected as a top-level error before the mutation runs, instead of in its payload.
    pub fn far_beyond(&self, leaf: &Leaf<'_>) -> Option<Value> {
        let is_reported_in_payload = leaf.operation == OperationType::Mutation
            && leaf.shape != Shape::Formatted
            && base_type_name(&leaf.input().ty) == "String";
        // A larger value would exceed the limit of variables.
        let size = leaf.max() * 10 + 1;
        (is_reported_in_payload && size < 200_000).then(|| self.of_size(leaf, size))
    }

    /// Returns the largest valid value.
    pub fn within(&self, leaf: &Leaf<'_>) -> Value {
        self.of_size(leaf, leaf.limit_and_value().0)
    }

    /// Returns a string of `size` characters or a list of `size` values.
    pub fn of_size(&self, leaf: &Leaf<'_>, size: usize) -> Value {
        match leaf.shape {
            Shape::TextOfList => json!(["x".repeat(size)]),
            Shape::List if leaf.repeats() => {
                let mut ty = leaf.input().ty.clone();
                while let BaseType::List(inner) = ty.base {
                    ty = *inner;
                }
                json!(vec![self.minimal_value(&ty); size])
            }
            Shape::List if base_type_name(&leaf.input().ty) == "ID" => ids(IdKind::Film, size),
            Shape::List => (0..size).map(|number| format!("v{number}")).collect(),
            Shape::Text | Shape::Formatted => json!("x".repeat(size)),
        }
    }
}

/// Returns `count` global ids of a kind.
pub fn ids(kind: IdKind, count: usize) -> Value {
    let keys = (1..).take(count);
    keys.map(|key| GlobalId { kind, key }.encode()).collect()
}

fn is_needed(input: &Input) -> bool {
    !input.ty.nullable && !input.has_default
}

/// Formats a value as a GraphQL literal. Enum values would need another format than JSON, but none is required.
fn literal(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| format!("{name}: {}", literal(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
