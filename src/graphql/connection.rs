//! Connections: pages of lists as Relay's cursor connections specification has them, with `nodes` and `totalCount`.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    Context, ObjectType, Result, SimpleObject, TypeName,
    parser::types::{Selection, SelectionSet},
};
use macros::{InlineObject, object};

use super::{
    loader,
    path::At,
    selection::{FastPath, InlineFields, Inlined, InlinedList},
};
use crate::{
    database::fault::ReadError,
    error::internal,
    loader::{data_loader::DataLoader, key::LoaderKey},
    pagination::{OrderTag, Page, Position},
};

/// What a list can hold.
pub trait ConnectionNode: ObjectType + InlineFields + Send + Sync + 'static {
    /// How to find out how long the whole list is.
    type Total: Total;
}

/// How long a list is.
pub trait Total: Send + Sync {
    /// Counts, if it isn't known.
    fn count(&self, loader: &DataLoader) -> impl Future<Output = Result<u64, ReadError>> + Send;
}

impl<K: LoaderKey<Value = u64>> Total for K {
    async fn count(&self, loader: &DataLoader) -> Result<u64, ReadError> {
        loader
            .load(self.clone())
            .await
            .map(Option::unwrap_or_default)
    }
}

/// Reads a page, and beside it the list's total if the client asks for that: it is known by the time that it is needed.
///
/// # Errors
///
/// When the request was put together without its reads, which is a fault of ours.
pub async fn with_total<P>(
    ctx: &Context<'_>,
    total: &impl Total,
    page: impl Future<Output = P>,
) -> Result<P> {
    if !ctx.look_ahead().field("totalCount").exists() {
        return Ok(page.await);
    }
    // A total that could not be counted is an error of the field `totalCount`, which asks once more.
    let (_, page) = futures_util::future::join(total.count(loader(ctx)?), page).await;
    Ok(page)
}

/// Names each field that is selected of a list's items. False if they can't all be told, or somebody watches the execution: that of all
/// that is there is what this one is held against.
pub fn visit_node_fields(ctx: &Context<'_>, mut visit: impl FnMut(&str)) -> bool {
    fn fields<'s>(
        set: &'s SelectionSet,
        mut visit: impl FnMut(&str, &'s SelectionSet) -> bool,
    ) -> bool {
        set.items.iter().all(|item| match &item.node {
            Selection::Field(field) => visit(&field.node.name.node, &field.node.selection_set.node),
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
        })
    }
    let mut item = |set| {
        fields(set, |name, _| {
            visit(name);
            true
        })
    };
    ctx.data_opt::<FastPath>().is_some()
        && fields(&ctx.item.node.selection_set.node, |name, set| match name {
            "nodes" => item(set),
            "edges" => fields(set, |name, set| name != "node" || item(set)),
            _ => true,
        })
}

/// What a list's page is, once it is read.
///
/// # Errors
///
/// When it could not be read.
pub fn require_page<P>(page: Result<Option<P>, ReadError>) -> Result<P> {
    let page = page.map_err(|error| internal(&error))?;
    // A page is there even if nothing stands on it.
    page.ok_or_else(|| internal(&std::io::Error::other("a page was not read")))
}

/// A page of a list, with the way to the pages beside it.
#[derive(Debug)]
pub struct Connection<N: ConnectionNode> {
    page: Arc<Page<Arc<N>>>,
    order: OrderTag,
    total: N::Total,
}

impl<N: ConnectionNode> Connection<N> {
    /// A page in an order, of a list whose length is known or can be found out.
    pub fn of(page: Arc<Page<Arc<N>>>, order: OrderTag, total: N::Total) -> Inlined<Self> {
        Inlined(Self { page, order, total })
    }

    fn info(&self) -> PageInfo {
        let cursor = |row: Option<&(Arc<N>, Position)>| {
            row.map(|(_, position)| position.to_cursor(self.order))
        };
        PageInfo {
            has_next_page: self.page.has_next,
            has_previous_page: self.page.has_previous,
            start_cursor: cursor(self.page.rows.first()),
            end_cursor: cursor(self.page.rows.last()),
        }
    }
}

impl<N: ConnectionNode> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

/// A page of a list, with the way to the pages beside it.
#[object(name_type)]
impl<N: ConnectionNode> Connection<N> {
    /// How many the whole list holds, on all its pages, as filtered.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let count = self
            .total
            .count(loader(ctx)?)
            .await
            .map_err(|error| internal(&error))
            .at(ctx)?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }

    /// What the page holds, in the list's order.
    #[resolve]
    fn nodes(&self) -> InlinedList<Arc<N>> {
        let rows = self.page.rows.iter();
        rows.map(|(node, _)| Arc::clone(node)).collect()
    }

    /// The same as `nodes`, each with its cursor.
    #[resolve]
    fn edges(&self) -> InlinedList<Edge<N>> {
        let edges = self.page.rows.iter().map(|(node, position)| Edge {
            node: Inlined(Arc::clone(node)),
            cursor: position.to_cursor(self.order),
        });
        edges.collect()
    }

    /// Where the page begins and ends, and whether there are more.
    fn page_info(&self) -> Inlined<PageInfo> {
        Inlined(self.info())
    }
}

/// One of a list, with its place in it.
#[derive(Debug, InlineObject, SimpleObject)]
#[graphql(name_type)]
pub struct Edge<N: ConnectionNode> {
    /// What stands here.
    node: Inlined<Arc<N>>,
    /// Its place, for `after` and `before`. It stays good while rows are added or taken away, and fits only this order.
    cursor: String,
}

impl<N: ConnectionNode> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// Where a page begins and ends, and whether there are more.
#[derive(Debug, InlineObject, SimpleObject)]
pub struct PageInfo {
    /// Whether more follow.
    has_next_page: bool,
    /// Whether more come before.
    has_previous_page: bool,
    /// The cursor of the first on the page; null when the page is empty.
    start_cursor: Option<String>,
    /// The cursor of the last on the page; null when the page is empty.
    end_cursor: Option<String>,
}
