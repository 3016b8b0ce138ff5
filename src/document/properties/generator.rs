//! Generates valid operations from choices. Every byte sequence is a valid sequence of choices.

use std::fmt::Write;

use async_graphql::parser::types::{BaseType, OperationType, Type};
use serde_json::{Map, Value, json};

use super::super::schema::Schema;
use crate::document::schema::types::{Input, Kind, base_type_name};

/// The maximum depth of fields.
const MAX_DEPTH: usize = 10;

/// The maximum nesting of input objects with optional fields. Below it, only required fields are generated.
const MAX_INPUT_DEPTH: usize = 3;

/// The number of fields after which only leaves are generated, so that the longest input stays below the limits that
/// can't be configured.
const MAX_FIELDS: usize = 40;

/// A generated operation.
#[derive(Debug, Default)]
pub struct GeneratedOperation {
    /// The name of the root type.
    pub root_type: String,
    /// The keyword of the operation type.
    pub keyword: &'static str,
    /// The selections, with literals as arguments. Each field has a unique alias.
    pub with_literals: String,
    /// The same selections, with variables as arguments.
    pub with_variables: String,
    /// The variable definitions.
    pub variable_definitions: String,
    /// The values of the variables.
    pub variables: Map<String, Value>,
    /// The number of root fields.
    pub root_fields: usize,
}

/// Generates an operation. When no choices are left, it takes the first of all options, and only what is required.
pub fn generate(schema: &Schema, choices: &[u8]) -> GeneratedOperation {
    let mut generator = Generator {
        schema,
        choices: choices.iter().copied(),
        fields: 0,
        operation: GeneratedOperation::default(),
    };
    let kinds = [
        (OperationType::Query, "query"),
        (OperationType::Query, "query"),
        (OperationType::Query, "query"),
        (OperationType::Mutation, "mutation"),
    ];
    let (operation_type, keyword) = *generator.pick(&kinds);
    let root = schema.root(operation_type).unwrap_or_default();
    generator.operation.keyword = keyword;
    root.clone_into(&mut generator.operation.root_type);
    generator.operation.root_fields = generator.set(root, 0);
    generator.operation
}

struct Generator<'a, C> {
    schema: &'a Schema,
    choices: C,
    /// The number of fields so far.
    fields: usize,
    operation: GeneratedOperation,
}

impl<'a, C: Iterator<Item = u8>> Generator<'a, C> {
    fn choice(&mut self) -> usize {
        self.choices.next().map_or(0, usize::from)
    }

    fn pick<'o, T>(&mut self, options: &'o [T]) -> &'o T {
        let choice = self.choice() % options.len();
        &options[choice]
    }

    fn push(&mut self, text: &str) {
        self.operation.with_literals.push_str(text);
        self.operation.with_variables.push_str(text);
    }

    /// Generates the selections of a type, at least one field. Returns the number of fields outside of inline
    /// fragments.
    fn set(&mut self, parent: &'a str, depth: usize) -> usize {
        let count = 1 + self.choice() % 4;
        for _ in 0..count {
            self.field(parent, depth);
        }
        let objects = self.schema.possible_types(parent);
        if self.schema.is_abstract(parent) {
            for object in objects {
                if self.choice() % 2 == 1 {
                    self.push(&format!(" ... on {object} {{"));
                    self.field(object, depth);
                    self.push(" }");
                }
            }
        }
        count
    }

    fn field(&mut self, parent: &'a str, depth: usize) {
        let mut fields: Vec<_> = self
            .schema
            .find(parent)
            .and_then(|ty| ty.fields())
            .into_iter()
            .flatten()
            .collect();
        let (has_room, schema) = (depth < MAX_DEPTH && self.fields < MAX_FIELDS, self.schema);
        let is_composite_type = |ty: &Type| is_composite(schema, base_type_name(ty));
        fields.retain(|(_, field)| has_room || !is_composite_type(&field.ty));
        // The iteration order of a map differs between runs.
        fields.sort_by_key(|(name, _)| *name);
        self.fields += 1;
        let alias = self.fields;
        if fields.is_empty() {
            return self.push(&format!(" as_{alias}: __typename"));
        }
        let (name, field) = *self.pick(&fields);
        self.push(&format!(" as_{alias}: {name}"));
        let mut has_arguments = false;
        for argument in &field.arguments {
            if argument.is_required() || self.choice() % 2 == 1 {
                self.push(if has_arguments { ", " } else { "(" });
                has_arguments = true;
                self.argument(argument);
            }
        }
        if has_arguments {
            self.push(")");
        }
        if is_composite_type(&field.ty) {
            self.push(" {");
            self.set(base_type_name(&field.ty), depth + 1);
            self.push(" }");
        }
    }

    fn argument(&mut self, argument: &'a Input) {
        let value = self.value(&argument.ty, 0);
        let variable = format!("v{}", self.operation.variables.len());
        let GeneratedOperation {
            with_literals,
            with_variables,
            variable_definitions,
            variables,
            ..
        } = &mut self.operation;
        // Writing to a `String` can't fail.
        let _ = write!(with_literals, "{}: {}", argument.name, value.literal);
        let _ = write!(with_variables, "{}: ${variable}", argument.name);
        let _ = write!(variable_definitions, " ${variable}: {}", argument.ty);
        variables.insert(variable, value.json);
    }

    /// Generates a value of a type, never null.
    fn value(&mut self, ty: &'a Type, depth: usize) -> GeneratedValue {
        let name = match &ty.base {
            BaseType::Named(name) => name.as_str(),
            BaseType::List(inner) => {
                let length = self.choice() % 4;
                let items: Vec<_> = (0..length).map(|_| self.value(inner, depth)).collect();
                return GeneratedValue::list(items);
            }
        };
        match self.schema.find(name).map(|ty| &ty.kind) {
            Some(Kind::Enum(names)) => {
                let mut names: Vec<_> = names.iter().collect();
                names.sort();
                let name = *self.pick(&names);
                GeneratedValue {
                    literal: name.clone(),
                    json: json!(name),
                }
            }
            Some(Kind::Input { fields, one_of }) => self.object(fields, *one_of, depth + 1),
            _ => GeneratedValue::plain(self.scalar(name)),
        }
    }

    fn object(&mut self, fields: &'a [Input], one_of: bool, depth: usize) -> GeneratedValue {
        if one_of {
            let field = self.pick(fields);
            return GeneratedValue::object(vec![(&field.name, self.value(&field.ty, depth))]);
        }
        let mut values = Vec::new();
        for field in fields {
            let is_chosen = depth < MAX_INPUT_DEPTH && self.choice() % 4 == 3;
            if field.is_required() || is_chosen {
                values.push((field.name.as_str(), self.value(&field.ty, depth)));
            }
        }
        GeneratedValue::object(values)
    }

    fn scalar(&mut self, name: &str) -> Value {
        let choice = self.choices.next().unwrap_or_default();
        match name {
            "Int" => json!(choice),
            "Float" => json!(f64::from(choice) / 2.0),
            "Boolean" => json!(choice % 2 == 1),
            "Locale" => json!("de-AT"),
            "Date" => json!(format!("19{:02}-03-01", choice % 100)),
            "DateTime" => json!(format!("20{:02}-03-01T10:00:00Z", choice % 100)),
            _ => json!(format!("t{choice}")),
        }
    }
}

impl Input {
    fn is_required(&self) -> bool {
        !self.ty.nullable && !self.has_default
    }
}

fn is_composite(schema: &Schema, name: &str) -> bool {
    schema.is_abstract(name) || schema.find(name).is_some_and(|ty| ty.fields().is_some())
}

/// A value as a GraphQL literal and as JSON.
struct GeneratedValue {
    literal: String,
    json: Value,
}

impl GeneratedValue {
    fn plain(json: Value) -> Self {
        Self {
            literal: json.to_string(),
            json,
        }
    }

    fn list(items: Vec<Self>) -> Self {
        let literals: Vec<_> = items.iter().map(|item| item.literal.as_str()).collect();
        Self {
            literal: format!("[{}]", literals.join(", ")),
            json: items.into_iter().map(|item| item.json).collect(),
        }
    }

    fn object(fields: Vec<(&str, Self)>) -> Self {
        let literals = fields
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.literal));
        Self {
            literal: format!("{{{}}}", literals.collect::<Vec<_>>().join(", ")),
            json: fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.json))
                .collect(),
        }
    }
}
