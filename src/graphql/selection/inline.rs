//! Inline fields: fields that are written from the values of their object, without waiting and without errors.

use std::{fmt, sync::Arc};

use async_graphql::{
    ContainerType, ContextSelectionSet, ID, Positioned,
    parser::types::{Field, Selection, SelectionSet},
    resolver_utils::EnumType,
};
use async_graphql_value::Value;
use serde::{Serialize, Serializer};

use super::{Inlined, InlinedList};
use crate::{
    graphql::{
        budget::TextBudget,
        scalar::{Date, DateTime},
    },
    loader::{data_loader::DataLoader, key::LoaderKey},
    site_rules::SiteRules,
    translations::{Label, Language, RequestLanguage},
};

/// An object that writes some of its fields inline. `#[object]` and `#[derive(InlineObject)]` implement it.
pub trait InlineFields: ContainerType {
    /// Writes the value of a field, and returns whether it was written. The value must equal the one that async-graphql
    /// resolves. async-graphql resolves the fields that aren't written.
    fn write_field(&self, name: &str, writer: FieldWriter<'_>) -> bool;
}

impl<T: InlineFields> InlineFields for Arc<T> {
    fn write_field(&self, name: &str, writer: FieldWriter<'_>) -> bool {
        T::write_field(self, name, writer)
    }
}

impl<T: InlineFields> InlineFields for &T {
    fn write_field(&self, name: &str, writer: FieldWriter<'_>) -> bool {
        T::write_field(self, name, writer)
    }
}

/// The value of an inline field.
pub trait WriteInline {
    /// Writes the value as JSON, and returns whether it was written. If not, the caller removes the partial output.
    fn write_inline(&self, writer: &mut FieldWriter<'_>) -> bool;
}

/// Implements [`WriteInline`] for types with their serde serialization.
macro_rules! write_as_serde {
    ($($ty:ty),+) => {$(
        impl WriteInline for $ty {
            fn write_inline(&self, writer: &mut FieldWriter<'_>) -> bool {
                writer.json(self)
            }
        }
    )+};
}

write_as_serde!(bool, i32, f64, str, String, ID);

impl WriteInline for Date {
    fn write_inline(&self, writer: &mut FieldWriter<'_>) -> bool {
        writer.json(self.0)
    }
}

impl WriteInline for DateTime {
    fn write_inline(&self, writer: &mut FieldWriter<'_>) -> bool {
        writer.json(self.to_string())
    }
}

impl WriteInline for Label<'_> {
    fn write_inline(&self, writer: &mut FieldWriter<'_>) -> bool {
        writer.json(Displayed(self))
    }
}

/// Serializes a value as the string that it is displayed as, without a copy of the string.
struct Displayed<T>(T);

impl<T: fmt::Display> Serialize for Displayed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<T: WriteInline + ?Sized> WriteInline for &T {
    fn write_inline(&self, writer: &mut FieldWriter<'_>) -> bool {
        T::write_inline(self, writer)
    }
}

impl<T: WriteInline> WriteInline for Option<T> {
    fn write_inline(&self, writer: &mut FieldWriter<'_>) -> bool {
        match self {
            Some(value) => value.write_inline(writer),
            None => writer.json(()),
        }
    }
}

impl<T: WriteInline> WriteInline for [T] {
    fn write_inline(&self, writer: &mut FieldWriter<'_>) -> bool {
        writer.list(self, |item, writer| item.write_inline(writer))
    }
}

impl<T: WriteInline> WriteInline for Vec<T> {
    fn write_inline(&self, writer: &mut FieldWriter<'_>) -> bool {
        self.as_slice().write_inline(writer)
    }
}

impl<T: InlineFields> WriteInline for Inlined<T> {
    fn write_inline(&self, writer: &mut FieldWriter<'_>) -> bool {
        writer.object(&self.0)
    }
}

impl<T: InlineFields> WriteInline for InlinedList<T> {
    fn write_inline(&self, writer: &mut FieldWriter<'_>) -> bool {
        writer.list(&self.0, |object, writer| writer.object(object))
    }
}

/// Writes the value of one field. Its methods return whether they wrote it.
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

impl<'a> FieldWriter<'a> {
    /// Returns the language of the field's labels: that of its argument `locale`, or else that of the request. `None` if
    /// async-graphql has to read the arguments.
    #[must_use]
    pub fn language(&self) -> Option<&'a Language> {
        let request = self.ctx.data_opt::<RequestLanguage>()?;
        match &self.field.arguments[..] {
            [] => Some(request.language()),
            [(name, value)] if name.node.as_str() == "locale" => match &value.node {
                Value::String(locale) => Some(request.for_locale(Some(locale))),
                Value::Null => Some(request.language()),
                _ => None,
            },
            _ => None,
        }
    }
}

impl FieldWriter<'_> {
    /// Returns whether the client gives the field an argument.
    #[must_use]
    pub fn has_arguments(&self) -> bool {
        !self.field.arguments.is_empty()
    }

    /// Returns the rules of the site, by which the request computes everything.
    #[must_use]
    pub fn rules(&self) -> Arc<SiteRules> {
        match self.ctx.data_opt::<Arc<DataLoader>>() {
            Some(loader) => loader.rules(),
            None => Arc::default(),
        }
    }

    /// Writes a value of any type. The text budget isn't charged for a value that isn't written.
    #[must_use]
    pub fn write(&mut self, value: &(impl WriteInline + ?Sized)) -> bool {
        value.write_inline(self)
    }

    /// Writes the serde serialization of a value.
    fn json(&mut self, value: impl Serialize) -> bool {
        serde_json::to_writer(&mut *self.json, &value).is_ok()
    }

    /// Writes the name of an enum's value.
    #[must_use]
    pub fn enum_value<E: EnumType>(&mut self, value: E) -> bool {
        let item = E::items().iter().find(|item| item.value == value);
        item.is_some_and(|item| self.json(item.name))
    }

    /// Writes a long string, if the text budget of the response has enough bytes for it.
    pub(super) fn text(&mut self, text: &str) -> bool {
        let budget = self.ctx.data_opt::<TextBudget>();
        budget.is_some_and(|budget| budget.try_take(text.len())) && self.json(text)
    }

    /// Writes an object, if all its selected fields are inline.
    fn object(&mut self, object: &impl InlineFields) -> bool {
        let set = &self.field.selection_set.node;
        self.with_budget_rollback(|writer| write(object, writer.ctx, set, writer.json).is_none())
    }

    /// Writes a list, if all its items are written.
    fn list<T>(&mut self, items: &[T], write_item: impl Fn(&T, &mut Self) -> bool) -> bool {
        self.with_budget_rollback(|writer| {
            writer.json.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    writer.json.push(b',');
                }
                if !write_item(item, writer) {
                    return false;
                }
            }
            writer.json.push(b']');
            true
        })
    }

    /// Restores the text budget if `write` returns false, because async-graphql then charges the same strings again.
    fn with_budget_rollback(&mut self, write: impl FnOnce(&mut Self) -> bool) -> bool {
        let budget = self.ctx.data_opt::<TextBudget>();
        let used = budget.map_or(0, TextBudget::used);
        let is_written = write(self);
        if !is_written && let Some(budget) = budget {
            budget.restore(used);
        }
        is_written
    }

    /// Writes the object of a key, if the loader has loaded it and all its selected fields are inline.
    pub(super) fn linked<K, T>(&mut self, key: &K) -> bool
    where
        K: LoaderKey<Value = Arc<T>>,
        T: InlineFields,
    {
        let Some(loader) = self.ctx.data_opt::<Arc<DataLoader>>() else {
            return false;
        };
        let object = loader.peek(key);
        object.is_some_and(|object| self.object(&*object))
    }
}

/// Writes an object up to the first field of the set that isn't inline, and returns the index of that field; `None` if
/// all fields are written.
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
        let start = json.len();
        key(selected, json);
        if !field(object, ctx, selected, json) {
            json.truncate(start);
            return Some(index);
        }
    }
    json.push(b'}');
    None
}

/// Writes the key of a field. GraphQL names have no characters that JSON must escape.
pub(super) fn key(field: &Positioned<Field>, json: &mut Vec<u8>) {
    if json.last() != Some(&b'{') {
        json.push(b',');
    }
    json.push(b'"');
    json.extend_from_slice(field.node.response_key().node.as_bytes());
    json.extend_from_slice(b"\":");
}

/// Writes the value of a field if it is inline, and returns whether it is.
pub(super) fn field<T: InlineFields>(
    object: &T,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    json: &mut Vec<u8>,
) -> bool {
    let start = json.len();
    let field = &field.node;
    let mut writer = FieldWriter { ctx, field, json };
    let is_written = match field.name.node.as_str() {
        "__typename" => writer.json(object.introspection_type_name()),
        name => object.write_field(name, writer),
    };
    if !is_written {
        json.truncate(start);
    }
    is_written
}
