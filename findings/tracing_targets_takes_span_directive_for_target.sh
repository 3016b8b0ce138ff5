#!/usr/bin/env bash
# tracing-subscriber's `Targets`, which filters by target only, parses a directive of a span such as `[request]=debug` without an error: it takes the
# brackets for a part of the target's name. It prints the directive as `EnvFilter` does, which parses it as a span, and enables nothing. Of a span with
# a field's value it reports an error, as one would expect of all of these.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "targets"
version = "0.0.0"
edition = "2024"

[dependencies]
tracing = "=0.1.44"
tracing-subscriber = { version = "=0.3.23", features = ["env-filter"] }
TOML
cat >src/main.rs <<'RUST'
use tracing::{Subscriber, subscriber::with_default};
use tracing_subscriber::{EnvFilter, filter::Targets, layer::SubscriberExt, registry};

/// Returns whether an event at level DEBUG within the span `request` passes a filter.
fn passes(subscriber: impl Subscriber + Send + Sync + 'static) -> bool {
    with_default(subscriber, || {
        let _entered = tracing::info_span!(target: "site", "request").entered();
        tracing::enabled!(target: "site", tracing::Level::DEBUG)
    })
}

fn main() {
    println!("tracing-subscriber 0.3.23");
    for directive in ["site[request]=debug", "[request]=debug"] {
        let targets: Targets = directive.parse().expect("Targets parses it");
        let spans = EnvFilter::new(directive);
        let printed = (targets.to_string(), spans.to_string());
        println!("{directive}: printed by Targets {:?}, by EnvFilter {:?}", printed.0, printed.1);
        assert_eq!(printed.0, printed.1);
        let target = targets.iter().next().map(|(target, _)| target.to_owned()).expect("one target");
        assert!(target.contains("[request]"));
        let passed = (passes(registry().with(targets)), passes(registry().with(spans)));
        println!("  target of Targets {target:?}; an event at DEBUG within the span passes Targets: {}, EnvFilter: {}", passed.0, passed.1);
        assert_eq!(passed, (false, true));
    }
    let error = "site[request{id=\"a\"}]=trace".parse::<Targets>().expect_err("a value is refused");
    println!("site[request{{id=\"a\"}}]=trace: Targets reports {error}");
}
RUST
cargo run --quiet
