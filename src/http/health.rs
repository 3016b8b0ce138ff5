//! Whether the server is there and whether it can answer, for whoever watches over it.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde_json::json;
use tokio::time::timeout;

use super::Worker;
use crate::database::schema;

/// How long the database may take to answer before it counts as away.
const PATIENCE: Duration = Duration::from_secs(1);

/// The process runs and a worker is free.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// The database is reachable and has every change of its schema.
pub async fn ready(worker: web::Data<Worker>) -> HttpResponse {
    let lane = worker.lanes.beside();
    let lacking = timeout(PATIENCE, schema::lacking(&*lane.connection())).await;
    match lacking {
        Ok(Ok(lacking)) if lacking.is_empty() => {
            HttpResponse::Ok().json(json!({ "status": "ready" }))
        }
        Ok(Ok(lacking)) => unavailable(
            &json!({ "status": "unavailable", "reason": "migrations are pending", "pending": lacking }),
        ),
        Ok(Err(error)) => {
            tracing::debug!(error.cause = %error, "the database can't be reached");
            away()
        }
        Err(_) => {
            // Whoever asks next is not to wait for what was to be answered now.
            lane.renew();
            away()
        }
    }
}

fn away() -> HttpResponse {
    unavailable(&json!({ "status": "unavailable", "reason": "the database can't be reached" }))
}

fn unavailable(body: &serde_json::Value) -> HttpResponse {
    HttpResponse::ServiceUnavailable().json(body)
}
