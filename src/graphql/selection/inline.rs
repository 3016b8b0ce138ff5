//! What of an object can be written by looking at it.

use std::{fmt, sync::Arc};

use async_graphql::{
    ContainerType, ContextSelectionSet, Positioned,
    parser::types::{Field, Selection, SelectionSet},
    resolver_utils::EnumType,
};
use serde::Serialize;

use crate::{
    graphql::budget::TextBudget,
    loader::{data_loader::DataLoader, key::LoaderKey},
};

/// An object that can write some of its fields without waiting and without failing.
pub trait InlineFields: ContainerType {
    /// Writes the field of this name into its writer, if it is one of those, and tells whether it was. It says what its resolver would. A
    /// field that isn't written is left to its resolver.
    fn write_field(&self, name: &str, writer: FieldWriter<'_>) -> bool {
        let _ = (name, writer);
        false
    }
}

impl<T: InlineFields> InlineFields for Arc<T> {
    fn write_field(&self, name: &str, writer: FieldWriter<'_>) -> bool {
        T::write_field(self, name, writer)
    }
}

/// Where the value of a field goes. Each way to fill it tells whether it did; what it wrote if it didn't is taken back.
pub struct FieldWriter<'a> {
    ctx: &'a ContextSelectionSet<'a>,
    field: &'a Field,
    json: &'a mut Vec<u8>,
}

impl fmt::Debug for FieldWriter<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("FieldWriter")
            .field(&self.field)
            .finish()
    }
}

impl FieldWriter<'_> {
    /// Whether the field is asked for as it is.
    #[must_use]
    pub fn has_arguments(&self) -> bool {
        !self.field.arguments.is_empty()
    }

    /// Fills it with a value that is JSON as it is.
    #[must_use]
    pub fn value(self, value: impl Serialize) -> bool {
        serde_json::to_writer(self.json, &value).is_ok()
    }

    /// Fills it with the name of an enum's value.
    #[must_use]
    pub fn name<E: EnumType>(self, value: Option<E>) -> bool {
        let Some(value) = value else {
            return self.value(());
        };
        let item = E::items().iter().find(|item| item.value == value);
        item.is_some_and(|item| self.value(item.name))
    }

    /// Fills it with a text that may be long, if the answer has room for it.
    #[must_use]
    pub fn text(self, text: Option<&str>) -> bool {
        let Some(text) = text else {
            return self.value(());
        };
        let budget = self.ctx.data_opt::<TextBudget>();
        budget.is_some_and(|budget| budget.try_take(text.len())) && self.value(text)
    }

    /// Fills it with an object, if all that is selected of it is plain.
    #[must_use]
    pub fn object(self, object: &impl InlineFields) -> bool {
        self.objects(|writer, set| write(object, writer.ctx, set, writer.json).is_none())
    }

    /// Fills it with a list of objects, if all that is selected of them is plain.
    #[must_use]
    pub fn list(self, objects: &[impl InlineFields]) -> bool {
        self.objects(|writer, set| {
            writer.json.push(b'[');
            for (index, object) in objects.iter().enumerate() {
                if index > 0 {
                    writer.json.push(b',');
                }
                if write(object, writer.ctx, set, writer.json).is_some() {
                    return false;
                }
            }
            writer.json.push(b']');
            true
        })
    }

    /// Who doesn't write objects after all gives back what room their texts took.
    fn objects(mut self, write: impl FnOnce(&mut Self, &SelectionSet) -> bool) -> bool {
        let budget = self.ctx.data_opt::<TextBudget>();
        let taken = budget.map_or(0, TextBudget::taken);
        let field = self.field;
        let is_written = write(&mut self, &field.selection_set.node);
        if !is_written && let Some(budget) = budget {
            budget.restore(taken);
        }
        is_written
    }

    /// Fills it with the object that a key names, if that is known and all that is selected of it is plain. Null for no key.
    #[must_use]
    pub fn linked<K, T>(self, key: Option<K>) -> bool
    where
        K: LoaderKey<Value = Arc<T>>,
        T: InlineFields,
    {
        let Some(key) = key else {
            return self.value(());
        };
        let Some(loader) = self.ctx.data_opt::<Arc<DataLoader>>() else {
            return false;
        };
        let known = loader.peek(&key);
        known.is_some_and(|object| self.object(&*object))
    }
}

/// Writes an object up to the first field of the set that isn't plain, and tells which that is; `None` when it is whole.
pub(super) fn write<T: InlineFields>(
    object: &T,
    ctx: &ContextSelectionSet<'_>,
    set: &SelectionSet,
    json: &mut Vec<u8>,
) -> Option<usize> {
    json.push(b'{');
    for (index, item) in set.items.iter().enumerate() {
        let Selection::Field(selected) = &item.node else {
            return Some(index);
        };
        let before = json.len();
        key(selected, json);
        if !field(object, ctx, selected, json) {
            json.truncate(before);
            return Some(index);
        }
    }
    json.push(b'}');
    None
}

/// Writes a field's key. A name of GraphQL has nothing that must be escaped.
pub(super) fn key(field: &Positioned<Field>, json: &mut Vec<u8>) {
    if json.last() != Some(&b'{') {
        json.push(b',');
    }
    json.push(b'"');
    json.extend_from_slice(field.node.response_key().node.as_bytes());
    json.extend_from_slice(b"\":");
}

/// Writes a field's value if it is plain, and tells whether it is.
pub(super) fn field<T: InlineFields>(
    object: &T,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    json: &mut Vec<u8>,
) -> bool {
    let before = json.len();
    let field = &field.node;
    let writer = FieldWriter { ctx, field, json };
    let is_written = match field.name.node.as_str() {
        "__typename" => writer.value(object.introspection_type_name()),
        name => object.write_field(name, writer),
    };
    if !is_written {
        json.truncate(before);
    }
    is_written
}
