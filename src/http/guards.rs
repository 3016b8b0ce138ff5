//! Guards and paths of routes.

use actix_web::{Resource, Route, guard, web};

/// Adds a resource at a path, and the same with a slash at the end, because people and proxies add one. These are two
/// resources: actix-web compares the path of each, but searches several paths of one by a regular expression.
pub fn add_resource(
    config: &mut web::ServiceConfig,
    path: &str,
    add_routes: impl Fn(Resource) -> Resource,
) {
    config.service(add_routes(web::resource(path)));
    config.service(add_routes(web::resource(format!("{path}/"))));
}

/// Returns a route for GET and HEAD.
pub fn get_or_head() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
