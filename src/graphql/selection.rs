//! Execution of selection sets directly to JSON: the specification's `ExecuteSelectionSet`.
//!
//! async-graphql allocates a boxed future of about a kilobyte for each field and a map for each object, and a response
//! has hundreds of them. Most fields only return a value of their object. These fields are written inline, in order
//! ([`InlineFields`]). async-graphql resolves all other fields (those that wait, have arguments or can fail)
//! concurrently, each into its own placeholder (`buffer`). `tests/it/selection.rs` checks that both ways give the same
//! response.
//!
//! The selection sets come from the document pipeline: each field occurs once, and below an object type there are no
//! fragments.
//!
//! Written JSON is passed on as [`Value::Binary`], which no scalar of the schema uses. [`write()`] copies it unchanged.

mod buffer;
mod inline;
mod value;

use std::{
    borrow::Cow,
    io::{self, Write},
};

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    parser::types::{Field, Selection, SelectionSet},
    registry::Registry,
};
use futures_util::future::BoxFuture;

use self::buffer::JsonBuffer;
pub use self::{
    inline::{FieldWriter, InlineFields, WriteInline},
    value::{Linked, Text},
};

/// Schema data that enables inline execution. Without it, async-graphql executes all objects, so that its extensions
/// are called for each field.
#[derive(Clone, Copy, Debug)]
pub struct FastPath;

/// An object whose selected fields are written directly to JSON. Fields whose objects occur many times in a response
/// return it. An object that occurs once, such as a mutation's payload, is executed by async-graphql without it.
#[derive(Clone, Copy, Debug)]
pub struct Inlined<T>(pub T);

impl<T: InlineFields> OutputType for Inlined<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        // The types are recursive, so the future must be boxed.
        let future: BoxFuture<'_, _> = if is_inlinable(ctx) {
            let mut json = Vec::with_capacity(ESTIMATED_OBJECT_BYTES);
            match inline::write(&self.0, ctx, &ctx.item.node, &mut json) {
                None => return Ok(Value::Binary(json.into())),
                Some(start) => Box::pin(execute(ctx, &self.0, json, start)),
            }
        } else {
            Box::pin(self.0.resolve(ctx, field))
        };
        future.await
    }
}

/// A list of objects whose selected fields are written directly to JSON.
#[derive(Clone, Debug)]
pub struct InlinedList<T>(pub Vec<T>);

impl<T> FromIterator<T> for InlinedList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<T: InlineFields> OutputType for InlinedList<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let future: BoxFuture<'_, _> = if is_inlinable(ctx) {
            Box::pin(execute_each(ctx, &self.0))
        } else {
            Box::pin(self.0.resolve(ctx, field))
        };
        future.await
    }
}

/// The estimated size of an object's JSON in bytes.
const ESTIMATED_OBJECT_BYTES: usize = 128;

/// Returns whether the fast path is enabled and the set has only fields, no fragments.
fn is_inlinable(ctx: &ContextSelectionSet<'_>) -> bool {
    let items = &ctx.item.node.items;
    let is_field = |item: &Positioned<Selection>| matches!(item.node, Selection::Field(_));
    ctx.data_opt::<FastPath>().is_some() && items.iter().all(is_field)
}

/// Returns the fields of an [inlinable](is_inlinable) set, from an index on.
fn fields(set: &SelectionSet, from: usize) -> impl Iterator<Item = &Positioned<Field>> {
    let items = set.items.iter().skip(from);
    items.filter_map(|item| match &item.node {
        Selection::Field(field) => Some(field),
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => {
            debug_assert!(false, "an inlinable set has no fragments");
            None
        }
    })
}

/// Executes the fields of an object from the index `start` on. The fields before it are written; the field at `start`
/// isn't inline.
async fn execute<T: InlineFields>(
    ctx: &ContextSelectionSet<'_>,
    object: &T,
    json: Vec<u8>,
    start: usize,
) -> ServerResult<Value> {
    let mut buffer = JsonBuffer::new(json);
    for (offset, field) in fields(&ctx.item.node, start).enumerate() {
        let json = buffer.json();
        inline::key(field, json);
        if offset > 0 && inline::field(object, ctx, field, json) {
            continue;
        }
        let value = async {
            let ctx = ctx.with_field(field);
            let value = object.resolve_field(&ctx).await?;
            Ok(value.unwrap_or_default())
        };
        buffer.put(value, field.pos).await?;
    }
    buffer.json().push(b'}');
    buffer.finish(ctx.item.pos).await
}

/// Executes the selection set for each object of a list.
async fn execute_each<T: InlineFields>(
    ctx: &ContextSelectionSet<'_>,
    objects: &[T],
) -> ServerResult<Value> {
    let set = &ctx.item.node;
    let mut buffer = JsonBuffer::new(Vec::with_capacity(
        2 + ESTIMATED_OBJECT_BYTES * objects.len(),
    ));
    buffer.json().push(b'[');
    for (index, object) in objects.iter().enumerate() {
        let json = buffer.json();
        if index > 0 {
            json.push(b',');
        }
        let item_start = json.len();
        if let Some(start) = inline::write(object, ctx, set, json) {
            let partial = json.split_off(item_start);
            let item = async move {
                let ctx = ctx.with_index(index);
                execute(&ctx, object, partial, start).await
            };
            buffer.put(item, ctx.item.pos).await?;
        }
    }
    buffer.json().push(b']');
    buffer.finish(ctx.item.pos).await
}

/// Writes the value of an execution as JSON.
///
/// # Errors
///
/// When `out` returns an error.
pub fn write(value: &Value, out: &mut impl Write) -> io::Result<()> {
    match value {
        Value::Binary(json) => out.write_all(json),
        Value::List(items) => {
            out.write_all(b"[")?;
            for (index, item) in items.iter().enumerate() {
                out.write_all(if index > 0 { b"," } else { b"" })?;
                write(item, out)?;
            }
            out.write_all(b"]")
        }
        Value::Object(fields) => {
            out.write_all(b"{")?;
            for (index, (key, value)) in fields.iter().enumerate() {
                out.write_all(if index > 0 { b"," } else { b"" })?;
                serde_json::to_writer(&mut *out, key)?;
                out.write_all(b":")?;
                write(value, out)?;
            }
            out.write_all(b"}")
        }
        leaf => Ok(serde_json::to_writer(out, leaf)?),
    }
}
