//! The texts and lists that the schema takes, and requests that give one of them.

use std::collections::{BTreeMap, VecDeque};

use async_graphql::parser::types::{BaseType, OperationType, Type};
use marquee::{
    document::{
        bounds::REPETITION_FACTOR,
        schema::{Field, Input, Kind, Schema, base},
    },
    global_id::{GlobalId, Kind as IdKind},
};
use serde_json::{Map, Value, json};

/// The inputs of a schema.
pub struct Inputs {
    schema: Schema,
}

/// What a leaf takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// Each text of a list.
    TextOfList,
    /// A list.
    List,
    /// A text whose form bounds it, such as a date.
    Formatted,
}

/// A text or a list that the schema takes.
#[derive(Clone, Debug)]
pub struct Leaf<'a> {
    /// By which kind of operation.
    pub operation: OperationType,
    /// What stands around the field from the root on, such as `film(by: {id: "x"})`.
    route: Vec<String>,
    field: (&'a str, &'a Field),
    /// The argument, and the fields of input objects below it.
    steps: Vec<&'a Input>,
    pub shape: Shape,
    /// The most that it may hold.
    pub bound: Option<usize>,
}

impl Leaf<'_> {
    /// How the schema names it.
    pub fn name(&self) -> String {
        format!(
            "{}({}): {:?}",
            self.field.0,
            self.path().join("."),
            self.shape
        )
    }

    /// The way to it from its argument.
    pub fn path(&self) -> Vec<String> {
        self.steps.iter().map(|step| step.name.clone()).collect()
    }

    /// By which code it is refused.
    pub fn code(&self) -> &'static str {
        match self.shape {
            Shape::List => "TOO_MANY_VALUES",
            Shape::Text | Shape::TextOfList | Shape::Formatted => "TOO_LONG",
        }
    }

    fn input(&self) -> &Input {
        self.steps.last().unwrap()
    }

    fn most(&self) -> usize {
        self.bound.unwrap()
    }

    /// The limit and the value that the error reports for an input just beyond the bound.
    pub fn limit_and_value(&self) -> (usize, usize) {
        let factor = if self.repeats() { REPETITION_FACTOR } else { 1 };
        let limit = self.most() * factor;
        (limit, limit + 1)
    }

    /// Whether more values than it may hold can only be equal ones.
    fn repeats(&self) -> bool {
        self.shape == Shape::List && !matches!(base(&self.input().ty), "String" | "ID")
    }
}

impl Inputs {
    /// Those of the schema as it is served.
    pub fn of_served_schema() -> Self {
        Self {
            schema: Schema::parse(&marquee::graphql::schema::sdl()).unwrap(),
        }
    }

    /// All texts and lists: of the arguments of every field, and of what stands in those.
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
        let name = base(&input.ty);
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
                assert!(leaf.steps.len() < 10, "an input object stands in itself");
                for field in fields {
                    self.below(&leaf, field, leaves);
                }
            }
            Some(Kind::Scalar(url)) => leaves.push(Leaf {
                shape: Shape::Formatted,
                // A scalar of a specified form.
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

    /// How to come to each object from a root.
    fn routes(&self, operation: OperationType) -> BTreeMap<&str, Vec<String>> {
        let root = self.schema.root(operation).unwrap();
        let mut routes = BTreeMap::from([(root, Vec::new())]);
        // Only queries have fields with arguments further down that aren't there from another root.
        if operation != OperationType::Query {
            return routes;
        }
        let mut queue = VecDeque::from([root]);
        while let Some(parent) = queue.pop_front() {
            for (name, field) in self.fields(parent) {
                for object in self.schema.possible(base(&field.ty)) {
                    if routes.contains_key(object) || self.fields(object).is_empty() {
                        continue;
                    }
                    let mut route = routes[parent].clone();
                    route.push(self.called(name, field));
                    if self.schema.is_abstract(base(&field.ty)) {
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

    /// A field with the arguments that it has to have.
    fn called(&self, name: &str, field: &Field) -> String {
        let needed = field.arguments.iter().filter(|input| is_needed(input));
        let needed: Vec<_> = needed
            .map(|input| format!("{}: {}", input.name, literal(&self.least(&input.ty))))
            .collect();
        if needed.is_empty() {
            name.to_owned()
        } else {
            format!("{name}({})", needed.join(", "))
        }
    }

    /// A value that holds no more than it has to.
    fn least(&self, ty: &Type) -> Value {
        if let BaseType::List(_) = ty.base {
            return json!([]);
        }
        match (base(ty), self.schema.find(base(ty)).map(|ty| &ty.kind)) {
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
                    .map(|(_, field)| (field.name.clone(), self.least(&field.ty)))
                    .collect()
            }
            _ => json!("x"),
        }
    }

    /// A request that gives a leaf a value, and nothing else that it doesn't have to.
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
            given.insert(input.name.clone(), self.least(&input.ty));
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
        let selection = match (leaf.operation, self.fields(base(&leaf.field.1.ty)).len()) {
            (OperationType::Mutation, _) => " { userErrors { field code message } }",
            (_, 0) if !self.schema.is_abstract(base(&leaf.field.1.ty)) => "",
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
            self.schema.find(base(ty)).map(|ty| &ty.kind),
            Some(Kind::Input { one_of: true, .. })
        );
        let mut object = if one_of { json!({}) } else { self.least(ty) };
        object[&step.name] = inner;
        object
    }

    /// The least that a leaf may not hold.
    pub fn beyond(&self, leaf: &Leaf<'_>) -> Value {
        match leaf.shape {
            // A moment but for its length.
            Shape::Formatted => json!(format!("2013-07-15T09:30:00.{}Z", "0".repeat(10_000))),
            _ => self.of_size(leaf, leaf.limit_and_value().1),
        }
    }

    /// What is refused before a mutation is run, instead of by its payload.
    pub fn far_beyond(&self, leaf: &Leaf<'_>) -> Option<Value> {
        let is_told_in_payload = leaf.operation == OperationType::Mutation
            && leaf.shape != Shape::Formatted
            && base(&leaf.input().ty) == "String";
        // More than that doesn't fit into variables.
        let size = leaf.most() * 10 + 1;
        (is_told_in_payload && size < 200_000).then(|| self.of_size(leaf, size))
    }

    /// The most that a leaf may hold.
    pub fn within(&self, leaf: &Leaf<'_>) -> Value {
        self.of_size(leaf, leaf.limit_and_value().0)
    }

    /// A text of so many characters, or a list of so many values.
    pub fn of_size(&self, leaf: &Leaf<'_>, size: usize) -> Value {
        match leaf.shape {
            Shape::TextOfList => json!(["x".repeat(size)]),
            Shape::List if leaf.repeats() => {
                let mut ty = leaf.input().ty.clone();
                while let BaseType::List(inner) = ty.base {
                    ty = *inner;
                }
                json!(vec![self.least(&ty); size])
            }
            Shape::List if base(&leaf.input().ty) == "ID" => ids(IdKind::Film, size),
            Shape::List => (0..size).map(|number| format!("v{number}")).collect(),
            Shape::Text | Shape::Formatted => json!("x".repeat(size)),
        }
    }
}

/// So many global ids of a kind.
pub fn ids(kind: IdKind, count: usize) -> Value {
    let keys = (1..).take(count);
    keys.map(|key| GlobalId { kind, key }.encode()).collect()
}

fn is_needed(input: &Input) -> bool {
    !input.ty.nullable && !input.has_default
}

/// A value as documents have it. Only enums are written otherwise in JSON, and none has to be given.
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
