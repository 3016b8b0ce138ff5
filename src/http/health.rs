//! Whether the server is there and whether it can answer, for whoever watches over it.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::Worker;
use crate::database::schema;

/// The process runs and a worker is free.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// The database is reachable and has every change of its schema.
pub async fn ready(worker: web::Data<Worker>) -> HttpResponse {
    match schema::pending(&worker.connection).await {
        Ok(pending) if pending.is_empty() => HttpResponse::Ok().json(json!({ "status": "ready" })),
        Ok(pending) => unavailable(
            &json!({ "status": "unavailable", "reason": "migrations are pending", "pending": pending }),
        ),
        Err(error) => {
            tracing::warn!(error.cause = %error, "the database can't be reached");
            unavailable(
                &json!({ "status": "unavailable", "reason": "the database can't be reached" }),
            )
        }
    }
}

fn unavailable(body: &serde_json::Value) -> HttpResponse {
    HttpResponse::ServiceUnavailable().json(body)
}
