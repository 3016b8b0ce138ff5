//! Turns the parameters of a request into an operation that may be executed, for every transport.

use std::sync::Arc;

use actix_web::{http::Method, web};
use async_graphql::{Request, parser::types::OperationType};
use chrono::{DateTime, Utc};
use serde_json::Map;

use super::{
    cached_response::CachedResponse, http_response::HttpError, request::Parameters,
    response_body::ResponseExtensions,
};
use crate::{
    access::{Viewer, anonymous::AnonymousRights},
    cache::response_cache::InFlight,
    database::session::Session,
    document::{Document, Pipeline, Plan, error::DocumentError, patches::ResponsePatches},
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
    /// The cost: an upper bound of the number of fields in the response.
    pub cost: u32,
    /// The SHA-256 hash of the document, which logs show.
    pub hash: [u8; 32],
}

/// A request with a validated document and a planned operation.
#[derive(Debug)]
pub struct PreparedRequest {
    operation: Arc<OperationInfo>,
    plan: Plan,
    is_introspection: bool,
    /// The `extensions` of the response.
    extensions: ResponseExtensions,
}

/// A request that may be executed.
#[derive(Debug)]
pub struct AuthorizedRequest {
    /// The request, with the viewer in its data.
    pub request: Request,
    /// The properties of the operation.
    pub operation: Arc<OperationInfo>,
    /// The pending entry of the response cache, if the response may be cached.
    pub flight: Option<InFlight<CachedResponse>>,
    /// The database session of the request.
    pub session: Session,
    /// The expiry of the caller's token, if it has one.
    pub token_expires_at: Option<DateTime<Utc>>,
    /// The patches to apply to the response.
    pub patches: ResponsePatches,
    /// The `extensions` of the response.
    pub extensions: ResponseExtensions,
}

/// Parses and validates the document and plans the operation.
///
/// # Errors
///
/// When the operation can't be executed, or not with this HTTP method.
pub async fn prepare(
    parameters: &Parameters,
    method: &Method,
    pipeline: &Arc<Pipeline>,
) -> Result<PreparedRequest, HttpError> {
    let document = validate(&parameters.query, pipeline).await?;
    let name = parameters.operation_name.as_deref();
    if document.operation_type(name) == Some(OperationType::Mutation) && method != Method::POST {
        return Err(HttpError::method_not_allowed("a mutation requires POST"));
    }
    let none = Map::new();
    let variables = parameters.variables.as_ref().unwrap_or(&none);
    let plan = pipeline
        .plan(&document, name, variables)
        .map_err(document_error)?;
    let cost_and_limit = (plan.cost, pipeline.limits().cost);
    let cost = parameters.is_cost_requested().then_some(cost_and_limit);
    Ok(PreparedRequest {
        operation: Arc::new(OperationInfo {
            kind: plan.operation_type,
            name: plan.name.clone(),
            cost: u32::try_from(plan.cost).unwrap_or(u32::MAX),
            hash: document.hash(),
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
    let examined = web::block(move || pipeline.document(&text)).await;
    examined
        .map_err(|error| {
            tracing::error!(error.cause = %error, "the validation of a document was cancelled");
            HttpError::internal()
        })?
        .map_err(document_error)
}

fn document_error(rejection: DocumentError) -> HttpError {
    let code = rejection.code();
    HttpError::document(rejection.errors, code)
}

impl PreparedRequest {
    /// Returns the properties of the operation.
    #[must_use]
    pub fn operation(&self) -> &Arc<OperationInfo> {
        &self.operation
    }

    /// Authorizes the operation for an authenticated viewer.
    ///
    /// # Errors
    ///
    /// When an anonymous viewer may not execute the operation.
    pub fn authorize(
        self,
        viewer: Viewer,
        session: Session,
        rights: AnonymousRights,
    ) -> Result<AuthorizedRequest, HttpError> {
        rights
            .authorize(self.is_introspection, &viewer)
            .map_err(|needed| HttpError::credentials_required(needed.0))?;
        let ends_at = viewer.expires_at();
        // The executor runs the planned document and does not need its source text.
        let mut request = Request::new("").data(viewer);
        request.set_parsed_query(self.plan.document);
        Ok(AuthorizedRequest {
            request,
            operation: self.operation,
            flight: None,
            session,
            token_expires_at: ends_at,
            patches: self.plan.patches,
            extensions: self.extensions,
        })
    }
}
