//! Requests that set one input of the schema.

use async_graphql::parser::types::{BaseType, OperationType, Type};
use marquee::{
    document::schema::types::{Field, Input, Kind, base_type_name},
    global_id::{GlobalId, Kind as IdKind},
};
use serde_json::{Map, Value, json};

use super::{Inputs, Leaf, Shape};

impl Inputs {
    /// Returns a field with its required arguments.
    pub fn field_call(&self, name: &str, field: &Field) -> String {
        let required = field.arguments.iter().filter(|input| is_required(input));
        let required: Vec<_> = required
            .map(|input| {
                format!(
                    "{}: {}",
                    input.name,
                    literal(&self.minimal_value(&input.ty))
                )
            })
            .collect();
        if required.is_empty() {
            name.to_owned()
        } else {
            format!("{name}({})", required.join(", "))
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
            ("Locale", _) => json!("de"),
            ("Date", _) => json!("2000-01-01"),
            ("DateTime", _) => json!("2000-01-01T00:00:00Z"),
            (_, Some(Kind::Enum(values))) => json!(values.iter().min()),
            (_, Some(Kind::Input { fields, one_of })) => {
                let fields = fields.iter().enumerate();
                let required =
                    fields.filter(|(index, field)| is_required(field) || *one_of && *index == 0);
                required
                    .map(|(_, field)| (field.name.clone(), self.minimal_value(&field.ty)))
                    .collect()
            }
            _ => json!("x"),
        }
    }

    /// Returns a request that sets one input, and otherwise only required arguments.
    pub fn request(&self, leaf: &Leaf<'_>, value: Value) -> Value {
        let (argument, below) = leaf.steps.split_first().unwrap();
        let mut values = Map::new();
        for input in leaf
            .field
            .1
            .arguments
            .iter()
            .filter(|input| is_required(input))
        {
            values.insert(input.name.clone(), self.minimal_value(&input.ty));
        }
        values.insert(argument.name.clone(), self.with(&argument.ty, below, value));
        let (mut declared, mut used, mut variables) = (Vec::new(), Vec::new(), Map::new());
        for input in &leaf.field.1.arguments {
            if let Some(value) = values.remove(&input.name) {
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
            // A list reads its page only if something of it is selected.
            _ if base_type_name(&leaf.field.1.ty).ends_with("Connection") => {
                " { pageInfo { hasNextPage } }"
            }
            _ => " { __typename }",
        };
        let mut text = format!("{}({}){selection}", leaf.field.0, used.join(", "));
        for field in leaf.route.iter().rev() {
            text = format!("{field} {{ {text} }}");
        }
        let operation = leaf.operation.to_string();
        let query = format!("{operation}({}) {{ {text} }}", declared.join(", "));
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
        let item = match &ty.base {
            BaseType::List(item) => Some(item),
            BaseType::Named(_) => None,
        };
        let mut object = if one_of {
            json!({})
        } else {
            self.minimal_value(item.map_or(ty, |item| item))
        };
        object[&step.name] = inner;
        if item.is_some() {
            json!([object])
        } else {
            object
        }
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

fn is_required(input: &Input) -> bool {
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

/// Returns `count` global ids of a kind.
pub fn ids(kind: IdKind, count: usize) -> Value {
    let keys = (1..).take(count);
    keys.map(|key| GlobalId { kind, key }.encode()).collect()
}
