//! Generates random queries with the values of a catalogue.

use std::{collections::BTreeSet, fmt::Write as _};

use async_graphql::parser::types::{BaseType, OperationType, Type};
use marquee::{
    document::schema::{
        Schema,
        types::{Field, Kind, base_type_name},
    },
    global_id::{GlobalId, Kind as IdKind},
};
use serde_json::{Map, Value, json};

/// The maximum depth of nested fields, and the maximum number of fields.
const MAX_DEPTH: usize = 8;
const MAX_FIELDS: usize = 24;

/// Generates an operation from the bytes of a seed.
pub struct Writer<'a, S> {
    schema: &'a Schema,
    /// The slugs of films, critics and publications.
    slugs: &'a [Vec<String>; 3],
    seed: S,
    fields: usize,
    declared: String,
    variables: Map<String, Value>,
    /// The fields with subfields, each with the names of its arguments.
    shape: BTreeSet<String>,
}

impl<'a, S: Iterator<Item = u8>> Writer<'a, S> {
    pub fn new(schema: &'a Schema, slugs: &'a [Vec<String>; 3], seed: S) -> Self {
        Self {
            schema,
            slugs,
            seed,
            fields: 0,
            declared: String::new(),
            variables: Map::new(),
            shape: BTreeSet::new(),
        }
    }

    fn choice(&mut self) -> usize {
        self.seed.next().map_or(0, usize::from)
    }

    fn pick<'o, T>(&mut self, options: &'o [T]) -> &'o T {
        let choice = self.choice() << 8 | self.choice();
        &options[choice % options.len()]
    }

    /// Returns a query, its variables and its shape.
    pub fn operation(mut self) -> (String, Map<String, Value>, BTreeSet<String>) {
        let root = self.schema.root(OperationType::Query).unwrap();
        let set = self.set(root, 0);
        let declared = match self.declared.as_str() {
            "" => String::new(),
            declared => format!("({declared})"),
        };
        (format!("query{declared} {set}"), self.variables, self.shape)
    }

    fn set(&mut self, parent: &str, depth: usize) -> String {
        let mut fields: Vec<(&str, &Field)> = self
            .schema
            .find(parent)
            .and_then(|ty| ty.fields())
            .into_iter()
            .flatten()
            .map(|(name, field)| (name.as_str(), field))
            .collect();
        let is_composite = |ty: &Type| {
            let name = base_type_name(ty);
            self.schema.is_abstract(name)
                || self
                    .schema
                    .find(name)
                    .is_some_and(|ty| ty.fields().is_some())
        };
        let has_room = depth < MAX_DEPTH && self.fields < MAX_FIELDS;
        fields.retain(|(_, field)| has_room || !is_composite(&field.ty));
        fields.sort_by_key(|(name, _)| *name);
        let composite: Vec<bool> = fields
            .iter()
            .map(|(_, field)| is_composite(&field.ty))
            .collect();
        let mut text = String::from("{ __typename");
        for _ in 0..=self.choice() % 4 {
            if fields.is_empty() {
                break;
            }
            let index = self.choice() % fields.len();
            let (name, field) = fields[index];
            self.fields += 1;
            let _ = write!(text, " f{}: {name}", self.fields);
            let arguments = self.arguments(field);
            if !arguments.is_empty() {
                let _ = write!(text, "({})", arguments.join(", "));
            }
            if composite[index] {
                let names = arguments
                    .iter()
                    .filter_map(|argument| argument.split(':').next());
                let names: Vec<&str> = names.collect();
                self.shape.insert(format!("{name}({})", names.join(",")));
                let subselection = self.set(base_type_name(&field.ty), depth + 1);
                let _ = write!(text, " {subselection}");
            }
        }
        text.push_str(" }");
        text
    }

    fn arguments(&mut self, field: &Field) -> Vec<String> {
        let mut arguments = Vec::new();
        for input in &field.arguments {
            let is_required = !input.ty.nullable && !input.has_default;
            let is_second = ["last", "before", "after"].contains(&input.name.as_str());
            let is_chosen = self.choice() % (if is_second { 8 } else { 2 }) == 1;
            if !is_required && !is_chosen {
                continue;
            }
            let variable = format!("v{}", self.variables.len());
            let value = self.value(&input.ty, &input.name);
            let _ = write!(self.declared, " ${variable}: {}", input.ty);
            arguments.push(format!("{}: ${variable}", input.name));
            self.variables.insert(variable, value);
        }
        arguments
    }

    fn value(&mut self, ty: &Type, name: &str) -> Value {
        if let BaseType::List(inner) = &ty.base {
            let length = *self.pick(&[1, 2, 3, 20, 100]);
            return (0..length).map(|_| self.value(inner, name)).collect();
        }
        let schema = self.schema;
        match schema.find(base_type_name(ty)).map(|ty| &ty.kind) {
            Some(Kind::Enum(names)) => {
                let mut names: Vec<_> = names.iter().collect();
                names.sort();
                json!(self.pick(&names))
            }
            Some(Kind::Input {
                fields,
                one_of: true,
            }) => {
                let field = self.pick(fields);
                json!({ &field.name: self.value(&field.ty, &field.name) })
            }
            Some(Kind::Input { fields, .. }) => {
                let mut object = Map::new();
                for field in fields {
                    if !field.ty.nullable || self.choice() % 2 == 1 {
                        object.insert(field.name.clone(), self.value(&field.ty, &field.name));
                    }
                }
                Value::Object(object)
            }
            _ => self.scalar(base_type_name(ty), name),
        }
    }

    fn scalar(&mut self, ty: &str, name: &str) -> Value {
        match (ty, name) {
            ("Int", "first" | "last") => json!(*self.pick(&[1, 10, 20, 100])),
            ("Int", "from" | "to") => json!(*self.pick(&[0, 40, 61, 100, 1950, 1996, 2020])),
            ("Int", "minimumReviews") => json!(*self.pick(&[0, 1, 4, 100, 9_999])),
            ("Int", _) => json!(*self.pick(&[1, 4, 10, 50, 61, 100])),
            ("Boolean", _) => json!(self.choice() % 2 == 1),
            ("Locale", _) => json!(self.pick(&["de", "fr-CA", "en", "es"])),
            ("Date", _) => json!(self.pick(&[
                "0001-01-01",
                "1990-01-01",
                "2010-06-01",
                "2024-01-01",
                "9999-12-31"
            ])),
            ("ID", _) => {
                let kinds = [
                    IdKind::Film,
                    IdKind::Critic,
                    IdKind::Publication,
                    IdKind::Review,
                ];
                let kind = match name {
                    "critic" => IdKind::Critic,
                    "publication" => IdKind::Publication,
                    _ => *self.pick(&kinds),
                };
                let key = i64::from(*self.pick(&[1, 2, 7, 40, 99, 400, 4_000, 1_000_000]));
                json!(
                    GlobalId {
                        kind,
                        key: key + i64::try_from(self.choice()).unwrap_or(0)
                    }
                    .encode()
                )
            }
            ("String", "slug") => {
                let slugs = self.slugs;
                let slugs_of_kind = self.pick(slugs);
                json!(self.pick(slugs_of_kind))
            }
            _ => {
                let pieces = [
                    "e", "the", "a", " ", "\u{6f22}", "%", "_", "\u{3b1}", "Drama", "\u{130}",
                    "ss", "zzzz",
                ];
                let times = *self.pick(&[1, 1, 2, 10, 75, 300]);
                let piece = *self.pick(&pieces);
                let text: String = piece.repeat(times).chars().take(300).collect();
                json!(text)
            }
        }
    }
}
