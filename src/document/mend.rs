//! What the executor's answers are given that it leaves out.

use std::collections::HashMap;

use async_graphql::{Name, Pos, Response, Value, parser::types::Field};

/// By which the kind of a type is asked for beside its interfaces. The rest is the name under which those stand in the answer. Names with
/// two underscores are the specification's, so no client of good will has one like it.
const KIND: &str = "__marquee_kind_of_";

/// What is to be mended in an operation's answer.
#[derive(Clone, Debug, Default)]
pub struct Mends {
    /// The places of fields that were put together, by that of the first.
    merged: HashMap<Pos, Vec<Pos>>,
    /// Whether it asks for the interfaces of types.
    interfaces: bool,
}

impl Mends {
    /// Notes that the fields at these places are one from now on: the executor tells only the first in its errors.
    pub fn note_merged(&mut self, places: Vec<Pos>) {
        if let [first, _, ..] = places[..] {
            self.merged.insert(first, places);
        }
    }

    /// Notes that a type's interfaces are asked for, which the executor answers with null for an interface that has none, where the
    /// specification has an empty list. Gives the field by which that is known.
    pub fn note_interfaces(&mut self, field: &Field) -> Field {
        self.interfaces = true;
        let mut kind = field.clone();
        let key = &field.response_key().node;
        let alias = Name::new(format!("{KIND}{key}"));
        kind.alias = Some(async_graphql::Positioned::new(alias, field.name.pos));
        kind.name.node = Name::new("kind");
        kind.selection_set.node.items.clear();
        kind
    }

    /// Mends an answer.
    pub fn apply(&self, response: &mut Response) {
        if !self.merged.is_empty() {
            for error in &mut response.errors {
                if let [only] = error.locations[..]
                    && let Some(places) = self.merged.get(&only)
                {
                    error.locations.clone_from(places);
                }
            }
        }
        if self.interfaces {
            mend_interfaces(&mut response.data);
        }
    }
}

fn mend_interfaces(value: &mut Value) {
    match value {
        Value::List(items) => items.iter_mut().for_each(mend_interfaces),
        Value::Object(fields) => {
            let kinds: Vec<_> = fields
                .iter()
                .filter_map(|(name, kind)| {
                    Some((name.strip_prefix(KIND)?.to_owned(), kind.clone()))
                })
                .collect();
            for (key, kind) in kinds {
                fields.shift_remove(format!("{KIND}{key}").as_str());
                if kind == Value::Enum(Name::new("INTERFACE"))
                    && let Some(interfaces @ Value::Null) = fields.get_mut(key.as_str())
                {
                    *interfaces = Value::List(Vec::new());
                }
            }
            fields.values_mut().for_each(mend_interfaces);
        }
        _ => {}
    }
}
