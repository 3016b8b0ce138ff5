//! The export of traces to a collector by OTLP over HTTP.
//!
//! A span that ends goes into a bounded queue, which a dedicated thread exports. If the queue is full because the
//! collector is unavailable or slow, spans are dropped. Requests never wait for the export.

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

use super::client::{CollectorClient, EXPORT_TIMEOUT};

/// The name of the instrumentation scope.
const SCOPE: &str = "marquee";

/// The path at which a collector receives traces.
const PATH: &str = "/v1/traces";

/// An error in the settings of traces.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The URL of the collector is invalid. The message does not repeat it because it may contain a password.
    #[error(
        "--otlp-endpoint must be a URL without credentials and query, such as http://127.0.0.1:4318"
    )]
    InvalidUrl,
    /// The exporter rejects the settings in its environment variables.
    #[error("can't create the exporter of traces: {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// Creates a provider that exports spans to the collector at a URL. It samples the given share of the traces that start
/// in this process, and follows the sampling decision of the caller for others.
pub fn tracer_provider(url: &str, sampled_share: f64) -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(CollectorClient::default())
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(traces_url(url)?)
        .with_timeout(EXPORT_TIMEOUT)
        .build()?;
    let resource = Resource::builder()
        .with_service_name("marquee")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(sampled_share)));
    Ok(SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(sampler)
        .with_span_processor(BatchSpanProcessor::builder(exporter).build())
        .build())
}

/// Creates the layer that passes spans of `tracing` to the provider.
pub fn layer<S>(provider: &SdkTracerProvider) -> OpenTelemetryLayer<S, SdkTracer>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    // Threads and code locations are omitted: they are of no use to operators.
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(SCOPE))
        .with_context_activation(false)
        .with_tracked_inactivity(false)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
}

/// Returns the URL for traces, given the base URL of a collector.
fn traces_url(url: &str) -> Result<String, TelemetryError> {
    let uri: Uri = url.parse().map_err(|_| TelemetryError::InvalidUrl)?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let authority = uri.authority().ok_or(TelemetryError::InvalidUrl)?;
    if !is_http || authority.as_str().contains('@') || uri.query().is_some() {
        return Err(TelemetryError::InvalidUrl);
    }
    let base = url.trim_end_matches('/');
    Ok(format!("{base}{PATH}"))
}

#[cfg(test)]
mod tests;
