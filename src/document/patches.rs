//! Corrections of the executor's responses where they differ from the specification.

use std::collections::HashMap;

use async_graphql::{Name, Pos, Response, Value, parser::types::Field};

/// The prefix of the alias of `kind`, which is selected next to a type's `has_interfaces`. The response name of
/// `has_interfaces` follows the prefix. The specification reserves names that begin with two underscores, so clients
/// have no such alias.
const KIND_ALIAS_PREFIX: &str = "__marquee_kind_of_";

/// The corrections to apply to an operation's response.
#[derive(Clone, Debug, Default)]
pub struct ResponsePatches {
    /// The positions of merged fields, by the position of the first.
    merged: HashMap<Pos, Vec<Pos>>,
    /// Whether the operation selects the interfaces of types.
    has_interfaces: bool,
}

impl ResponsePatches {
    /// Records the positions of fields that were merged. The executor reports only the first in its errors.
    pub fn add_merged_fields(&mut self, positions: Vec<Pos>) {
        if let [first, _, ..] = positions[..] {
            self.merged.insert(first, positions);
        }
    }

    /// Records that `field` selects a type's interfaces. For an interface type without interfaces the executor returns
    /// null, where the specification requires an empty list. Returns the `kind` field to select in addition, which
    /// identifies interface types.
    pub fn add_interfaces(&mut self, field: &Field) -> Field {
        self.has_interfaces = true;
        let mut kind = field.clone();
        let key = &field.response_key().node;
        let alias = Name::new(format!("{KIND_ALIAS_PREFIX}{key}"));
        kind.alias = Some(async_graphql::Positioned::new(alias, field.name.pos));
        kind.name.node = Name::new("kind");
        kind.selection_set.node.items.clear();
        kind
    }

    /// Corrects a response.
    pub fn apply(&self, response: &mut Response) {
        if !self.merged.is_empty() {
            for error in &mut response.errors {
                if let [only] = error.locations[..]
                    && let Some(positions) = self.merged.get(&only)
                {
                    error.locations.clone_from(positions);
                }
            }
        }
        if self.has_interfaces {
            patch_interfaces(&mut response.data);
        }
    }
}

fn patch_interfaces(value: &mut Value) {
    match value {
        Value::List(items) => items.iter_mut().for_each(patch_interfaces),
        Value::Object(fields) => {
            let kinds: Vec<_> = fields
                .iter()
                .filter_map(|(name, kind)| {
                    Some((
                        name.strip_prefix(KIND_ALIAS_PREFIX)?.to_owned(),
                        kind.clone(),
                    ))
                })
                .collect();
            for (key, kind) in kinds {
                fields.shift_remove(format!("{KIND_ALIAS_PREFIX}{key}").as_str());
                if kind == Value::Enum(Name::new("INTERFACE"))
                    && let Some(interfaces @ Value::Null) = fields.get_mut(key.as_str())
                {
                    *interfaces = Value::List(Vec::new());
                }
            }
            fields.values_mut().for_each(patch_interfaces);
        }
        _ => {}
    }
}
