//! Generates valid operations from choices. Every byte sequence is a valid sequence of choices.

use std::fmt::Write;

use async_graphql::parser::types::{BaseType, OperationType, Type};
use serde_json::{Map, Value, json};

use super::super::schema::{Input, Kind, Schema, base};

/// The maximum depth of fields.
const DEPTH: usize = 10;

/// The maximum nesting of input objects with optional fields. Below it, only required fields are generated.
const INPUT_DEPTH: usize = 3;

/// The number of fields after which only leaves are generated, so that the longest input stays below the limits that
/// can't be configured.
const FIELDS: usize = 40;

/// A generated operation.
#[derive(Debug, Default)]
pub struct Written {
    /// The name of the root type.
    pub root: String,
    /// The keyword of the operation type.
    pub word: &'static str,
    /// The selections, with literals as arguments. Each field has a unique alias.
    pub literal: String,
    /// The same selections, with variables as arguments.
    pub varied: String,
    /// The variable definitions.
    pub declared: String,
    /// The values of the variables.
    pub variables: Map<String, Value>,
    /// The number of root fields.
    pub roots: usize,
}

/// Generates an operation. When no choices are left, it takes the first of all options, and only what is required.
pub fn write(schema: &Schema, choices: &[u8]) -> Written {
    let mut scribe = Scribe {
        schema,
        choices: choices.iter().copied(),
        fields: 0,
        written: Written::default(),
    };
    let kinds = [
        (OperationType::Query, "query"),
        (OperationType::Query, "query"),
        (OperationType::Query, "query"),
        (OperationType::Mutation, "mutation"),
    ];
    let (kind, word) = *scribe.pick(&kinds);
    let root = schema.root(kind).unwrap_or_default();
    scribe.written.word = word;
    root.clone_into(&mut scribe.written.root);
    scribe.written.roots = scribe.set(root, 0);
    scribe.written
}

struct Scribe<'a, C> {
    schema: &'a Schema,
    choices: C,
    /// The number of fields so far.
    fields: usize,
    written: Written,
}

impl<'a, C: Iterator<Item = u8>> Scribe<'a, C> {
    fn choice(&mut self) -> usize {
        self.choices.next().map_or(0, usize::from)
    }

    fn pick<'o, T>(&mut self, options: &'o [T]) -> &'o T {
        let choice = self.choice() % options.len();
        &options[choice]
    }

    fn both(&mut self, text: &str) {
        self.written.literal.push_str(text);
        self.written.varied.push_str(text);
    }

    /// Generates the selections of a type, at least one field. Returns the number of fields outside of inline
    /// fragments.
    fn set(&mut self, parent: &'a str, depth: usize) -> usize {
        let wanted = 1 + self.choice() % 4;
        for _ in 0..wanted {
            self.field(parent, depth);
        }
        let objects = self.schema.possible(parent);
        if self.schema.is_abstract(parent) {
            for object in objects {
                if self.choice() % 2 == 1 {
                    self.both(&format!(" ... on {object} {{"));
                    self.field(object, depth);
                    self.both(" }");
                }
            }
        }
        wanted
    }

    fn field(&mut self, parent: &'a str, depth: usize) {
        let mut fields: Vec<_> = self
            .schema
            .find(parent)
            .and_then(|ty| ty.fields())
            .into_iter()
            .flatten()
            .collect();
        let (has_room, schema) = (depth < DEPTH && self.fields < FIELDS, self.schema);
        let leads_on = |ty: &Type| is_composite(schema, base(ty));
        fields.retain(|(_, field)| has_room || !leads_on(&field.ty));
        // The iteration order of a map differs between runs.
        fields.sort_by_key(|(name, _)| *name);
        self.fields += 1;
        let alias = self.fields;
        if fields.is_empty() {
            return self.both(&format!(" as_{alias}: __typename"));
        }
        let (name, field) = *self.pick(&fields);
        self.both(&format!(" as_{alias}: {name}"));
        let mut opened = false;
        for argument in &field.arguments {
            if argument.has_to_be_given() || self.choice() % 2 == 1 {
                self.both(if opened { ", " } else { "(" });
                opened = true;
                self.argument(argument);
            }
        }
        if opened {
            self.both(")");
        }
        if leads_on(&field.ty) {
            self.both(" {");
            self.set(base(&field.ty), depth + 1);
            self.both(" }");
        }
    }

    fn argument(&mut self, argument: &'a Input) {
        let given = self.value(&argument.ty, 0);
        let variable = format!("v{}", self.written.variables.len());
        let Written {
            literal,
            varied,
            declared,
            variables,
            ..
        } = &mut self.written;
        // Writing to a `String` can't fail.
        let _ = write!(literal, "{}: {}", argument.name, given.literal);
        let _ = write!(varied, "{}: ${variable}", argument.name);
        let _ = write!(declared, " ${variable}: {}", argument.ty);
        variables.insert(variable, given.json);
    }

    /// Generates a value of a type, never null.
    fn value(&mut self, ty: &'a Type, depth: usize) -> Given {
        let name = match &ty.base {
            BaseType::Named(name) => name.as_str(),
            BaseType::List(inner) => {
                let length = self.choice() % 4;
                let items: Vec<_> = (0..length).map(|_| self.value(inner, depth)).collect();
                return Given::list(items);
            }
        };
        match self.schema.find(name).map(|ty| &ty.kind) {
            Some(Kind::Enum(names)) => {
                let mut names: Vec<_> = names.iter().collect();
                names.sort();
                let name = *self.pick(&names);
                Given {
                    literal: name.clone(),
                    json: json!(name),
                }
            }
            Some(Kind::Input { fields, one_of }) => self.object(fields, *one_of, depth + 1),
            _ => Given::plain(self.scalar(name)),
        }
    }

    fn object(&mut self, fields: &'a [Input], one_of: bool, depth: usize) -> Given {
        if one_of {
            let field = self.pick(fields);
            return Given::object(vec![(&field.name, self.value(&field.ty, depth))]);
        }
        let mut given = Vec::new();
        for field in fields {
            let may_be = depth < INPUT_DEPTH && self.choice() % 4 == 3;
            if field.has_to_be_given() || may_be {
                given.push((field.name.as_str(), self.value(&field.ty, depth)));
            }
        }
        Given::object(given)
    }

    fn scalar(&mut self, name: &str) -> Value {
        let choice = self.choices.next().unwrap_or_default();
        match name {
            "Int" => json!(choice),
            "Float" => json!(f64::from(choice) / 2.0),
            "Boolean" => json!(choice % 2 == 1),
            "Date" => json!(format!("19{:02}-03-01", choice % 100)),
            "DateTime" => json!(format!("20{:02}-03-01T10:00:00Z", choice % 100)),
            _ => json!(format!("t{choice}")),
        }
    }
}

impl Input {
    fn has_to_be_given(&self) -> bool {
        !self.ty.nullable && !self.has_default
    }
}

fn is_composite(schema: &Schema, name: &str) -> bool {
    schema.is_abstract(name) || schema.find(name).is_some_and(|ty| ty.fields().is_some())
}

/// A value as a GraphQL literal and as JSON.
struct Given {
    literal: String,
    json: Value,
}

impl Given {
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
            .map(|(name, given)| format!("{name}: {}", given.literal));
        Self {
            literal: format!("{{{}}}", literals.collect::<Vec<_>>().join(", ")),
            json: fields
                .into_iter()
                .map(|(name, given)| (name.to_owned(), given.json))
                .collect(),
        }
    }
}
