//! The GraphQL API: the schema, its types and mutations, and the helpers that they share.

pub mod budget;
pub mod connection;
pub mod constraint;
pub mod filter;
pub mod level_spans;
pub mod lookup;
pub mod mutations;
pub mod order;
pub mod path;
pub mod price;
pub mod price_list;
pub mod scalar;
pub mod schema;
pub mod selection;
pub mod size;
mod skip_validation;
pub mod subscription;
pub mod types;

use std::sync::Arc;

use async_graphql::{ContextBase, Error, ID, Result};

use self::{scalar::Locale, selection::Inlined};
use crate::{
    error::{code, error_with_code, internal_error},
    global_id::{GlobalId, Kind},
    loader::{data_loader::DataLoader, key::LoaderKey},
    pagination::{MAX_PAGE_SIZE, OrderTag, PageArgs, PageError, PageRequest},
    site_rules::SiteRules,
    translations::{Language, RequestLanguage},
};

/// Returns the request data of a type.
///
/// # Errors
///
/// `INTERNAL` if the request has no data of this type.
pub fn request_data<'a, D: Send + Sync + 'static>(
    ctx: &ContextBase<'a, impl Sized>,
) -> Result<&'a D> {
    ctx.data::<D>()
        .map_err(|error| internal_error(&std::io::Error::other(error.message)))
}

/// Returns the language of a field's labels: that of its argument `locale`, or else that of the request.
///
/// # Errors
///
/// `INTERNAL` if the request has no language.
pub fn language<'a>(
    ctx: &ContextBase<'a, impl Sized>,
    locale: Option<Locale>,
) -> Result<&'a Language> {
    let request: &RequestLanguage = request_data(ctx)?;
    let locale = locale.map(|locale| locale.0);
    Ok(request.for_locale(locale.as_deref()))
}

/// Returns the data loader of the request.
///
/// # Errors
///
/// `INTERNAL` if the request has no data loader.
pub fn loader<'a>(ctx: &ContextBase<'a, impl Sized>) -> Result<&'a DataLoader> {
    request_data::<Arc<DataLoader>>(ctx).map(AsRef::as_ref)
}

/// Returns the rules of the site, by which the request computes everything.
///
/// # Errors
///
/// When the rules have changed and can't be read: `UNAVAILABLE` if the database is unavailable, else `INTERNAL`.
pub async fn site_rules(ctx: &ContextBase<'_, impl Sized>) -> Result<Arc<SiteRules>> {
    let rules = loader(ctx)?.current_rules().await;
    rules.map_err(|error| internal_error(&error))
}

/// Returns the rules of the site as the request has taken them before its first read.
pub fn latest_rules(ctx: &ContextBase<'_, impl Sized>) -> Arc<SiteRules> {
    let loader = ctx.data_opt::<Arc<DataLoader>>();
    loader.map(|loader| loader.rules()).unwrap_or_default()
}

/// Loads the value of a key; `None` if it doesn't exist.
///
/// # Errors
///
/// When the statement fails: `UNAVAILABLE` if the database is unavailable, else `INTERNAL`.
pub async fn load<K: LoaderKey>(
    ctx: &ContextBase<'_, impl Sized>,
    key: K,
) -> Result<Option<K::Value>> {
    loader(ctx)?
        .load(key)
        .await
        .map_err(|error| internal_error(&error))
}

/// Converts the result of a lookup to the return type of a nullable field.
pub fn to_nullable_field<T>(found: Result<Option<T>>) -> Option<Result<Inlined<T>>> {
    found.map(|found| found.map(Inlined)).transpose()
}

/// Converts a count to an `Int` of the schema, which ends at 2,147,483,647.
pub fn int(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}

/// Returns the global ID of a row.
#[must_use]
pub fn encode_id(kind: Kind, key: i64) -> ID {
    ID(GlobalId { kind, key }.encode())
}

/// Decodes a global ID to the key of its row.
///
/// # Errors
///
/// `INVALID_ID` if the ID is malformed or of another kind.
pub fn decode_id(id: &ID, kind: Kind) -> Result<i64> {
    match GlobalId::decode(id) {
        Some(global_id) if global_id.kind == kind => Ok(global_id.key),
        Some(other) => Err(error_with_code(
            code::INVALID_ID,
            format!(
                "this is the id of a {}, but the id of a {} is needed",
                other.kind.name(),
                kind.name()
            ),
        )),
        None => Err(invalid_id()),
    }
}

/// Returns the error for a malformed global ID.
#[must_use]
pub fn invalid_id() -> Error {
    error_with_code(
        code::INVALID_ID,
        "this is not a valid id; use the value of a field `id`",
    )
}

/// Parses the paging arguments of a connection.
///
/// # Errors
///
/// `INVALID_PAGE` if `first` and `last` are both given or out of range; `INVALID_CURSOR` if a cursor is malformed or of
/// another order.
pub fn page_request(args: &PageArgs, order: OrderTag) -> Result<PageRequest> {
    PageRequest::parse(args, order).map_err(|error| page_error(&error))
}

/// Parses the argument `first` of a list that is no connection; `default` if it is null.
///
/// # Errors
///
/// `INVALID_PAGE` if it is out of range.
pub fn list_length(first: Option<i32>, default: u16) -> Result<usize> {
    let Some(given) = first else {
        return Ok(default.into());
    };
    let length = usize::try_from(given).ok();
    length
        .filter(|length| *length <= usize::from(MAX_PAGE_SIZE))
        .ok_or_else(|| page_error(&PageError::InvalidSize(given)))
}

/// Returns the error for invalid paging arguments: `INVALID_PAGE` or `INVALID_CURSOR`.
#[must_use]
pub fn page_error(error: &PageError) -> Error {
    let code = match error {
        PageError::FirstAndLast | PageError::InvalidSize(_) => code::INVALID_PAGE,
        PageError::InvalidCursor | PageError::OrderMismatch => code::INVALID_CURSOR,
    };
    error_with_code(code, error.to_string())
}
