//! Connections of Relay's cursor connections specification, with the additional fields `nodes` and `totalCount`.

mod edge;
pub mod loaded_page;
pub mod page_info;
pub mod selected_parts;

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    Context, ObjectType, Result, TypeName,
    parser::types::{Selection, SelectionSet},
};
use macros::object;

use self::{
    edge::Edge,
    loaded_page::{LoadedPage, Sides},
    page_info::PageInfo,
};
use super::{
    int, loader,
    path::WithPath,
    selection::{FastPath, InlineFields, Inlined, InlinedList},
};
use crate::{
    database::error::ReadError,
    error::internal_error,
    loader::{data_loader::DataLoader, key::LoaderKey},
    pagination::{OrderTag, Page, Position},
};

/// A type that has connections.
pub trait ConnectionNode: ObjectType + InlineFields + Send + Sync + 'static {
    /// The key of the total count.
    type Total: Total;
}

/// The key of the total count of a list.
pub trait Total: Send + Sync {
    /// Returns the number of items of the whole list, from the loader if it has been loaded.
    ///
    /// # Errors
    ///
    /// When the statement fails.
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

/// Calls `visit` with the name of each selected field of a list's items. Returns false if the names are incomplete: if
/// there are fragments, or if the fast path is disabled. Without the fast path, callers read all columns, and tests
/// compare the responses of both paths.
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

/// A page of a list.
#[derive(Debug)]
pub struct Connection<N: ConnectionNode> {
    page: Arc<Page<Arc<N>>>,
    sides: Sides,
    order: OrderTag,
    total: N::Total,
}

impl<N: ConnectionNode> Connection<N> {
    /// Creates a connection from a page, its order and the key of its total count.
    pub fn of(
        page: LoadedPage<Arc<Page<Arc<N>>>>,
        order: OrderTag,
        total: N::Total,
    ) -> Inlined<Self> {
        Inlined(Self {
            page: page.value,
            sides: page.sides,
            order,
            total,
        })
    }

    fn info(&self) -> PageInfo {
        let cursor = |row: Option<&(Arc<N>, Position)>| {
            row.map(|(_, position)| position.to_cursor(self.order))
        };
        PageInfo {
            has_next_page: self.sides.has_next,
            has_previous_page: self.sides.has_previous,
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

/// A page of a list.
#[object(name_type)]
impl<N: ConnectionNode> Connection<N> {
    /// The number of items of the whole list that match the filter, on all pages.
    #[price(TotalCount)]
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let count = self
            .total
            .count(loader(ctx)?)
            .await
            .map_err(|error| internal_error(&error))
            .with_path(ctx)?;
        Ok(int(count))
    }

    /// The items of the page, in the order of the list.
    #[resolve]
    #[price(Nothing)]
    fn nodes(&self) -> InlinedList<Arc<N>> {
        let rows = self.page.rows.iter();
        rows.map(|(node, _)| Arc::clone(node)).collect()
    }

    /// The items of the page, each with its cursor.
    #[resolve]
    #[price(Nothing)]
    fn edges(&self) -> InlinedList<Edge<N>> {
        let edges = self.page.rows.iter().map(|(node, position)| Edge {
            node: Inlined(Arc::clone(node)),
            cursor: position.to_cursor(self.order),
        });
        edges.collect()
    }

    /// The cursors of the page, and whether there are more pages.
    fn page_info(&self) -> Inlined<PageInfo> {
        Inlined(self.info())
    }
}
