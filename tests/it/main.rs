//! The integration tests: one binary, a module a domain. Each test has a database of its own, cloned from a migrated template on a
//! real PostgreSQL, and where it speaks HTTP a server of its own on a free port.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends at once when what it rests on isn't there; the lints except tests, but not what they share"
)]

mod support;

mod docs;
mod errors;
mod layout;

mod constraints;
mod migrations;
mod soak;
mod stack;
mod tallies;
mod versions;

mod demo;
mod import_page;

mod bounds;
mod caching;
mod cost;
mod limits;
mod lists;
mod nodes;
mod outage;
mod paging;
mod schema;
mod scores;

mod access;
mod writing;

mod clients;
mod documents;
mod edge;
mod http;
mod live;
mod morning;
mod observe;
mod rates;
mod rights;
mod selection;
mod serving_role;

mod chaos;
mod commands;
mod exchange;
mod private_postgresql;
