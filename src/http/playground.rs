//! The playground: GraphiQL in a page of the server. All files are part of the binary, so it works offline.

use actix_web::{
    HttpRequest, HttpResponse, Scope,
    http::header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, VARY,
        X_CONTENT_TYPE_OPTIONS,
    },
    middleware::Compress,
    web,
};

/// The `Content-Security-Policy`. It allows only resources of this server. The hash is that of the one style element
/// that GraphiQL 4.1.2 adds when a dialog opens. GraphiQL's fonts are data URLs in its style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self' 'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='; img-src 'self' data:; font-src data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";
const TEXT: &str = "text/plain; charset=utf-8";

/// Includes a file of an npm package.
macro_rules! package {
    ($path:literal) => {
        include_str!(concat!("playground/node_modules/", $path))
    };
}

/// The files, each with its path below `/playground` and its media type.
const FILES: [(&str, &str, &str); 11] = [
    ("", HTML, include_str!("playground/index.html")),
    (
        "/playground.js",
        SCRIPT,
        include_str!("playground/playground.js"),
    ),
    ("/access.js", SCRIPT, include_str!("playground/access.js")),
    (
        "/examples.js",
        SCRIPT,
        include_str!("playground/examples.js"),
    ),
    (
        "/playground.css",
        STYLE,
        include_str!("playground/playground.css"),
    ),
    ("/favicon.svg", SVG, include_str!("playground/favicon.svg")),
    (
        "/graphiql.min.js",
        SCRIPT,
        package!("graphiql/graphiql.min.js"),
    ),
    ("/graphiql.css", STYLE, package!("graphiql/graphiql.css")),
    (
        "/react.production.min.js",
        SCRIPT,
        package!("react/umd/react.production.min.js"),
    ),
    (
        "/react-dom.production.min.js",
        SCRIPT,
        package!("react-dom/umd/react-dom.production.min.js"),
    ),
    // The licences require a copy of themselves with the software.
    (
        "/licences.txt",
        TEXT,
        concat!(
            "GraphiQL\n\n",
            package!("graphiql/LICENSE"),
            "\n\nReact and React DOM\n\n",
            package!("react/LICENSE")
        ),
    ),
];

/// Returns the routes below `/playground`.
pub fn scope() -> Scope<
    impl actix_web::dev::ServiceFactory<
        actix_web::dev::ServiceRequest,
        Config = (),
        Response = actix_web::dev::ServiceResponse<impl actix_web::body::MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    FILES
        .into_iter()
        .fold(
            web::scope("/playground"),
            |scope, (path, media_type, content)| {
                scope.service(web::resource(path).route(
                    super::guards::get_or_head().to(async move || file(media_type, content)),
                ))
            },
        )
        .wrap(Compress::default())
}

/// Redirects a browser from the GraphQL endpoint to the playground. The URL is relative, because a proxy may serve
/// everything below a path of its own.
pub fn redirect(request: &HttpRequest) -> HttpResponse {
    let location = if request.path().ends_with('/') {
        "../playground"
    } else {
        "playground"
    };
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "accept"))
        .finish()
}

fn file(media_type: &'static str, content: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        // The files change with the binary, but their names stay the same.
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(content)
}
