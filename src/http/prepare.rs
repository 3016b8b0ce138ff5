//! Turns the parameters of a request into an operation that is ready for execution, for every transport.

use std::{sync::Arc, time::Duration};

use actix_web::{
    http::{Method, header::HeaderValue},
    web,
};
use async_graphql::{
    Request,
    parser::types::{ExecutableDocument, OperationType},
};
use chrono::{DateTime, Utc};
use serde_json::Map;

use super::{
    http_error::HttpError,
    observe::Observation,
    rate_limiting::RequestMeter,
    request::parameters::Parameters,
    request_language::content_language,
    response_body::ResponseExtensions,
    state::{SharedState, WorkerState},
};
use crate::{
    access::Viewer,
    cache::response_cache::key::CacheKey,
    database::{session::Session, stall_aware_timeout::MAX_STRETCH},
    document::{Document, Pipeline, Plan, error::DocumentError, patches::ResponsePatches},
    graphql::types::rate_limit::RateLimitCharge,
    persisted_documents::ResolvedDocument,
    translations::RequestLanguage,
};

/// The size in bytes above which an uncached document is parsed and validated on a blocking thread, so that it does not
/// delay the worker's other requests.
const MAX_INLINE_BYTES: usize = 8_192;

/// The properties of an operation that are known before it is executed.
#[derive(Debug)]
pub struct OperationInfo {
    /// The type of the operation.
    pub kind: OperationType,
    /// The name of the operation, if it has one.
    pub name: Option<String>,
    /// The cost that is charged before the execution.
    pub cost: u32,
    /// The SHA-256 hash of the document, which logs show.
    pub hash: [u8; 32],
    /// Whether the response depends on the caller.
    pub is_private: bool,
}

/// A request of an authenticated caller, whose document is known.
#[derive(Debug)]
pub struct ResolvedRequest {
    /// The caller.
    pub viewer: Viewer,
    /// The parameters, with the text of the document.
    pub parameters: Parameters,
    /// The document, which may be persisted once it is valid.
    pub document: ResolvedDocument,
    /// The value of the `Idempotency-Key` header.
    pub idempotency_key: Option<String>,
    /// The language of labels.
    pub language: RequestLanguage,
    /// The key of the response in the cache, if it may be cached. A response with labels in another language than the
    /// default one has a variant of the key.
    pub cache_key: Option<CacheKey>,
}

impl ResolvedRequest {
    /// Returns the key of the response with labels in the language of the request; `None` if that is the default one,
    /// whose key is `cache_key`, or if the response may not be cached.
    pub fn localized_cache_key(&self) -> Option<CacheKey> {
        let key = self.cache_key.as_ref()?;
        let language = &self.language;
        (!language.is_default()).then(|| key.variant(language.language().tag().as_bytes()))
    }
}

/// A request that is ready for execution.
#[derive(Debug)]
pub struct PreparedRequest {
    /// The request, with its data for the executor.
    pub request: Request,
    /// The properties of the operation.
    pub operation: Arc<OperationInfo>,
    /// The database session of the request.
    pub session: Session,
    /// Whether the operation may read rows of the row cache. A mutation may not, nor a query that is executed again.
    pub uses_row_cache: bool,
    /// The expiry of the caller's token, if it has one.
    pub token_expires_at: Option<DateTime<Utc>>,
    /// The language of the response, if it has labels in the language of the request.
    pub content_language: Option<HeaderValue>,
    /// The patches to apply to the response.
    pub patches: ResponsePatches,
    /// The `extensions` of the response.
    pub extensions: ResponseExtensions,
    /// The charge for the request, if its caller has a rate limit.
    pub charge: Option<RateLimitCharge>,
}

/// Prepares a request for execution: validates its document, plans its operation, authorizes the caller, and charges
/// the cost.
///
/// # Errors
///
/// When the document is invalid, the operation may not be executed by this caller or with this HTTP method, or the
/// caller has too little quota left.
pub async fn prepare(
    request: &ResolvedRequest,
    method: &Method,
    worker: &WorkerState,
    session: Session,
    meter: &mut RequestMeter,
    observation: &Observation,
) -> Result<PreparedRequest, HttpError> {
    let shared = &worker.shared;
    let (parameters, viewer) = (&request.parameters, &request.viewer);
    let planned = plan(parameters, method, &worker.pipeline).await;
    let planned = meter.charge_rejected_document(planned)?;
    observation.record_operation(&planned.operation);
    let rights = shared.authenticator.rights();
    rights
        .authorize(planned.is_introspection, viewer)
        .map_err(|error| HttpError::credentials_required(error.0))?;
    shared.documents.cache_if_valid(&request.document);
    let charge = meter.charge_operation(planned.operation.cost, &session)?;
    session.set_statement_timeout(statement_timeout(planned.operation.cost, shared));
    Ok(prepared(request, planned, session, charge))
}

/// Prepares a request once more, after rules or rows changed during its execution. It was authorized, and its
/// cost is charged already.
///
/// # Errors
///
/// When the document can't be planned any more.
pub async fn prepare_again(
    request: &ResolvedRequest,
    method: &Method,
    worker: &WorkerState,
    session: Session,
    charge: Option<RateLimitCharge>,
) -> Result<PreparedRequest, HttpError> {
    let planned = plan(&request.parameters, method, &worker.pipeline).await?;
    Ok(PreparedRequest {
        uses_row_cache: false,
        ..prepared(request, planned, session, charge)
    })
}

fn prepared(
    request: &ResolvedRequest,
    planned: PlannedOperation,
    session: Session,
    charge: Option<RateLimitCharge>,
) -> PreparedRequest {
    PreparedRequest {
        request: executor_request(request, planned.plan.document, charge),
        uses_row_cache: planned.operation.kind != OperationType::Mutation,
        operation: planned.operation,
        session,
        token_expires_at: request.viewer.expires_at(),
        content_language: planned
            .plan
            .depends_on_language
            .then(|| content_language(&request.language))
            .flatten(),
        patches: planned.plan.patches,
        extensions: planned.extensions,
        charge,
    }
}

/// Returns the timeout of an operation's statements: a third of the time of a request for the cheapest operations, and
/// the whole time for those of the maximum cost and beyond. It is long enough to find out that PostgreSQL does not
/// respond.
fn statement_timeout(cost: u32, shared: &SharedState) -> Duration {
    let max_cost = u32::try_from(shared.pipeline.limits().cost).unwrap_or(u32::MAX);
    let share = f64::from(cost.min(max_cost)) / f64::from(max_cost.max(1));
    let timeout = shared.deadline.mul_f64((1.0 + 2.0 * share) / 3.0);
    timeout.max(shared.connection_timeout * MAX_STRETCH)
}

/// Creates the executor's request: the planned document, with the data of the caller.
fn executor_request(
    request: &ResolvedRequest,
    document: ExecutableDocument,
    charge: Option<RateLimitCharge>,
) -> Request {
    // The executor runs the parsed document and does not need its source text.
    let mut executor = Request::new("")
        .data(request.viewer.clone())
        .data(request.language.clone());
    executor.set_parsed_query(document);
    if let Some(charge) = charge {
        executor = executor.data(charge);
    }
    match &request.idempotency_key {
        Some(key) => executor.data(request.parameters.idempotency_key(key)),
        None => executor,
    }
}

/// An operation of a valid document.
struct PlannedOperation {
    operation: Arc<OperationInfo>,
    plan: Plan,
    is_introspection: bool,
    /// The `extensions` of the response.
    extensions: ResponseExtensions,
}

/// Parses and validates the document, and plans the operation.
async fn plan(
    parameters: &Parameters,
    method: &Method,
    pipeline: &Arc<Pipeline>,
) -> Result<PlannedOperation, HttpError> {
    let document = validate(&parameters.query, pipeline).await?;
    let name = parameters.operation_name.as_deref();
    if document.operation_type(name) == Some(OperationType::Mutation) && method != Method::POST {
        return Err(HttpError::method_not_allowed("a mutation requires POST"));
    }
    let no_variables = Map::new();
    let variables = parameters.variables.as_ref().unwrap_or(&no_variables);
    let plan = pipeline
        .plan(&document, name, variables)
        .map_err(document_error)?;
    let cost_and_limit = (plan.cost, pipeline.limits().cost);
    let cost = parameters.is_cost_requested().then_some(cost_and_limit);
    Ok(PlannedOperation {
        operation: Arc::new(OperationInfo {
            kind: plan.operation_type,
            name: plan.name.clone(),
            cost: u32::try_from(plan.cost.total).unwrap_or(u32::MAX),
            hash: document.hash(),
            is_private: plan.is_private,
        }),
        is_introspection: document.has_introspection(),
        extensions: ResponseExtensions::new(cost),
        plan,
    })
}

async fn validate(text: &str, pipeline: &Arc<Pipeline>) -> Result<Arc<Document>, HttpError> {
    if text.len() <= MAX_INLINE_BYTES || text.len() > pipeline.limits().bytes {
        return pipeline.document(text).map_err(document_error);
    }
    if let Some(cached) = pipeline.cached(text) {
        return Ok(cached);
    }
    let (text, pipeline) = (text.to_owned(), Arc::clone(pipeline));
    let validated = web::block(move || pipeline.document(&text)).await;
    validated
        .map_err(|error| {
            tracing::error!(error.cause = %error, "the validation of a document was cancelled");
            HttpError::internal()
        })?
        .map_err(document_error)
}

fn document_error(error: DocumentError) -> HttpError {
    let code = error.code();
    HttpError::document(error.errors, code)
}
