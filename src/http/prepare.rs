//! From a request's parameters to what may be executed. Every request passes here, whatever it came by.

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

/// A document that isn't known and has more bytes than this is examined on a thread of its own, so that the worker's other requests go on.
const HEAVY: usize = 8_192;

/// What is known of an operation before it is executed.
#[derive(Debug)]
pub struct Facts {
    /// What kind it is.
    pub kind: OperationType,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// What it costs to execute: at most so many fields has its answer.
    pub cost: u32,
    /// The SHA-256 of its document, by which logs name it.
    pub hash: [u8; 32],
}

/// A request whose document was examined and whose operation was planned.
#[derive(Debug)]
pub struct Prepared {
    facts: Arc<Facts>,
    plan: Plan,
    introspects: bool,
    /// What the answer tells beside its data.
    extensions: Extensions,
}

/// A request that may be executed.
#[derive(Debug)]
pub struct Admitted {
    /// The request, with who asks.
    pub request: Request,
    /// What it is.
    pub facts: Arc<Facts>,
    /// The question that it asks, if its answer may be kept.
    pub flight: Option<Flight<Stored>>,
    /// Over whose connections.
    pub session: Session,
    /// When the token ends that it came with, if it does.
    pub ends_at: Option<DateTime<Utc>>,
    /// What is to be mended in its answer.
    pub mends: Mends,
    /// What the answer tells beside its data.
    pub extensions: Extensions,
}

/// Examines the document and plans the operation.
///
/// # Errors
///
/// When it can't be executed, or not by this method.
pub async fn prepare(
    parameters: &Parameters,
    method: &Method,
    pipeline: &Arc<Pipeline>,
) -> Result<Prepared, Refusal> {
    let document = examine(&parameters.query, pipeline).await?;
    let name = parameters.operation_name.as_deref();
    if document.kind_of(name) == Some(OperationType::Mutation) && method != Method::POST {
        return Err(Refusal::method_not_allowed("a mutation runs by POST only"));
    }
    let none = Map::new();
    let variables = parameters.variables.as_ref().unwrap_or(&none);
    let plan = pipeline.plan(&document, name, variables).map_err(refuse)?;
    let told = (plan.cost, pipeline.limits().cost);
    let cost = parameters.wants_cost().then_some(told);
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
    if let Some(known) = pipeline.known(text) {
        return Ok(known);
    }
    let (text, pipeline) = (text.to_owned(), Arc::clone(pipeline));
    let examined = web::block(move || pipeline.document(&text)).await;
    examined
        .map_err(|error| {
            tracing::error!(error.cause = %error, "the examination of a document was dropped");
            Refusal::internal()
        })?
        .map_err(refuse)
}

fn refuse(rejection: Rejection) -> Refusal {
    let code = rejection.code();
    Refusal::document(rejection.errors, code)
}

impl Prepared {
    /// What is known of its operation.
    #[must_use]
    pub fn facts(&self) -> &Arc<Facts> {
        &self.facts
    }

    /// The request once it is known who asks.
    ///
    /// # Errors
    ///
    /// When whoever asks may not ask for this at all.
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
        // The executor takes the document as it was planned, and has no use for its text.
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
