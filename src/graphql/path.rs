//! The paths of errors.
//!
//! async-graphql truncates the path of an error that propagates through a list: `films.nodes[1].reviews` becomes
//! `films.nodes[1]`. Non-null fields that can be below a list therefore store their path in an extension of the error,
//! and [`restore`] moves it from there to the error's path.

use async_graphql::{
    ContextBase, Error, PathSegment, QueryPathNode, QueryPathSegment, Result, ServerError, Value,
};

/// The name of the extension with the path. It is removed before the response is sent.
const PATH_EXTENSION: &str = "path";

/// Adds the path to an error.
pub trait WithPath {
    /// Returns the result with the path of the field of `ctx` on its error. An error that has a path keeps it.
    #[must_use]
    fn with_path(self, ctx: &ContextBase<'_, impl Sized>) -> Self;
}

impl<T> WithPath for Result<T> {
    fn with_path(self, ctx: &ContextBase<'_, impl Sized>) -> Self {
        self.map_err(|error| add_path_extension(error, ctx))
    }
}

fn add_path_extension(mut error: Error, ctx: &ContextBase<'_, impl Sized>) -> Error {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get(PATH_EXTENSION).is_none() {
        extensions.set(PATH_EXTENSION, path(ctx.path_node.as_ref()));
    }
    error
}

fn path(mut node: Option<&QueryPathNode<'_>>) -> Value {
    let mut path = Vec::new();
    while let Some(QueryPathNode { parent, segment }) = node {
        path.push(match segment {
            QueryPathSegment::Index(index) => Value::from(*index),
            QueryPathSegment::Name(name) => Value::from(*name),
        });
        node = *parent;
    }
    path.reverse();
    Value::List(path)
}

/// Replaces the path of an error by the one in its extension, if there is one.
pub fn restore(error: &mut ServerError) {
    let Some(extensions) = &mut error.extensions else {
        return;
    };
    if let Some(Value::List(stored)) = extensions.get(PATH_EXTENSION) {
        let segments = stored.iter().filter_map(|segment| match segment {
            Value::String(name) => Some(PathSegment::Field(name.clone())),
            Value::Number(index) => {
                let index = usize::try_from(index.as_u64()?).ok()?;
                Some(PathSegment::Index(index))
            }
            _ => None,
        });
        error.path = segments.collect();
    }
    extensions.unset(PATH_EXTENSION);
}
