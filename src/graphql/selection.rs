//! Executing what is selected of an object, straight into JSON: the specification's `ExecuteSelectionSet`.
//!
//! async-graphql makes each field a future in a box of a kilobyte and each object a map, and an answer has hundreds of them. Most of them
//! only hand out what is there. Here those that say so are written as they come ([`InlineFields`]); all others, such as what has to wait, has
//! arguments or can fail, are resolved by async-graphql, side by side, each in a place of its own (`buffer`). What a field is, its
//! `#[Object]` says: `tests/it/selection.rs` holds what is written here against what is resolved there.
//!
//! Sets come from the document's pipeline: each field stands in them once, and no fragment is left below a type of one kind.
//!
//! JSON that is written travels as [`Value::Binary`], which no scalar of the schema is; [`write()`] hands it on as it is.

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

/// Stands in the data of a schema whose executions nobody watches field by field. Without it objects are executed by async-graphql, whose
/// extensions see each field.
#[derive(Clone, Copy, Debug)]
pub struct FastPath;

/// An object of which the selected fields become JSON at once. Fields return it around what pages are made of; an object that is asked for
/// once in a request, such as a mutation's payload, is executed by async-graphql without it.
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
        // Types of fields contain each other in circles, which a future of a named type can't.
        let waiting: BoxFuture<'_, _> = if is_inlinable(ctx) {
            let mut json = Vec::with_capacity(USUAL);
            match inline::write(&self.0, ctx, &ctx.item.node, &mut json) {
                None => return Ok(Value::Binary(json.into())),
                Some(rest) => Box::pin(execute(ctx, &self.0, json, rest)),
            }
        } else {
            Box::pin(self.0.resolve(ctx, field))
        };
        waiting.await
    }
}

/// A list of objects of which the selected fields become JSON at once.
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
        let waiting: BoxFuture<'_, _> = if is_inlinable(ctx) {
            Box::pin(execute_each(ctx, &self.0))
        } else {
            Box::pin(self.0.resolve(ctx, field))
        };
        waiting.await
    }
}

/// How many bytes of JSON an object has, about.
const USUAL: usize = 128;

/// Whether the set has nothing but fields, and nobody watches.
fn is_inlinable(ctx: &ContextSelectionSet<'_>) -> bool {
    let items = &ctx.item.node.items;
    let is_field = |item: &Positioned<Selection>| matches!(item.node, Selection::Field(_));
    ctx.data_opt::<FastPath>().is_some() && items.iter().all(is_field)
}

/// The fields of a set that is [ours](is_inlinable), from one of them on.
fn fields(set: &SelectionSet, from: usize) -> impl Iterator<Item = &Positioned<Field>> {
    let items = set.items.iter().skip(from);
    items.filter_map(|item| match &item.node {
        Selection::Field(field) => Some(field),
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => {
            debug_assert!(false, "a fragment is left in a set of fields");
            None
        }
    })
}

/// Goes on with an object of which the fields before `rest` are written, and that one is not plain.
async fn execute<T: InlineFields>(
    ctx: &ContextSelectionSet<'_>,
    object: &T,
    json: Vec<u8>,
    rest: usize,
) -> ServerResult<Value> {
    let mut buffer = JsonBuffer::new(json);
    for (place, field) in fields(&ctx.item.node, rest).enumerate() {
        let json = buffer.json();
        inline::key(field, json);
        if place > 0 && inline::field(object, ctx, field, json) {
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

/// Executes a set of each of several objects.
async fn execute_each<T: InlineFields>(
    ctx: &ContextSelectionSet<'_>,
    objects: &[T],
) -> ServerResult<Value> {
    let set = &ctx.item.node;
    let mut buffer = JsonBuffer::new(Vec::with_capacity(2 + USUAL * objects.len()));
    buffer.json().push(b'[');
    for (index, object) in objects.iter().enumerate() {
        let json = buffer.json();
        if index > 0 {
            json.push(b',');
        }
        let start = json.len();
        if let Some(rest) = inline::write(object, ctx, set, json) {
            let begun = json.split_off(start);
            let item = async move {
                let ctx = ctx.with_index(index);
                execute(&ctx, object, begun, rest).await
            };
            buffer.put(item, ctx.item.pos).await?;
        }
    }
    buffer.json().push(b']');
    buffer.finish(ctx.item.pos).await
}

/// Writes a value that an execution gave, as JSON.
///
/// # Errors
///
/// When it can't be written to.
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
