//! Where in an answer an error stands.
//!
//! async-graphql cuts the path of an error short when it passes a list: of `films.nodes[1].reviews` only `films.nodes[1]` is left. So fields
//! that can't be null, and can stand in a list, note their path on an error, and it is taken from there in the end.

use async_graphql::{
    ContextBase, Error, PathSegment, QueryPathNode, QueryPathSegment, Result, ServerError, Value,
};

/// Under which name a path is noted. No client sees it.
const NOTED: &str = "path";

/// Notes where an error arose.
pub trait At {
    /// The same; an error notes that it arose at the field of `ctx`, unless it has noted another.
    #[must_use]
    fn at(self, ctx: &ContextBase<'_, impl Sized>) -> Self;
}

impl<T> At for Result<T> {
    fn at(self, ctx: &ContextBase<'_, impl Sized>) -> Self {
        self.map_err(|error| note(error, ctx))
    }
}

fn note(mut error: Error, ctx: &ContextBase<'_, impl Sized>) -> Error {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get(NOTED).is_none() {
        extensions.set(NOTED, path(ctx.path_node.as_ref()));
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

/// Gives an error the path that it noted, if it did.
pub fn restore(error: &mut ServerError) {
    let Some(extensions) = &mut error.extensions else {
        return;
    };
    if let Some(Value::List(noted)) = extensions.get(NOTED) {
        let segments = noted.iter().filter_map(|segment| match segment {
            Value::String(name) => Some(PathSegment::Field(name.clone())),
            Value::Number(index) => {
                let index = usize::try_from(index.as_u64()?).ok()?;
                Some(PathSegment::Index(index))
            }
            _ => None,
        });
        error.path = segments.collect();
    }
    extensions.unset(NOTED);
}
