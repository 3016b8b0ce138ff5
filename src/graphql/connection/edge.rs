//! The edges of a connection.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{SimpleObject, TypeName};
use macros::InlineObject;

use super::ConnectionNode;
use crate::graphql::selection::Inlined;

/// An item of a list, with its cursor.
#[derive(Debug, InlineObject, SimpleObject)]
#[graphql(name_type)]
pub struct Edge<N: ConnectionNode> {
    /// The item.
    pub(super) node: Inlined<Arc<N>>,
    /// The cursor of the item, for `after` and `before`. It is valid only for the same order, and stays valid when
    /// items are added or deleted.
    pub(super) cursor: String,
}

impl<N: ConnectionNode> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}
