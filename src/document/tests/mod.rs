//! Tests of the whole pipeline.

mod bounds;
mod collecting;
mod costs;
mod graphql_js;
mod hostile_documents;
mod locations;
mod nulls;
mod prices;
mod properties;

use std::sync::LazyLock;

use crate::metrics::CacheMetrics;

use super::{Pipeline, Plan, error::DocumentError, limits::Limits};

/// The capacity of the document cache in tests, in bytes.
const CACHE_BYTES: u64 = 1 << 20;

fn pipeline(sdl: &str) -> Pipeline {
    Pipeline::new(
        sdl,
        Limits::default(),
        true,
        CACHE_BYTES,
        CacheMetrics::default(),
    )
    .unwrap()
}

/// The pipeline for Marquee's schema.
fn marquee_pipeline() -> &'static Pipeline {
    static PIPELINE: LazyLock<Pipeline> =
        LazyLock::new(|| pipeline(&crate::graphql::schema::sdl()));
    &PIPELINE
}

/// Validates a document and plans its operation.
fn plan(
    pipeline: &Pipeline,
    query: &str,
    operation: Option<&str>,
    variables: &str,
) -> Result<Plan, DocumentError> {
    let variables = serde_json::from_str(variables).unwrap();
    let document = pipeline.document(query)?;
    pipeline.plan(&document, operation, &variables)
}
