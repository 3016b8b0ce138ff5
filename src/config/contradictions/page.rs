//! The least page that a site shows, and the limits of a request.

use serde_json::Map;

use super::Contradictions;
use crate::{
    config::{documents::ModeArg, serve::ServeArgs},
    document::{Pipeline, error::DocumentError, limits::Limits},
    graphql::schema,
    metrics::CacheMetrics,
};

/// The least page: the title of a film and its score.
const PAGE: &str = r#"{ film(by: {slug: "a"}) { title score { label } } }"#;

/// The cost of that page by the default limits; `None` if they reject it, which `check` reports.
pub(super) fn cost() -> Option<usize> {
    plan(Limits::default()).and_then(Result::ok)
}

/// Checks that the limits of a request allow the least page. A server with trusted documents only runs no others.
pub(super) fn check(args: &ServeArgs, found: &mut Contradictions) {
    let limits = args.limits.limits();
    if args.documents.persisted == ModeArg::Only || matches!(plan(limits), None | Some(Ok(_))) {
        return;
    }
    let default = Limits::default();
    for (name, value, only) in [
        (
            "--max-document-bytes",
            limits.bytes,
            Limits {
                bytes: limits.bytes,
                ..default
            },
        ),
        (
            "--max-tokens",
            limits.tokens,
            Limits {
                tokens: limits.tokens,
                ..default
            },
        ),
        (
            "--max-depth",
            limits.depth,
            Limits {
                depth: limits.depth,
                ..default
            },
        ),
        (
            "--max-cost",
            limits.cost,
            Limits {
                cost: limits.cost,
                ..default
            },
        ),
    ] {
        if let Some(Err(error)) = plan(only) {
            found.errors.push(format!(
                "{name}={value} allows no page: it rejects the title and the score of a film ({})",
                error
                    .errors
                    .first()
                    .map_or("", |error| error.message.as_str())
            ));
        }
    }
}

/// Returns the cost of the least page, or the error with which limits reject it. Returns `None` if the schema is invalid,
/// which the server reports.
fn plan(limits: Limits) -> Option<Result<usize, DocumentError>> {
    let pipeline = Pipeline::new(&schema::sdl(), limits, false, 0, CacheMetrics::default()).ok()?;
    let plan = pipeline
        .document(PAGE)
        .and_then(|document| pipeline.plan(&document, None, &Map::new()));
    Some(plan.map(|plan| plan.cost.total))
}
