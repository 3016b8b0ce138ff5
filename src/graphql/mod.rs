//! What the GraphQL surfaces of all domains share.

pub mod budget;
pub mod connection;
pub mod constraint;
pub mod filter;
pub mod levels;
pub mod mutations;
pub mod order;
pub mod path;
pub mod scalar;
pub mod schema;
pub mod selection;
pub mod size;
pub mod subscription;
pub mod types;

use std::sync::Arc;

use async_graphql::{ContextBase, Error, ID, Result};

use self::selection::Inlined;
use crate::{
    error::{bad_input, code, internal},
    global_id::{GlobalId, Kind},
    loader::{data_loader::DataLoader, key::LoaderKey},
    pagination::{OrderTag, PageArgs, PageError, PageRequest},
};

/// What the request was put together with.
///
/// # Errors
///
/// When it was put together without it, which is a fault of ours.
pub fn data<'a, D: Send + Sync + 'static>(ctx: &ContextBase<'a, impl Sized>) -> Result<&'a D> {
    ctx.data::<D>()
        .map_err(|error| internal(&std::io::Error::other(error.message)))
}

/// The reads of this request.
///
/// # Errors
///
/// When the request was put together without them, which is a fault of ours.
pub fn loader<'a>(ctx: &ContextBase<'a, impl Sized>) -> Result<&'a DataLoader> {
    data::<Arc<DataLoader>>(ctx).map(AsRef::as_ref)
}

/// What a key names, if it is there.
///
/// # Errors
///
/// When it could not be read, which is a fault of ours.
pub async fn load<K: LoaderKey>(
    ctx: &ContextBase<'_, impl Sized>,
    key: K,
) -> Result<Option<K::Value>> {
    loader(ctx)?
        .load(key)
        .await
        .map_err(|error| internal(&error))
}

/// An object that may not be require_page, as a field answers it.
pub fn found<T>(found: Result<Option<T>>) -> Option<Result<Inlined<T>>> {
    found.map(|found| found.map(Inlined)).transpose()
}

/// The GraphQL id of a row.
#[must_use]
pub fn id(kind: Kind, key: i64) -> ID {
    ID(GlobalId { kind, key }.encode())
}

/// The key of the row that an id names, if it names one of that kind.
///
/// # Errors
///
/// When it isn't one of our ids, or names something else.
pub fn key(id: &ID, kind: Kind) -> Result<i64> {
    match GlobalId::decode(id) {
        Some(global) if global.kind == kind => Ok(global.key),
        Some(other) => Err(bad_input(
            code::INVALID_ID,
            format!(
                "this is the id of a {}, where that of a {} is needed",
                other.kind.name(),
                kind.name()
            ),
        )),
        None => Err(unknown_id()),
    }
}

/// The error for what is none of our ids.
#[must_use]
pub fn unknown_id() -> Error {
    bad_input(
        code::INVALID_ID,
        "this is not an id of this server; take it from a field `id`",
    )
}

/// The page that a connection's arguments ask for.
///
/// # Errors
///
/// When they contradict each other, or a cursor is not of this list.
pub fn page_request(args: &PageArgs, order: OrderTag) -> Result<PageRequest> {
    PageRequest::parse(args, order).map_err(|error| {
        let code = match error {
            PageError::FirstAndLast | PageError::Size(_) => code::INVALID_PAGE,
            PageError::UnknownCursor | PageError::CursorOfOtherOrder => code::INVALID_CURSOR,
        };
        bad_input(code, error.to_string())
    })
}
