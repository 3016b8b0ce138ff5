//! Turns the parameters of a request into an operation that may be executed, for every transport.

use std::sync::Arc;

use actix_web::{http::Method, web};
use async_graphql::{Request, parser::types::OperationType};
use chrono::{DateTime, Utc};
use serde_json::Map;

use super::{answer::Refusal, request::Parameters, response::Extensions, stored::Stored};
use crate::{
    access::{Viewer, anonymous::AnonymousRights},
    cache::answers::Flight,
    database::session::Session,
    document::{Document, Pipeline, Plan, mend::Mends, rejection::Rejection},
};

/// The size in bytes above which an uncached document is parsed and validated on a blocking thread, so that it does not
/// delay the worker's other requests.
const HEAVY: usize = 8_192;

/// The properties of an operation that are known before it is executed.
#[derive(Debug)]
pub struct Facts {
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
pub struct Prepared {
    facts: Arc<Facts>,
    plan: Plan,
    introspects: bool,
    /// The `extensions` of the response.
    extensions: Extensions,
}

/// A request that may be executed.
#[derive(Debug)]
pub struct Admitted {
    /// The request, with the viewer in its data.
    pub request: Request,
    /// The properties of the operation.
    pub facts: Arc<Facts>,
    /// The pending entry of the response cache, if the response may be cached.
    pub flight: Option<Flight<Stored>>,
    /// The database session of the request.
    pub session: Session,
    /// The expiry of the caller's token, if it has one.
    pub ends_at: Option<DateTime<Utc>>,
    /// The patches to apply to the response.
    pub mends: Mends,
    /// The `extensions` of the response.
    pub extensions: Extensions,
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
) -> Result<Prepared, Refusal> {
    let document = examine(&parameters.query, pipeline).await?;
    let name = parameters.operation_name.as_deref();
    if document.kind_of(name) == Some(OperationType::Mutation) && method != Method::POST {
        return Err(Refusal::method_not_allowed("a mutation requires POST"));
    }
    let none = Map::new();
    let variables = parameters.variables.as_ref().unwrap_or(&none);
    let plan = pipeline.plan(&document, name, variables).map_err(refuse)?;
    let cost_and_limit = (plan.cost, pipeline.limits().cost);
    let cost = parameters.wants_cost().then_some(cost_and_limit);
    Ok(Prepared {
        facts: Arc::new(Facts {
            kind: plan.kind,
            name: plan.name.clone(),
            cost: u32::try_from(plan.cost).unwrap_or(u32::MAX),
            hash: document.hash(),
        }),
        introspects: document.introspects(),
        extensions: Extensions::new(cost),
        plan,
    })
}

async fn examine(text: &str, pipeline: &Arc<Pipeline>) -> Result<Arc<Document>, Refusal> {
    if text.len() <= HEAVY || text.len() > pipeline.limits().bytes {
        return pipeline.document(text).map_err(refuse);
    }
    if let Some(cached) = pipeline.known(text) {
        return Ok(cached);
    }
    let (text, pipeline) = (text.to_owned(), Arc::clone(pipeline));
    let examined = web::block(move || pipeline.document(&text)).await;
    examined
        .map_err(|error| {
            tracing::error!(error.cause = %error, "the validation of a document was cancelled");
            Refusal::internal()
        })?
        .map_err(refuse)
}

fn refuse(rejection: Rejection) -> Refusal {
    let code = rejection.code();
    Refusal::document(rejection.errors, code)
}

impl Prepared {
    /// Returns the properties of the operation.
    #[must_use]
    pub fn facts(&self) -> &Arc<Facts> {
        &self.facts
    }

    /// Authorizes the operation for an authenticated viewer.
    ///
    /// # Errors
    ///
    /// When an anonymous viewer may not execute the operation.
    pub fn admit(
        self,
        viewer: Viewer,
        session: Session,
        rights: AnonymousRights,
    ) -> Result<Admitted, Refusal> {
        rights
            .admit(self.introspects, &viewer)
            .map_err(|needed| Refusal::credentials_needed(needed.0))?;
        let ends_at = viewer.expires_at();
        // The executor runs the planned document and does not need its source text.
        let mut request = Request::new("").data(viewer);
        request.set_parsed_query(self.plan.document);
        Ok(Admitted {
            request,
            facts: self.facts,
            flight: None,
            session,
            ends_at,
            mends: self.plan.mends,
            extensions: self.extensions,
        })
    }
}
