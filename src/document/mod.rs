//! The stages before execution: an untrusted document becomes an operation that is safe to execute, or is rejected.
//!
//! ```text
//! text → limits → parse → complexity → validate → convert │ operation → variables → collect → bounds → cost
//!                static, cached by the text               │ each request
//! ```
//!
//! async-graphql only executes operations. The operations that it gets are validated against the schema by the rules of
//! the specification, have coerced variables, and are within the limits. Each stage is a pure function in its own file.

pub mod bounds;
mod cache;
mod collect;
mod complexity;
mod convert;
pub mod cost;
pub mod error;
pub mod limits;
mod parse;
pub mod patches;
mod position;
#[cfg(any(test, feature = "properties"))]
pub mod properties;
mod scalar;
pub mod schema;
mod suggestion;
mod validate;
mod variables;

#[cfg(test)]
mod tests;

use std::{num::NonZeroUsize, sync::Arc};

use async_graphql::{
    Positioned, ServerError,
    parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection},
};
use bluejay_core::AsIter;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use self::{
    cache::DocumentCache,
    collect::Fragments,
    convert::{NamedOperation, convert, executable},
    cost::OperationCost,
    error::{DocumentError, Stage},
    limits::Limits,
    patches::ResponsePatches,
    schema::{Schema, SchemaError},
};

use crate::{
    graphql::schema::PRIVATE_FIELDS,
    metrics::{CacheMetrics, TRACE_TARGET},
    review::statistics::CurrentStatistics,
};

/// Validates documents and plans their operations.
#[derive(Debug)]
pub struct Pipeline {
    schema: Arc<Schema>,
    limits: Limits,
    /// Whether errors about unknown names suggest similar names.
    has_suggestions: bool,
    cache: DocumentCache,
    /// The size of the catalogue, by which the cost of operations is estimated.
    statistics: Arc<CurrentStatistics>,
}

/// A document that is valid against the schema and within the limits.
#[derive(Debug)]
pub struct Document {
    operations: Vec<NamedOperation>,
    fragments: Fragments,
    /// Whether any operation or fragment selects `__schema` or `__type`.
    has_introspection: bool,
    /// The SHA-256 of the text. Logs identify the document by it.
    hash: [u8; 32],
}

/// An operation that is ready for execution.
#[derive(Debug)]
pub struct Plan {
    /// The operation as a separate document, without variables, named fragments and directives.
    pub document: ExecutableDocument,
    /// The type of the operation.
    pub operation_type: OperationType,
    /// The name of the operation, if it has one.
    pub name: Option<String>,
    /// The cost of the operation.
    pub cost: OperationCost,
    /// The corrections to apply to the response.
    pub patches: ResponsePatches,
    /// Whether the response has labels in the language of the request.
    pub depends_on_language: bool,
    /// Whether the response depends on the caller.
    pub is_private: bool,
}

impl Pipeline {
    /// Creates a pipeline for a schema in SDL. With `has_suggestions`, errors about unknown names suggest similar
    /// names. `cache_bytes` is the capacity of the document cache in bytes; `metrics` are the metrics of that cache.
    ///
    /// # Errors
    ///
    /// When the schema is invalid.
    pub fn new(
        sdl: &str,
        limits: Limits,
        has_suggestions: bool,
        cache_bytes: u64,
        metrics: CacheMetrics,
    ) -> Result<Self, SchemaError> {
        Ok(Self {
            schema: Arc::new(Schema::parse(sdl)?),
            limits,
            has_suggestions,
            cache: DocumentCache::new(cache_bytes, metrics),
            statistics: Arc::default(),
        })
    }

    /// Sets the statistics of the catalogue, by which the cost of operations is estimated.
    #[must_use]
    pub fn with_statistics(self, statistics: Arc<CurrentStatistics>) -> Self {
        Self { statistics, ..self }
    }

    /// Returns a pipeline for one of `workers`, with a cache of its own, which has its share of the capacity. If workers
    /// shared the documents, each use of a name would write its reference count, and move its cache line from one
    /// processor to another.
    #[must_use]
    pub fn for_worker(&self, workers: NonZeroUsize) -> Self {
        Self {
            schema: Arc::clone(&self.schema),
            limits: self.limits,
            has_suggestions: self.has_suggestions,
            cache: self.cache.for_worker(workers),
            statistics: Arc::clone(&self.statistics),
        }
    }

    /// Returns the limits of requests.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns a valid document from the cache.
    #[must_use]
    pub fn cached(&self, text: &str) -> Option<Arc<Document>> {
        self.cache.get(text)
    }

    /// Runs the static stages, which don't depend on the request's variables. A valid document is cached.
    ///
    /// # Errors
    ///
    /// When the document exceeds a limit, can't be parsed, or is invalid against the schema.
    pub fn document(&self, text: &str) -> Result<Arc<Document>, DocumentError> {
        if let Some(cached) = self.cache.get(text) {
            return Ok(cached);
        }
        let document = Arc::new(self.parse_and_validate(text)?);
        self.cache.insert(text, &document);
        Ok(document)
    }

    /// Validates a document as one of a request. Returns the names of the operations that have one.
    ///
    /// # Errors
    ///
    /// When the document exceeds a limit, can't be parsed, or is invalid against the schema. The message has the line and the
    /// column.
    pub fn operation_names(&self, text: &str) -> Result<Vec<String>, String> {
        let document = self.document(text).map_err(|error| error.to_string())?;
        Ok(document.operation_names().map(str::to_owned).collect())
    }

    fn parse_and_validate(&self, text: &str) -> Result<Document, DocumentError> {
        let span = tracing::info_span!(target: TRACE_TARGET, "document.parse");
        let parsed = span.in_scope(|| parse::parse(text, &self.limits))?;
        complexity::check(&parsed, &self.limits)?;
        let span = tracing::info_span!(target: TRACE_TARGET, "document.validate");
        span.in_scope(|| validate::validate(text, &parsed, &self.schema, self.has_suggestions))?;
        let converted = convert(text, &parsed);
        let duplicates = converted.duplicate_keys.into_iter();
        let errors = duplicates.map(|(key, pos)| {
            ServerError::new(format!("an object has the field `{key}` twice"), Some(pos))
        });
        let errors: Vec<_> = errors.collect();
        if !errors.is_empty() {
            return Err(DocumentError::new(Stage::Validate, errors));
        }
        Ok(Document {
            has_introspection: converted.has_introspection,
            hash: Sha256::digest(text).into(),
            operations: converted.operations,
            fragments: converted.fragments,
        })
    }

    /// Runs the stages that depend on the request, and returns the operation to execute.
    ///
    /// # Errors
    ///
    /// When the operation isn't in the document, a variable has an invalid value, an argument is too long, or the
    /// operation costs too much.
    pub fn plan(
        &self,
        document: &Document,
        operation_name: Option<&str>,
        variables: &Map<String, Value>,
    ) -> Result<Plan, DocumentError> {
        let (name, operation) = document.operation(operation_name)?;
        let values = variables::coerce(&self.schema, &operation.node, variables, &self.limits)?;
        let collected = collect::collect(&self.schema, &document.fragments, operation, &values)?;
        values.check_copied()?;
        bounds::check(&self.schema, &collected.operation)?;
        let cost = self.statistics.with(|statistics| {
            cost::check(&self.schema, &collected.operation, &self.limits, statistics)
        })?;
        Ok(Plan {
            operation_type: operation.node.ty,
            name,
            cost,
            patches: collected.patches,
            depends_on_language: collected.depends_on_language,
            is_private: is_private(&collected.operation.node),
            document: executable(collected.operation),
        })
    }
}

/// Returns whether an operation with collected fields selects a field whose value depends on the caller.
fn is_private(operation: &OperationDefinition) -> bool {
    let mut items = operation.selection_set.node.items.iter();
    operation.ty == OperationType::Query
        && items.any(|item| match &item.node {
            Selection::Field(field) => PRIVATE_FIELDS.contains(&field.node.name.node.as_str()),
            Selection::InlineFragment(_) | Selection::FragmentSpread(_) => false,
        })
}

impl Document {
    /// Returns whether any operation or fragment selects `__schema` or `__type`, even one that isn't executed:
    /// validation reports errors there as well. `__typename` doesn't count.
    #[must_use]
    pub fn has_introspection(&self) -> bool {
        self.has_introspection
    }

    /// Returns the SHA-256 of the text. Logs identify the document by it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Returns the names of the operations that have one.
    pub fn operation_names(&self) -> impl Iterator<Item = &str> {
        self.operations
            .iter()
            .filter_map(|(name, _)| name.as_deref())
    }

    /// Returns the type of the operation that a request with this operation name runs, if there is one.
    #[must_use]
    pub fn operation_type(&self, name: Option<&str>) -> Option<OperationType> {
        self.operation(name)
            .ok()
            .map(|(_, operation)| operation.node.ty)
    }

    /// Returns the operation with that name; without a name, the only operation.
    fn operation(
        &self,
        name: Option<&str>,
    ) -> Result<(Option<String>, &Positioned<OperationDefinition>), DocumentError> {
        let unknown = |message: String| {
            DocumentError::single(Stage::Operation, ServerError::new(message, None))
        };
        match (name, &self.operations[..]) {
            (None, [only]) => Ok(name_and_operation(only)),
            (None, []) => Err(unknown("the document has no operation".to_owned())),
            (None, _) => Err(unknown(
                "the document has several operations; select one with `operationName`".to_owned(),
            )),
            (Some(requested), operations) => {
                let is_requested = |(name, _): &&NamedOperation| {
                    name.as_ref().is_some_and(|name| name == requested)
                };
                operations
                    .iter()
                    .find(is_requested)
                    .map(name_and_operation)
                    .ok_or_else(|| {
                        let requested: String = requested.chars().take(80).collect();
                        unknown(format!(
                            "the document has no operation named \"{requested}\""
                        ))
                    })
            }
        }
    }
}

/// Iterates over a list that may be missing.
fn iter_optional<'a, T: AsIter>(list: Option<&'a T>) -> impl Iterator<Item = &'a T::Item>
where
    T::Item: 'a,
{
    list.into_iter().flat_map(AsIter::iter)
}

fn name_and_operation(
    (name, operation): &NamedOperation,
) -> (Option<String>, &Positioned<OperationDefinition>) {
    (name.as_ref().map(ToString::to_string), operation)
}
