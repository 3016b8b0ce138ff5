//! Guards of routes.

use actix_web::{Route, guard, web};

/// Returns a route for GET and HEAD.
pub fn get_or_head() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
