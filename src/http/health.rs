//! Health checks: `/health/live` and `/health/ready`.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde_json::json;
use tokio::time::timeout;

use super::state::WorkerState;
use crate::database::{error_message::describe, schema};

/// The timeout for the database. After it the database counts as unreachable.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(1);

/// Responds that the process is live, which requires that a worker is free.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// Responds whether the database is reachable and all migrations are applied.
pub async fn ready(worker: web::Data<WorkerState>) -> HttpResponse {
    let slot = worker.pool.auxiliary();
    let pending = timeout(DATABASE_TIMEOUT, schema::missing(&*slot.connection())).await;
    match pending {
        Ok(Ok(pending)) if pending.is_empty() => {
            HttpResponse::Ok().json(json!({ "status": "ready" }))
        }
        Ok(Ok(pending)) => unavailable(
            &json!({ "status": "unavailable", "reason": "migrations are pending", "pending": pending }),
        ),
        Ok(Err(error)) => {
            tracing::debug!(error.cause = %describe(&error), "the database can't be reached");
            database_unreachable()
        }
        Err(_) => {
            // The next check must not wait for the statement of this one.
            slot.replace_connection();
            database_unreachable()
        }
    }
}

fn database_unreachable() -> HttpResponse {
    unavailable(&json!({ "status": "unavailable", "reason": "the database can't be reached" }))
}

fn unavailable(body: &serde_json::Value) -> HttpResponse {
    HttpResponse::ServiceUnavailable().json(body)
}
