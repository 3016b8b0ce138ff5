//! Settings without effect.

use super::Contradictions;
use crate::config::{
    database::DatabaseArgs, documents::ModeArg, origin::AllowedOrigin, serve::ServeArgs,
};

/// A setting and what may disable it.
struct Dependent {
    /// The ID of its argument.
    id: &'static str,
    /// Its name.
    name: &'static str,
    /// Why it has no effect.
    reason: &'static str,
}

const NO_CACHE: &str = "--notifications=false disables the caches";
const NO_JWT: &str = "no JWTs are accepted without --jwt-issuer";
const NO_COLLECTOR: &str = "no traces are exported without --otlp-endpoint";
const NO_PROXY: &str = "no proxy is trusted without --trusted-proxy";
const NO_REGISTRATION: &str = "documents are registered with --persisted=allow only";

const fn dependent(id: &'static str, name: &'static str, reason: &'static str) -> Dependent {
    Dependent { id, name, reason }
}

const DEPENDENTS: [Dependent; 11] = [
    dependent("film_index", "--film-index", NO_CACHE),
    dependent("review_index", "--review-index", NO_CACHE),
    dependent("row_cache", "--row-cache", NO_CACHE),
    dependent("answer_cache", "--answer-cache", NO_CACHE),
    dependent("jwt_role_claim", "--jwt-role-claim", NO_JWT),
    dependent("jwt_roles", "--jwt-role", NO_JWT),
    dependent("jwt_critic_claim", "--jwt-critic-claim", NO_JWT),
    dependent("jwt_leeway", "--jwt-leeway", NO_JWT),
    dependent("trace_sample", "--trace-sample", NO_COLLECTOR),
    dependent("proxy_header", "--proxy-header", NO_PROXY),
    dependent("apq_bytes", "--apq-bytes", NO_REGISTRATION),
];

/// Checks the settings that others disable, and the limits that others make unreachable.
pub(super) fn check(args: &ServeArgs, database: &DatabaseArgs, found: &mut Contradictions) {
    check_disabled(args, found);
    check_database(args, database, found);
    check_timeouts(args, found);
    check_connections(args, found);
    check_sizes(args, found);
}

/// Checks the settings that others disable, as far as they are given.
fn check_disabled(args: &ServeArgs, found: &mut Contradictions) {
    let caches = &args.caches;
    for Dependent { id, name, reason } in DEPENDENTS {
        let is_disabled = match reason {
            NO_CACHE => !caches.notifications,
            NO_JWT => args.access.jwt_issuer.is_none(),
            NO_COLLECTOR => args.telemetry.otlp_endpoint.is_none(),
            NO_PROXY => args.proxies.trusted_proxies.is_empty(),
            _ => args.documents.persisted != ModeArg::Allow,
        };
        // A cache that is switched off by hand as well is no contradiction.
        let is_off = match id {
            "film_index" => !caches.film_index,
            "review_index" => !caches.review_index,
            "row_cache" => caches.row_cache == 0,
            "answer_cache" => caches.answer_cache == 0,
            "apq_bytes" => args.documents.apq_bytes == 0,
            _ => false,
        };
        found.warn_if(is_disabled && args.is_given(id) && !is_off, || {
            format!("{name} has no effect: {reason}")
        });
    }
    let origins = &args.allowed_origins;
    let allows_any = origins.contains(&AllowedOrigin::Any);
    found.warn_if(allows_any && origins.len() > 1, || {
        "the other values of --allowed-origin have no effect: `*` allows every origin".to_owned()
    });
}

fn check_database(args: &ServeArgs, database: &DatabaseArgs, found: &mut Contradictions) {
    if database.database_url.is_none() {
        return;
    }
    found.warn_if(database.data_dir.is_some(), || {
        "--data-dir has no effect: --database-url names an external database".to_owned()
    });
    found.warn_if(args.demo, || {
        "--demo has no effect: the demo catalogue is never loaded into an external database"
            .to_owned()
    });
}

fn check_timeouts(args: &ServeArgs, found: &mut Contradictions) {
    let (request, connection) = (
        args.timeouts.request_timeout(),
        args.timeouts.connection_timeout(),
    );
    let seconds = request.as_secs();
    found.warn_if(connection >= request, || {
        format!(
            "--connection-timeout={} (milliseconds) has no effect: --request-timeout={seconds} (seconds) ends the request first",
            args.timeouts.connection_timeout
        )
    });
    // A commit gets one more second.
    let longest = request.as_millis() + 1_000;
    found.warn_if(u128::from(args.telemetry.slow_query_ms) > longest, || {
        format!(
            "--slow-query-ms={} logs nothing: --request-timeout={seconds} (seconds) ends the request first",
            args.telemetry.slow_query_ms
        )
    });
}

fn check_connections(args: &ServeArgs, found: &mut Contradictions) {
    let edge = &args.edge;
    let (all, of_address) = (edge.max_connections, edge.connections_per_address);
    found.warn_if(of_address > all, || {
        format!("--connections-per-address={of_address} has no effect: --max-connections is {all}")
    });
    let sockets = args.sockets_per_address;
    let reachable = if of_address == 0 {
        all
    } else {
        all.min(of_address)
    };
    found.warn_if(sockets > reachable, || {
        format!(
            "--sockets-per-address={sockets} has no effect over HTTP/1.1: an address has at most {reachable} connections, by \
             --connections-per-address and --max-connections"
        )
    });
    let workers = args.worker_count();
    found.warn_if(usize::try_from(all).is_ok_and(|all| all < workers), || {
        format!("--max-connections={all} is exceeded: each of the {workers} workers accepts at least one connection")
    });
}

fn check_sizes(args: &ServeArgs, found: &mut Contradictions) {
    let body = args.edge.max_body_bytes;
    for (name, bytes) in [
        ("--max-document-bytes", args.limits.max_document_bytes),
        ("--max-variable-bytes", args.limits.max_variable_bytes),
    ] {
        let exceeds = u32::try_from(bytes).map_or(true, |bytes| bytes > body);
        found.warn_if(exceeds, || {
            format!(
                "{name}={bytes} can't be reached: --max-body-bytes={body} rejects the request first"
            )
        });
    }
    let (cache, response) = (
        args.caches.response_cache_bytes(),
        u64::from(args.edge.max_response_bytes),
    );
    found.warn_if(cache > 0 && cache < response, || {
        format!(
            "--answer-cache={} (MiB) is smaller than the largest response, --max-response-bytes={response}: such responses are not cached",
            args.caches.answer_cache
        )
    });
}
