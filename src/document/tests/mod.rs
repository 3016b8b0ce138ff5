//! Tests of the whole pipeline.

mod bombs;
mod bounds;
mod cases;
mod collecting;
mod costs;
mod laws;
mod places;

use std::sync::LazyLock;

use crate::observe::CacheMetrics;

use super::{Pipeline, Plan, limits::Limits, rejection::Rejection};

/// The capacity of the document cache in tests, in bytes.
const CACHE: u64 = 1 << 20;

fn pipeline(sdl: &str) -> Pipeline {
    Pipeline::new(sdl, Limits::default(), true, CACHE, CacheMetrics::default()).unwrap()
}

/// The pipeline for Marquee's schema.
fn house() -> &'static Pipeline {
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
) -> Result<Plan, Rejection> {
    let variables = serde_json::from_str(variables).unwrap();
    let document = pipeline.document(query)?;
    pipeline.plan(&document, operation, &variables)
}
