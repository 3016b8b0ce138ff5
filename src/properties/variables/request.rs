//! Generates a request for a field of the schema, from choices.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::document::schema::{
    Schema,
    types::{Field, Kind, base_type_name},
};

pub(super) struct RequestGenerator<'a, C> {
    pub(super) schema: &'a Schema,
    pub(super) choices: C,
}

impl<'a, C: Iterator<Item = u8>> RequestGenerator<'a, C> {
    /// Returns the next choice; 0, the first option, when no choices are left.
    pub(super) fn choice(&mut self) -> usize {
        self.choices.next().map_or(0, usize::from)
    }

    pub(super) fn pick<'o, T>(&mut self, options: &'o [T]) -> &'o T {
        let choice = self.choice() % options.len();
        &options[choice]
    }

    pub(super) fn request(&mut self) -> (String, Map<String, Value>) {
        let roots = [
            ("query", "Query", ""),
            ("mutation", "Mutation", ""),
            ("query", "Film", "film(by: {slug: \"a\"})"),
            ("query", "Critic", "critic(by: {slug: \"a\"})"),
            (
                "query",
                "ScoreDistribution",
                "film(by: {slug: \"a\"}) { scoreDistribution",
            ),
            ("query", "Review", "review(id: \"a\")"),
            ("subscription", "Subscription", ""),
        ];
        let (keyword, parent, enclosing) = *self.pick(&roots);
        let (name, field) = self.field(parent);
        let (mut declared, mut used, mut variables) = (String::new(), String::new(), Map::new());
        for argument in &field.arguments {
            let is_required = !argument.ty.nullable && !argument.has_default;
            if !is_required && self.choice().is_multiple_of(3) {
                continue;
            }
            // Writing to a `String` can't fail.
            let _ = write!(declared, " ${}: {}", argument.name, argument.ty);
            let _ = write!(used, " {0}: ${0}", argument.name);
            let value = self.value(&argument.ty, 0);
            variables.insert(argument.name.clone(), value);
        }
        let in_brackets = |text: &str| {
            if text.is_empty() {
                String::new()
            } else {
                format!("({text})")
            }
        };
        let selection = self.selection(base_type_name(&field.ty));
        let mut query = format!("{name}{}{selection}", in_brackets(&used));
        if !enclosing.is_empty() {
            query = format!(
                "{enclosing} {{ {query} }}{}",
                "}".repeat(enclosing.matches('{').count().saturating_sub(1))
            );
        }
        (
            format!("{keyword}{} {{ {query} }}", in_brackets(&declared)),
            variables,
        )
    }

    /// Picks a field that has arguments.
    fn field(&mut self, parent: &str) -> (&'a str, &'a Field) {
        let fields = self.schema.find(parent).and_then(|ty| ty.fields());
        let fields = fields.into_iter().flatten();
        let mut fields: Vec<_> = fields
            .filter(|(_, field)| !field.arguments.is_empty())
            .map(|(name, field)| (name.as_str(), field))
            .collect();
        // The iteration order of a map differs between runs.
        fields.sort_by_key(|(name, _)| *name);
        *self.pick(&fields)
    }

    fn selection(&self, ty: &str) -> &'static str {
        match self.schema.find(ty).map(|ty| &ty.kind) {
            Some(Kind::Object(fields)) if fields.contains_key("totalCount") => {
                " { totalCount nodes { __typename id } pageInfo { endCursor } }"
            }
            Some(Kind::Object(fields)) if fields.contains_key("userErrors") => {
                " { userErrors { field code message } }"
            }
            Some(Kind::Object(_) | Kind::Interface(..) | Kind::Union(_)) => " { __typename }",
            _ => "",
        }
    }

    pub(super) fn value_of_another_type(&mut self) -> Value {
        let deep = |times: usize| (0..times).fold(json!([]), |value, _| json!([value]));
        match self.choice() % 8 {
            0 => json!(true),
            1 => json!(1e300),
            2 => json!(i64::MIN),
            3 => json!({}),
            4 => json!({"a": {"b": []}}),
            5 => deep(20),
            6 => deep(40),
            _ => json!(self.text()),
        }
    }
}
