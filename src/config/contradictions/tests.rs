use crate::config::{Cli, Command};

use super::*;

/// Returns the contradictions among the settings of a command line.
fn contradictions(arguments: &[&str]) -> Contradictions {
    let line = [&["marquee", "serve"], arguments].concat();
    let cli = Cli::read(line).unwrap();
    let Some(Command::Serve(args)) = cli.command else {
        panic!("another command");
    };
    Contradictions::of(&args, &cli.database)
}

#[test]
fn the_defaults_contradict_nothing() {
    assert_eq!(contradictions(&[]), Contradictions::default());
    let without_command = Cli::read(["marquee", "--rate-limit=60"]).unwrap();
    let found = Contradictions::of(&without_command.serve, &without_command.database);
    assert_eq!(found.errors.len(), 2, "{found:?}");
}

#[test]
fn a_rate_limit_that_serves_no_page_is_an_error() {
    let found = contradictions(&["--rate-limit=60", "--rate-burst=1000000"]);
    assert!(
        found.errors[0].starts_with("--rate-limit=60 allows less than one page a minute: ")
            && found.errors[0].ends_with("in cost units, not in requests"),
        "{found:?}"
    );
    assert_eq!(
        found.errors[1],
        "--rate-burst=1000000 refills in 16666 minutes by --rate-limit=60: a caller who has used it waits that long"
    );
    let cost = page::cost().unwrap();
    assert!((100..200).contains(&cost), "{cost}");
    let below = format!("--token-rate-burst={}", cost - 1);
    let found = contradictions(&[&below]);
    assert!(
        found.errors[0].starts_with(&format!("{below} allows no page: ")),
        "{found:?}"
    );
    let enough = format!("--token-rate-burst={cost}");
    assert_eq!(contradictions(&[&enough]), Contradictions::default());
}

#[test]
fn limits_below_the_least_page_are_errors_and_are_all_told() {
    let found = contradictions(&[
        "--max-document-bytes=20",
        "--max-tokens=5",
        "--max-depth=2",
        "--max-cost=100",
    ]);
    let names: Vec<_> = found
        .errors
        .iter()
        .map(|error| error.split('=').next().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "--max-document-bytes",
            "--max-tokens",
            "--max-depth",
            "--max-cost"
        ]
    );
    let message = found.message().unwrap();
    assert!(message.starts_with("4 contradictions in the settings:\n  --max-document-bytes=20 "));
    assert_eq!(
        contradictions(&["--max-depth=3"]),
        Contradictions::default()
    );
}

#[test]
fn pairs_of_which_only_one_can_be_meant_are_errors() {
    for (arguments, part) in [
        (
            &["--create", "--migrate=false"][..],
            "--create and --migrate=false",
        ),
        (
            &["--listen=:9000", "--metrics-listen=*:9000"],
            "--metrics-listen and --listen are both *:9000",
        ),
        (&["--jwt-issuer=https://id.example"], "belong together"),
        (&["--persisted=only"], "--persisted only needs --documents"),
        (
            &["--persisted=off", "--documents=x"],
            "contradict each other",
        ),
        (
            &["--anonymous-reads=false", "--anonymous-introspection=true"],
            "introspection is a query",
        ),
    ] {
        let found = contradictions(arguments);
        assert_eq!(found.errors.len(), 1, "{found:?}");
        assert!(found.errors[0].contains(part), "{found:?}");
    }
    let none = Contradictions::default();
    assert_eq!(contradictions(&["--anonymous-reads=false"]), none);
    assert_eq!(
        contradictions(&["--listen=:0", "--metrics-listen=:0"]),
        none
    );
    assert_eq!(contradictions(&["--create"]), none);
}

/// Settings without effect, each with the beginning of the warning.
const WITHOUT_EFFECT: &[(&[&str], &str)] = &[
    (
        &["--rate-limit=20000"],
        "--rate-burst=2000000 refills in 100 minutes",
    ),
    (
        &["--rate-limit=0", "--rate-burst=5000"],
        "--rate-burst has no effect",
    ),
    (
        &["--token-rate-limit=0", "--token-rate-burst=5000"],
        "--token-rate-burst has no effect",
    ),
    (
        &[
            "--rate-limit=0",
            "--token-rate-limit=0",
            "--cost-unit-time=5",
        ],
        "--cost-unit-time has no effect",
    ),
    (
        &["--connection-timeout=15000"],
        "--connection-timeout=15000 (milliseconds) has no effect",
    ),
    (
        &["--slow-query-ms=20000"],
        "--slow-query-ms=20000 logs nothing",
    ),
    (
        &["--sockets-per-address=1001"],
        "--sockets-per-address=1001 has no effect",
    ),
    (
        &["--connections-per-address=10001"],
        "--connections-per-address=10001 has no effect",
    ),
    (
        &[
            "--workers=8",
            "--max-connections=7",
            "--connections-per-address=0",
            "--sockets-per-address=7",
        ],
        "--max-connections=7 is exceeded",
    ),
    (
        &["--max-body-bytes=200000"],
        "--max-variable-bytes=500000 can't be reached",
    ),
    (
        &["--max-document-bytes=1048576", "--max-body-bytes=1000000"],
        "--max-document-bytes=1048576 can't be reached",
    ),
    (&["--answer-cache=9"], "--answer-cache=9 (MiB) is smaller"),
    (
        &["--notifications=false", "--answer-cache=99"],
        "--answer-cache has no effect",
    ),
    (
        &["--notifications=false", "--film-index=true"],
        "--film-index has no effect",
    ),
    (&["--jwt-leeway=5"], "--jwt-leeway has no effect"),
    (&["--trace-sample=0.5"], "--trace-sample has no effect"),
    (
        &["--proxy-header=forwarded"],
        "--proxy-header has no effect",
    ),
    (
        &["--persisted=off", "--apq-bytes=5"],
        "--apq-bytes has no effect",
    ),
    (
        &["--allowed-origin=*", "--allowed-origin=https://a.example"],
        "the other values of --allowed-origin",
    ),
    (
        &["--database-url=postgres:///x", "--data-dir=y"],
        "--data-dir has no effect",
    ),
    (
        &["--database-url=postgres:///x", "--demo"],
        "--demo has no effect",
    ),
];

#[test]
fn settings_without_effect_are_warnings() {
    for (arguments, start) in WITHOUT_EFFECT {
        let found = contradictions(arguments);
        assert_eq!(
            (found.errors.len(), found.warnings.len()),
            (0, 1),
            "{arguments:?}: {found:?}"
        );
        assert!(found.warnings[0].starts_with(start), "{found:?}");
    }
    for fine in [
        &["--notifications=false"][..],
        &[
            "--notifications=false",
            "--answer-cache=0",
            "--film-index=false",
        ],
        &["--answer-cache=0"],
        &["--rate-limit=0"],
        &["--connections-per-address=0", "--sockets-per-address=10000"],
        &["--slow-query-ms=0"],
        &["--trusted-proxy=10.0.0.0/8", "--proxy-header=forwarded"],
    ] {
        assert_eq!(contradictions(fine), Contradictions::default(), "{fine:?}");
    }
}
