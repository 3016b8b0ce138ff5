//! `/graphql`, as the GraphQL over HTTP specification has it.

use std::panic::AssertUnwindSafe;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{AUTHORIZATION, HeaderValue},
    },
    web,
};
use async_graphql::{
    Name, Positioned, Request, ServerError, Variables,
    parser::types::{
        DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
    },
};
use chrono::{DateTime, Utc};
use futures_util::FutureExt;

use super::{
    Worker,
    accept::{self, MediaType},
    answer::{self, Refusal},
    body, events,
    request::{Parameters, request_key},
};
use crate::{
    access::{Viewer, anonymous::AnonymousRights, gatekeeper::Gatekeeper},
    database::{batch::Reader, session::Session},
    error::code,
    mutation::key::RequestKey,
};

/// A request whose document is parsed, and checked as far as that goes without the schema.
#[derive(Debug)]
pub struct Prepared {
    request: Request,
    /// What kind of operation it runs.
    pub kind: OperationType,
    cost: u32,
}

/// A request that may be executed.
#[derive(Debug)]
pub struct Admitted {
    /// The request, with who asks.
    pub request: Request,
    /// What kind of operation it runs.
    pub kind: OperationType,
    /// Over whose connections.
    pub session: Session,
    /// When the token ends that it came with, if it does.
    pub ends_at: Option<DateTime<Utc>>,
}

impl Prepared {
    /// What it costs to execute, told before it is.
    #[must_use]
    pub fn cost(&self) -> u32 {
        self.cost
    }

    /// The request once it is known who asks. Every request passes here, whatever it came by.
    ///
    /// # Errors
    ///
    /// When whoever asks may not ask for this at all.
    pub fn admit(
        mut self,
        viewer: Viewer,
        session: Session,
        rights: AnonymousRights,
    ) -> Result<Admitted, Refusal> {
        let document = self
            .request
            .parsed_query()
            .map_err(|error| Refusal::document(vec![error], code::SYNTAX_ERROR))?;
        rights
            .admit(document, &viewer)
            .map_err(|needed| Refusal::credentials_needed(needed.0))?;
        let ends_at = viewer.expires_at();
        Ok(Admitted {
            request: self.request.data(viewer),
            kind: self.kind,
            session,
            ends_at,
        })
    }
}

/// A query by GET.
pub async fn get(request: HttpRequest, worker: web::Data<Worker>) -> HttpResponse {
    let parameters = Parameters::from_query_string(&request);
    respond(&request, parameters, &worker).await
}

/// Any operation by POST.
pub async fn post(
    request: HttpRequest,
    mut payload: web::Payload,
    worker: web::Data<Worker>,
) -> HttpResponse {
    let body = worker.shared.body.read(request.headers(), &mut payload);
    let parameters = body
        .await
        .and_then(|body| Parameters::from_body(request.headers(), &body));
    let answer = respond(&request, parameters, &worker).await;
    body::keep(answer, payload)
}

/// Neither GET nor POST.
pub async fn other_method(request: HttpRequest) -> HttpResponse {
    let media_type = MediaType::negotiate(&request).unwrap_or(MediaType::Json);
    Refusal::method_not_allowed("use GET or POST").answer(media_type)
}

async fn respond(
    request: &HttpRequest,
    parameters: Result<Parameters, Refusal>,
    worker: &web::Data<Worker>,
) -> HttpResponse {
    let media_type = MediaType::negotiate(request);
    let streamed = accept::event_stream(request);
    if media_type.is_none() && !streamed {
        return Refusal::not_acceptable().answer(MediaType::Json);
    }
    let admitted = match admit(request, parameters, worker).await {
        Ok(admitted) => admitted,
        Err(refusal) => {
            let refusal = refusal.within(worker.shared.answers);
            return match media_type {
                Some(media_type) => refusal.answer(media_type),
                None => events::refuse(refusal),
            };
        }
    };
    match (admitted.kind, media_type) {
        (OperationType::Subscription, _) if streamed => events::open(request, admitted, worker),
        (OperationType::Subscription, _) => Refusal::not_streamed().answer(MediaType::Json),
        (_, Some(media_type)) => execute(admitted, media_type, worker).await,
        (_, None) => events::open(request, admitted, worker),
    }
}

/// Prepares a request, if who asks may ask it. Bad credentials are told before anything else.
async fn admit(
    request: &HttpRequest,
    parameters: Result<Parameters, Refusal>,
    worker: &Worker,
) -> Result<Admitted, Refusal> {
    let session = worker.session();
    let gatekeeper = &worker.shared.gatekeeper;
    let viewer = authenticate(request, &session, gatekeeper).await?;
    let prepared = prepare(parameters?, request.method())?;
    let key = request_key(request.headers())?;
    let mut admitted = prepared.admit(viewer, session, gatekeeper.rights())?;
    if let Some(key) = key {
        let asked = &admitted.request;
        let variables = serde_json::to_value(&asked.variables).unwrap_or_default();
        let operation = asked.operation_name.as_deref();
        let key = RequestKey::new(&key, &asked.query, operation, &variables);
        admitted.request = admitted.request.data(key);
    }
    Ok(admitted)
}

/// Tells who asks.
pub(super) async fn authenticate(
    request: &HttpRequest,
    session: &Session,
    gatekeeper: &Gatekeeper,
) -> Result<Viewer, Refusal> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let authorization = match (values.next().map(HeaderValue::to_str), values.next()) {
        (None, _) => None,
        (Some(Ok(value)), None) => Some(value),
        (Some(_), Some(_)) => {
            return Err(Refusal::unauthenticated("there are credentials twice"));
        }
        (Some(Err(_)), None) => {
            return Err(Refusal::unauthenticated("the credentials are no text"));
        }
    };
    let viewer = gatekeeper.authenticate(authorization, session).await;
    viewer.map_err(|error| Refusal::access(&error))
}

/// Runs a request over the worker's own connections.
async fn execute(admitted: Admitted, media_type: MediaType, worker: &Worker) -> HttpResponse {
    let session = admitted.session;
    let request = admitted.request.data(Reader::new(session.clone()));
    // A panic is a fault of ours like any other: it costs this answer, not the connection.
    let execution = AssertUnwindSafe(worker.schema.execute(request)).catch_unwind();
    let Ok(response) = execution.await else {
        tracing::error!("the execution of a request panicked");
        return Refusal::internal().answer(media_type);
    };
    answer::write(
        response,
        worker.shared.answers,
        media_type,
        worker.shared.server_timing.then(|| session.cost()),
    )
}

/// Parses the document and checks what can be checked without the schema.
///
/// # Errors
///
/// When it can't be executed, or not by this method.
pub fn prepare(parameters: Parameters, method: &Method) -> Result<Prepared, Refusal> {
    let variables = parameters.variables.unwrap_or_default();
    let mut request = Request::new(parameters.query)
        .variables(Variables::from_json(serde_json::Value::Object(variables)));
    request.operation_name = parameters.operation_name;
    let name = request.operation_name.clone();
    let variables = request.variables.clone();
    let document = request
        .parsed_query()
        .map_err(|error| Refusal::document(vec![syntax_error(error)], code::SYNTAX_ERROR))?;
    let operation = operation(document, name.as_deref())?;
    let kind = operation.node.ty;
    if kind == OperationType::Mutation && method != Method::POST {
        return Err(Refusal::method_not_allowed("a mutation runs by POST only"));
    }
    check_variables(operation, &variables)?;
    if kind == OperationType::Subscription {
        check_root_field(operation)?;
    }
    let cost = 1;
    Ok(Prepared {
        request,
        kind,
        cost,
    })
}

/// async-graphql would run several root fields side by side, where the specification wants exactly one, and would pass over fragments and
/// conditions there.
fn check_root_field(operation: &Positioned<OperationDefinition>) -> Result<(), Refusal> {
    let selections = &operation.node.selection_set.node.items;
    let alone = match &selections[..] {
        [only] => match &only.node {
            Selection::Field(field) => field.node.directives.is_empty(),
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
        },
        _ => false,
    };
    if alone {
        return Ok(());
    }
    let message = "a subscription has exactly one root field, which stands in the operation itself and without directives";
    let error = ServerError::new(message, Some(operation.pos));
    Err(Refusal::document(vec![error], code::VALIDATION_FAILED))
}

/// The parser draws the place of an error over several lines; `locations` says it already, and what was expected is enough.
fn syntax_error(mut error: ServerError) -> ServerError {
    if let Some((_, expected)) = error.message.rsplit_once("  = ") {
        error.message = format!("the document can't be parsed: {}", expected.trim());
    }
    error
}

fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a Positioned<OperationDefinition>, Refusal> {
    let unknown = |message: String| {
        Refusal::document(
            vec![ServerError::new(message, None)],
            code::UNKNOWN_OPERATION,
        )
    };
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(operation),
        (DocumentOperations::Single(_), Some(name)) => Err(unknown(format!(
            "the document has no operation named \"{name}\""
        ))),
        (DocumentOperations::Multiple(operations), Some(name)) => operations
            .get(name)
            .ok_or_else(|| unknown(format!("the document has no operation named \"{name}\""))),
        (DocumentOperations::Multiple(operations), None) => {
            let mut each = operations.values();
            match (each.next(), each.next()) {
                (Some(only), None) => Ok(only),
                _ => Err(unknown(
                    "the document has several operations; say which to run with `operationName`"
                        .to_owned(),
                )),
            }
        }
    }
}

/// async-graphql looks at a variable's value where it is used. One that is required and used nowhere has to be there as well.
fn check_variables(
    operation: &Positioned<OperationDefinition>,
    variables: &Variables,
) -> Result<(), Refusal> {
    let missing = operation
        .node
        .variable_definitions
        .iter()
        .filter_map(|definition| {
            let variable = &definition.node;
            let name: &Name = &variable.name.node;
            let required = !variable.var_type.node.nullable && variable.default_value.is_none();
            let null = async_graphql::Value::Null;
            let missing = match variables.get(name) {
                None => required,
                Some(value) => !variable.var_type.node.nullable && *value == null,
            };
            missing.then(|| {
                let message = format!(
                    "the variable \"${name}\" is of the type \"{}\" and needs a value",
                    variable.var_type.node
                );
                ServerError::new(message, Some(definition.pos))
            })
        });
    let errors: Vec<ServerError> = missing.collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Refusal::document(errors, code::VALIDATION_FAILED))
    }
}
