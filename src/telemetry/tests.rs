use super::*;

#[test]
fn only_directives_of_spans_need_a_filter_that_follows_spans() {
    for simple in [
        "info",
        "warn,marquee=debug",
        "off",
        "marquee::http=trace",
        "marquee",
    ] {
        assert!(
            matches!(LogFilter::parse(simple), Some(LogFilter::Targets(_))),
            "{simple}"
        );
    }
    for span in [
        "[request]=debug",
        "info,marquee[request{request.id=\"a\"}]=trace",
    ] {
        assert!(
            matches!(LogFilter::parse(span), Some(LogFilter::Spans(_))),
            "{span}"
        );
    }
    assert!(LogFilter::parse("marquee=loud").is_none());
}

#[test]
fn traces_and_lines_of_actix_about_connections_are_not_logged() {
    for filter in ["trace", "trace,[request]=trace"] {
        let enabled = match LogFilter::parse(filter) {
            Some(LogFilter::Targets(filter)) => filter.to_string(),
            Some(LogFilter::Spans(filter)) => filter.to_string(),
            None => panic!("{filter} is valid"),
        };
        for target in SILENT_TARGETS {
            assert!(enabled.contains(&format!("{target}=off")), "{enabled}");
        }
    }
}
