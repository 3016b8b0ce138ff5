//! The text formats of `/metrics`: that of Prometheus, version 0.0.4, and `OpenMetrics`.

use actix_web::HttpRequest;

use crate::http::{accept::accepted_ranges, media_type::MediaRange};

/// A text format of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The text format of Prometheus, which everything that reads metrics understands.
    Text,
    /// The `OpenMetrics` text format.
    OpenMetrics,
}

impl Format {
    /// Returns the format that the client prefers. `OpenMetrics` must be asked for by name: `*/*` is also the header of
    /// programs that know only the text format.
    pub fn negotiate(request: &HttpRequest) -> Self {
        let accepted = accepted_ranges(request);
        let highest = |is_format: fn(&MediaRange) -> bool| {
            let matching = accepted.iter().filter(|range| is_format(range));
            matching.map(MediaRange::quality).max()
        };
        match (highest(is_open_metrics), highest(is_text)) {
            (Some(0) | None, _) => Self::Text,
            (open_metrics, text) if open_metrics < text => Self::Text,
            _ => Self::OpenMetrics,
        }
    }

    /// Returns the value of the `Content-Type` header.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// Converts metrics from the `OpenMetrics` text format, in which they are encoded.
    pub fn convert(self, open_metrics: String) -> String {
        match self {
            Self::Text => text_of(&open_metrics),
            Self::OpenMetrics => open_metrics,
        }
    }
}

fn is_open_metrics(range: &MediaRange) -> bool {
    let version = range.parameter("version");
    range.essence == "application/openmetrics-text"
        && version.is_none_or(|version| version == "1.0.0")
}

fn is_text(range: &MediaRange) -> bool {
    range.essence == "text/plain"
}

/// Converts the descriptions: in the text format they name a metric as its samples do, there are fewer types and no
/// units, and nothing marks the end. The samples are the same in both formats.
fn text_of(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    // The help comes first, but the name depends on the type.
    let mut help = None;
    for line in open_metrics.lines() {
        if let Some(described) = line.strip_prefix("# HELP ") {
            help = described.split_once(' ');
        } else if let Some((name, kind)) = line
            .strip_prefix("# TYPE ")
            .and_then(|described| described.split_once(' '))
        {
            let (suffix, kind) = described_as(kind);
            if let Some((_, help)) = help.take() {
                text.extend(["# HELP ", name, suffix, " ", help, "\n"]);
            }
            text.extend(["# TYPE ", name, suffix, " ", kind, "\n"]);
        } else if !line.starts_with('#') {
            text += line;
            text.push('\n');
        }
    }
    text
}

/// Returns the suffix of the name and the type by which the text format describes a metric of a type of `OpenMetrics`.
fn described_as(kind: &str) -> (&'static str, &str) {
    match kind {
        "counter" => ("_total", "counter"),
        "info" => ("_info", "gauge"),
        "unknown" => ("", "untyped"),
        _ => ("", kind),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::ACCEPT, test::TestRequest};

    use super::*;

    fn negotiated(accept: &str) -> Format {
        let request = TestRequest::default().insert_header((ACCEPT, accept));
        Format::negotiate(&request.to_http_request())
    }

    #[test]
    fn the_text_format_is_the_default() {
        let request = TestRequest::default().to_http_request();
        assert_eq!(Format::negotiate(&request), Format::Text);
        for accept in [
            "",
            "*/*",
            "text/*",
            "text/plain",
            "text/plain; version=0.0.4",
            "text/html,application/xhtml+xml,*/*;q=0.8",
            "application/json",
            "application/*",
            "nonsense",
            "application/openmetrics-text; q=0",
            "application/openmetrics-text; version=0.0.1",
            "text/plain, application/openmetrics-text; q=0.5",
        ] {
            assert_eq!(negotiated(accept), Format::Text, "{accept}");
        }
    }

    #[test]
    fn openmetrics_is_for_clients_that_prefer_it() {
        for accept in [
            "application/openmetrics-text",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            "application/openmetrics-text, text/plain",
            "application/openmetrics-text; q=0.5, text/plain; q=0.4, */*; q=0.6",
            // Of Prometheus 2.50 and 3.
            "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,\
             text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
             application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
             text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
        ] {
            assert_eq!(negotiated(accept), Format::OpenMetrics, "{accept}");
        }
    }

    #[test]
    fn descriptions_are_converted_and_samples_stay() {
        let open_metrics = "# HELP requests Requests.\n# TYPE requests counter\nrequests_total{a=\"# b\"} 1\n\
                            # HELP build Version.\n# TYPE build info\nbuild_info{version=\"1\"} 1\n\
                            # HELP wait_seconds Wait.\n# TYPE wait_seconds histogram\n# UNIT wait_seconds seconds\n\
                            wait_seconds_bucket{le=\"+Inf\"} 2\nwait_seconds_sum 0.5\nwait_seconds_count 2\n\
                            # TYPE odd unknown\nodd 1\n# EOF\n";
        let text = "# HELP requests_total Requests.\n# TYPE requests_total counter\nrequests_total{a=\"# b\"} 1\n\
                    # HELP build_info Version.\n# TYPE build_info gauge\nbuild_info{version=\"1\"} 1\n\
                    # HELP wait_seconds Wait.\n# TYPE wait_seconds histogram\n\
                    wait_seconds_bucket{le=\"+Inf\"} 2\nwait_seconds_sum 0.5\nwait_seconds_count 2\n\
                    # TYPE odd untyped\nodd 1\n";
        assert_eq!(Format::Text.convert(open_metrics.to_owned()), text);
        assert_eq!(
            Format::OpenMetrics.convert(open_metrics.to_owned()),
            open_metrics
        );
    }
}
