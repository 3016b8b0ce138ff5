//! Guards and paths of routes.

use actix_web::{Resource, Route, guard, web};

/// Returns the resource of a path. It has the same resource with a slash at the end, because people and proxies add one.
pub fn resource(path: &str) -> Resource {
    web::resource([path.to_owned(), format!("{path}/")])
}

/// Returns a route for GET and HEAD.
pub fn get_or_head() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
