use clap::Parser;

use crate::config::Cli;

#[test]
fn a_certificate_needs_its_key_and_a_key_its_certificate() {
    for (line, is_valid) in [
        (&["--tls-certificate=c", "--tls-key=k"][..], true),
        (&["--tls-certificate=c"], false),
        (&["--tls-key=k"], false),
    ] {
        let line = ["marquee"].iter().chain(line);
        assert_eq!(Cli::try_parse_from(line).is_ok(), is_valid);
    }
}

#[test]
fn the_connection_limit_is_divided_among_the_workers() {
    let cli = Cli::try_parse_from(["marquee", "--max-connections=10"]).unwrap();
    for (workers, expected) in [(1, 10), (3, 3), (10, 1), (20, 1)] {
        let workers = std::num::NonZeroUsize::new(workers).unwrap();
        assert_eq!(cli.serve.edge.connections_per_worker(workers), expected);
    }
}
