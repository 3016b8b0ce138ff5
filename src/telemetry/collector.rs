//! The way to a collector of traces: OTLP over HTTP.
//!
//! A span that ends goes into a bounded queue, which a thread of its own empties. When the queue is full, because the collector is away
//! or slow, spans are dropped; no request ever waits for it.

use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider},
};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;
use ureq::http::Uri;

use super::client::{Client, PATIENCE};

/// Under which name the spans' library goes.
const SCOPE: &str = "marquee";

/// Where a collector takes traces.
const PATH: &str = "/v1/traces";

/// Why there can be no traces.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The address is none. It is not repeated: somebody may have put a password into it.
    #[error("--otlp-endpoint takes the address of a collector, such as http://127.0.0.1:4318")]
    Address,
    /// The exporter can't be made, by what the environment says of it.
    #[error("traces can't be sent: {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// Takes spans, of the given share of the traces that begin here, and sends them to a collector.
pub fn provider(address: &str, share: f64) -> Result<SdkTracerProvider, Unusable> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Client::default())
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(traces_address(address)?)
        .with_timeout(PATIENCE)
        .build()?;
    let resource = Resource::builder()
        .with_service_name("marquee")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share)));
    Ok(SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(sampler)
        .with_span_processor(BatchSpanProcessor::builder(exporter).build())
        .build())
}

/// Makes spans of a collector's from those of this process.
pub fn layer<S>(provider: &SdkTracerProvider) -> OpenTelemetryLayer<S, SdkTracer>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    // What isn't said is not asked for either: threads and places in the code tell a site nothing.
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(SCOPE))
        .with_context_activation(false)
        .with_tracked_inactivity(false)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
}

/// The whole address, by that of the collector.
fn traces_address(address: &str) -> Result<String, Unusable> {
    let uri: Uri = address.parse().map_err(|_| Unusable::Address)?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let authority = uri.authority().ok_or(Unusable::Address)?;
    if !is_http || authority.as_str().contains('@') || uri.query().is_some() {
        return Err(Unusable::Address);
    }
    let base = address.trim_end_matches('/');
    Ok(format!("{base}{PATH}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_added_to_the_collectors_address() {
        for (given, whole) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            (
                "https://c.example/otlp/",
                "https://c.example/otlp/v1/traces",
            ),
        ] {
            assert_eq!(traces_address(given).unwrap(), whole);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_repeated() {
        for bad in [
            "",
            "127.0.0.1:4318",
            "grpc://c.example",
            "http://u:hunter2@c.example",
            "http://c.example/?key=hunter2",
        ] {
            let error = traces_address(bad).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
