//! Reads the pages of connections.

use async_graphql::{Context, Result};
use futures_util::future::join4;

use super::{Total, selected_parts::SelectedParts};
use crate::{
    error::internal_error,
    graphql::loader,
    loader::page_key::{PageKey, PageValue},
    pagination::{OrderTag, PageRequest},
};

/// A page, as far as the client selects it, and whether the list has more rows on either side.
#[derive(Clone, Debug, Default)]
pub struct LoadedPage<V> {
    /// The page; empty if the client selects nothing of it.
    pub value: V,
    /// Whether there are rows before and after the page, if the client selects that.
    pub sides: Sides,
}

/// Whether a list has rows before and after a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// Whether there are rows before the page.
    pub has_previous: bool,
    /// Whether there are rows after the page.
    pub has_next: bool,
}

impl Sides {
    /// Returns the sides as far as the page determines them: whether its range has more rows than the page.
    const fn of_page(request: &PageRequest, has_more: bool) -> Self {
        Self {
            has_previous: has_more && request.is_from_end,
            has_next: has_more && !request.is_from_end,
        }
    }
}

/// Loads the page of a key, and concurrently what else the client selects of its connection: see [`read_page`].
///
/// # Errors
///
/// When a statement failed: `UNAVAILABLE` if the database is unavailable, else `INTERNAL`.
pub async fn load_page<K: PageKey>(
    ctx: &Context<'_>,
    total: &impl Total,
    order: OrderTag,
    key: K,
) -> Result<LoadedPage<K::Value>> {
    let loader = loader(ctx)?;
    let load = |request| {
        let page = loader.load(key.clone().with_page(request));
        async move {
            let page = page.await.map_err(|error| internal_error(&error))?;
            // An empty page is a value, so the loader returns one for every key.
            page.ok_or_else(|| {
                internal_error(&std::io::Error::other("the loader returned no page"))
            })
        }
    };
    read_page(ctx, total, (key.page(), order), load).await
}

/// Reads a page, and concurrently what else the client selects of its connection. The loader then has the total count
/// when the field is resolved. Rows beyond the cursors are looked up by the requests for empty pages.
///
/// # Errors
///
/// When a read of the page, or of the rows beyond its cursors, fails.
pub async fn read_page<V: PageValue, P: Future<Output = Result<V>> + Send>(
    ctx: &Context<'_>,
    total: &impl Total,
    (request, order): (&PageRequest, OrderTag),
    read: impl Fn(PageRequest) -> P + Send + Sync,
) -> Result<LoadedPage<V>> {
    let parts = SelectedParts::of(&ctx.item.node.selection_set.node);
    let reads = parts.reads(request.into());
    if !parts.total_count && reads.is_only_page() {
        // Most pages need nothing else.
        let value = read(request.clone()).await?;
        let sides = Sides::of_page(request, value.has_more());
        return Ok(LoadedPage { value, sides });
    }
    let page = reads.page.then(|| request.clone());
    let up_to_after = request.after.as_ref().filter(|_| reads.up_to_after);
    let up_to_after = up_to_after.map(|after| PageRequest::up_to(after, order));
    let from_before = request.before.as_ref().filter(|_| reads.from_before);
    let from_before = from_before.map(|before| PageRequest::starting_at(before, order));
    let read_if_needed = |request: Option<PageRequest>| {
        let page = request.map(&read);
        async move {
            match page {
                Some(page) => page.await,
                None => Ok(V::default()),
            }
        }
    };
    let loader = loader(ctx)?;
    let count = async {
        if parts.total_count {
            // An error of the count is ignored here: the field `totalCount` loads the count again and reports it.
            let _ = total.count(loader).await;
        }
    };
    let ((), page, up_to_after, from_before) = join4(
        count,
        read_if_needed(page),
        read_if_needed(up_to_after),
        read_if_needed(from_before),
    )
    .await;
    let value = page?;
    let mut sides = Sides::of_page(request, value.has_more());
    sides.has_previous |= up_to_after?.has_more();
    sides.has_next |= from_before?.has_more();
    Ok(LoadedPage { value, sides })
}
