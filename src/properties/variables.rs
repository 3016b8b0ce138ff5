//! Generates requests with variables of every input type of the schema from choices. Every byte sequence is a valid
//! sequence of choices. A request that can be planned is executed with an unreachable database, so that its values are
//! parsed and statements are built from them.

mod request;
mod values;

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use async_graphql::{Request, Response, parser::types::OperationType};
use sea_orm::sqlx::postgres::PgConnectOptions;
use serde_json::Value;

use self::request::RequestGenerator;
use crate::{
    access::{Principal, Role, Viewer},
    cache::invalidation_clock::InvalidationClock,
    database::{APPLICATION_NAME, pool::Pool, session::Session},
    document::{Pipeline, Plan, limits::Limits, schema::Schema},
    error::code,
    graphql::budget::TextBudget,
    loader::{batcher::Batcher, data_loader::DataLoader, row_cache::RowCache},
    metrics::CacheMetrics,
    mutation::store::group::GroupCommit,
    site_rules::worker::WorkerRules,
};

/// The most errors in a response.
const MAX_ERRORS: usize = 20;

/// The most characters of a string in a query: the maximum of all inputs.
const MAX_STRING_LENGTH: usize = 2_000;

/// The most values of a list in a query: the maximum of all inputs.
const MAX_LIST_LENGTH: usize = 1_000;

/// A socket directory without a server.
const UNREACHABLE_SOCKET: &str = "/nowhere";

struct Fixture {
    schema: Schema,
    pipeline: Pipeline,
    executor: crate::graphql::schema::Schema,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let sdl = crate::graphql::schema::sdl();
    let pipeline = Pipeline::new(&sdl, Limits::default(), true, 0, CacheMetrics::default());
    match (Schema::parse(&sdl), pipeline) {
        (Ok(served), Ok(pipeline)) => Fixture {
            schema: served,
            pipeline,
            executor: crate::graphql::schema::build(),
        },
        (Err(error), _) | (_, Err(error)) => unreachable!("{error}"),
    }
});

/// Checks that a request is rejected with messages, or is executed with values within their bounds. The response has
/// data, caller's errors, or errors about the unreachable database, but no internal errors, and nothing panics.
///
/// # Panics
///
/// When the property doesn't hold.
pub fn variables_of_any_type_get_a_response(choices: &[u8]) {
    let fixture = &*FIXTURE;
    let mut writer = RequestGenerator {
        schema: &fixture.schema,
        choices: choices.iter().copied(),
    };
    let (query, variables) = writer.request();
    let plan = fixture
        .pipeline
        .document(&query)
        .and_then(|document| fixture.pipeline.plan(&document, None, &variables));
    match plan {
        Ok(plan) => {
            if plan.operation_type != OperationType::Mutation {
                check_bounds(&plan);
            }
            check_execution(&query, plan);
        }
        Err(rejection) => {
            assert!(
                (1..=MAX_ERRORS).contains(&rejection.errors.len()),
                "{query}"
            );
            let errors = &rejection.errors;
            assert!(
                errors.iter().all(|error| !error.message.is_empty()),
                "{query}"
            );
        }
    }
}

fn check_bounds(plan: &Plan) {
    fn check(value: &Value) {
        match value {
            Value::String(text) => {
                // A character in NFC may be up to four characters in the input, each of up to four bytes.
                let bytes = MAX_STRING_LENGTH * 16;
                assert!(text.len() <= bytes, "{} bytes", text.len());
            }
            Value::Array(items) => {
                assert!(items.len() <= MAX_LIST_LENGTH, "{} values", items.len());
                items.iter().for_each(check);
            }
            Value::Object(fields) => fields.values().for_each(check),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    for (_, operation) in plan.document.operations.iter() {
        for item in &operation.node.selection_set.node.items {
            let async_graphql::parser::types::Selection::Field(field) = &item.node else {
                continue;
            };
            for (_, value) in &field.node.arguments {
                let value = value.node.clone().into_const();
                let value = value.and_then(|value| value.into_json().ok());
                check(&value.unwrap_or_default());
            }
        }
    }
}

fn check_execution(query: &str, plan: Plan) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        unreachable!("a current-thread runtime can be built");
    };
    let response = runtime.block_on(execute(plan));
    for error in &response.errors {
        assert!(!error.message.is_empty(), "{query}");
        let code = error.extensions.as_ref().and_then(|all| all.get("code"));
        let is_ours = code == Some(&async_graphql::Value::from(code::INTERNAL));
        assert!(!is_ours, "{} for {query}", error.message);
    }
    if let Err(error) = serde_json::to_vec(&response) {
        unreachable!("{error} for {query}");
    }
}

async fn execute(plan: Plan) -> Response {
    let options = PgConnectOptions::new_without_pgpass().socket(UNREACHABLE_SOCKET);
    // The deadline has passed already, so transactions aren't retried.
    let session =
        Session::new(Pool::single(&options, APPLICATION_NAME)).with_deadline(Duration::ZERO);
    let rows = RowCache::new(Arc::new(InvalidationClock::default()), 0);
    let rules = Arc::new(WorkerRules::new(Arc::default()));
    let loader = DataLoader::new(session, Batcher::new(Arc::new(rows)), rules);
    let viewer = Viewer::Authenticated(Principal {
        actor: "properties".to_owned(),
        name: "properties".to_owned(),
        role: Role::Admin,
        critic: None,
        expires_at: None,
    });
    let mut request = Request::new("")
        .data(viewer)
        .data(Arc::new(loader))
        .data(Arc::new(GroupCommit::default()))
        .data(TextBudget::new(1 << 20));
    request.set_parsed_query(plan.document);
    FIXTURE.executor.execute(request).await
}
