//! The pipeline as a whole.

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

/// How many bytes known documents may take, in tests.
const CACHE: u64 = 1 << 20;

fn pipeline(sdl: &str) -> Pipeline {
    Pipeline::new(sdl, Limits::default(), true, CACHE, CacheMetrics::default()).unwrap()
}

/// For our own schema.
fn house() -> &'static Pipeline {
    static HOUSE: LazyLock<Pipeline> = LazyLock::new(|| pipeline(&crate::graphql::schema::sdl()));
    &HOUSE
}

/// What becomes of a request.
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
