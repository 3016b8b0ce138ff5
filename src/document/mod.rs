//! What stands in front of execution: a document from a stranger becomes an operation that is safe to execute, or is refused.
//!
//! ```text
//! text → limits → parse → guard → validate → convert │ operation → variables → collect → bounds → cost
//!                 static, cached by the text         │ each request
//! ```
//!
//! async-graphql executes; it doesn't guard. What it gets has been held against the schema by the rules of the specification, has
//! variables with values of their types, and is small. Each stage is a pure function in a file of its own.

pub mod bounds;
mod cache;
mod collect;
mod convert;
mod cost;
mod guard;
#[cfg(any(test, feature = "laws"))]
pub mod laws;
pub mod limits;
pub mod mend;
mod parse;
mod position;
pub mod rejection;
mod scalar;
pub mod schema;
mod suggestion;
mod validate;
mod variables;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_graphql::{
    Positioned, ServerError,
    parser::types::{ExecutableDocument, OperationDefinition, OperationType},
};
use bluejay_core::AsIter;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use self::{
    cache::Cache,
    collect::Fragments,
    convert::{Named, convert, executable},
    limits::Limits,
    mend::Mends,
    rejection::{Rejection, Stage},
    schema::{NotASchema, Schema},
};

use crate::observe::{CacheMetrics, TRACES};

/// Takes documents in.
#[derive(Debug)]
pub struct Pipeline {
    schema: Schema,
    limits: Limits,
    /// Whether to tell names that are like one that isn't there.
    suggestions: bool,
    cache: Cache,
}

/// A document that fits the schema and is within the limits.
#[derive(Debug)]
pub struct Document {
    operations: Vec<Named>,
    fragments: Fragments,
    /// Whether it asks for the schema, anywhere.
    introspects: bool,
    /// The SHA-256 of its text, by which logs name it.
    hash: [u8; 32],
}

/// What is to be executed.
#[derive(Debug)]
pub struct Plan {
    /// The operation, as a document of its own, without variables, fragments and conditions.
    pub document: ExecutableDocument,
    /// What kind it is.
    pub kind: OperationType,
    /// How it is called in its document, if it has a name.
    pub name: Option<String>,
    /// What it costs.
    pub cost: usize,
    /// What is to be mended in its answer.
    pub mends: Mends,
}

impl Pipeline {
    /// For a schema as text. With `suggestions` a name that isn't there is told with those that are like it. `cache` is how many bytes
    /// known documents may take, of which `metrics` tells.
    ///
    /// # Errors
    ///
    /// When the schema is none.
    pub fn new(
        sdl: &str,
        limits: Limits,
        suggestions: bool,
        cache: u64,
        metrics: CacheMetrics,
    ) -> Result<Self, NotASchema> {
        Ok(Self {
            schema: Schema::parse(sdl)?,
            limits,
            suggestions,
            cache: Cache::new(cache, metrics),
        })
    }

    /// What a request may ask for.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A document that was found good before, if it is still known.
    #[must_use]
    pub fn known(&self, text: &str) -> Option<Arc<Document>> {
        self.cache.find(text)
    }

    /// The static stages: what doesn't depend on the request's variables. A document that is good is known from then on.
    ///
    /// # Errors
    ///
    /// When it is above a limit, is no document, or doesn't fit the schema.
    pub fn document(&self, text: &str) -> Result<Arc<Document>, Rejection> {
        if let Some(known) = self.cache.find(text) {
            return Ok(known);
        }
        let document = Arc::new(self.examine(text)?);
        self.cache.add(text, &document);
        Ok(document)
    }

    fn examine(&self, text: &str) -> Result<Document, Rejection> {
        let span = tracing::info_span!(target: TRACES, "document.parse");
        let parsed = span.in_scope(|| parse::parse(text, &self.limits))?;
        guard::check(&parsed, &self.limits)?;
        let span = tracing::info_span!(target: TRACES, "document.validate");
        span.in_scope(|| validate::validate(text, &parsed, &self.schema, self.suggestions))?;
        let converted = convert(text, &parsed);
        let doubled = converted.doubled_keys.into_iter();
        let doubled = doubled.map(|(key, pos)| {
            ServerError::new(format!("an object has the field `{key}` twice"), Some(pos))
        });
        let doubled: Vec<_> = doubled.collect();
        if !doubled.is_empty() {
            return Err(Rejection::new(Stage::Validate, doubled));
        }
        Ok(Document {
            introspects: converted.introspects,
            hash: Sha256::digest(text).into(),
            operations: converted.operations,
            fragments: converted.fragments,
        })
    }

    /// The stages of a request: what is to be executed of a document.
    ///
    /// # Errors
    ///
    /// When the operation isn't there, its variables don't fit, an argument holds too much, or it costs too much.
    pub fn plan(
        &self,
        document: &Document,
        operation_name: Option<&str>,
        variables: &Map<String, Value>,
    ) -> Result<Plan, Rejection> {
        let (name, operation) = document.operation(operation_name)?;
        let values = variables::coerce(&self.schema, &operation.node, variables, &self.limits)?;
        let collected = collect::collect(&self.schema, &document.fragments, operation, &values);
        values.check_copied()?;
        bounds::check(&self.schema, &collected.operation)?;
        let cost = cost::check(&self.schema, &collected.operation, &self.limits)?;
        Ok(Plan {
            kind: operation.node.ty,
            name,
            cost,
            mends: collected.mends,
            document: executable(collected.operation),
        })
    }
}

impl Document {
    /// Whether it asks for the schema anywhere, also in what isn't run: mistakes there are answered as well. `__typename` is no such
    /// question.
    #[must_use]
    pub fn introspects(&self) -> bool {
        self.introspects
    }

    /// The SHA-256 of its text, by which logs name it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The names of its operations, as far as they have some.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.operations
            .iter()
            .filter_map(|(name, _)| name.as_deref())
    }

    /// Which kind of operation a name, or none, would run, if there is one.
    #[must_use]
    pub fn kind_of(&self, name: Option<&str>) -> Option<OperationType> {
        self.operation(name)
            .ok()
            .map(|(_, operation)| operation.node.ty)
    }

    /// The operation of that name; the only one, without a name.
    fn operation(
        &self,
        name: Option<&str>,
    ) -> Result<(Option<String>, &Positioned<OperationDefinition>), Rejection> {
        let unknown =
            |message: String| Rejection::one(Stage::Operation, ServerError::new(message, None));
        match (name, &self.operations[..]) {
            (None, [only]) => Ok(told(only)),
            (None, []) => Err(unknown("the document has no operation".to_owned())),
            (None, _) => Err(unknown(
                "the document has several operations; say which to run with `operationName`"
                    .to_owned(),
            )),
            (Some(wanted), operations) => {
                let named = |(name, _): &&Named| name.as_ref().is_some_and(|name| name == wanted);
                operations.iter().find(named).map(told).ok_or_else(|| {
                    let wanted: String = wanted.chars().take(80).collect();
                    unknown(format!("the document has no operation named \"{wanted}\""))
                })
            }
        }
    }
}

/// What there is of something that may be missing.
fn all<'a, T: AsIter>(of: Option<&'a T>) -> impl Iterator<Item = &'a T::Item>
where
    T::Item: 'a,
{
    of.into_iter().flat_map(AsIter::iter)
}

fn told((name, operation): &Named) -> (Option<String>, &Positioned<OperationDefinition>) {
    (name.as_ref().map(ToString::to_string), operation)
}
