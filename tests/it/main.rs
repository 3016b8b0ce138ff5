//! The integration tests: one binary, one module per domain. Each test has its own database, cloned from a migrated
//! template on a real PostgreSQL. A test of HTTP also has its own server on a free port.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed precondition must end the test; clippy exempts test functions from these lints, but not their helpers"
)]

mod support;

mod configuration;
mod docs;
mod errors;
mod layout;

mod constraints;
mod migrations;
mod schemas;
mod soak;
mod stack;
mod tallies;
mod versions;

mod demo;
mod folding;
mod import_page;

mod bounds;
mod caching;
mod cost;
mod critics;
mod documented_defaults;
mod documented_nulls;
mod json_ld;
mod languages;
mod limits;
mod lists;
mod nodes;
mod outage;
mod paging;
mod schema;
mod scores;
mod search;

mod access;
mod writing;

mod clients;
mod edge;
mod http;
mod observability;
mod permissions;
mod persisted_documents;
mod proxies;
mod rate_limits;
mod scenario;
mod selection;
mod serving_role;
mod site_rules;
mod subscriptions;

mod backups;
mod chaos;
mod commands;
mod import_export;
mod poolers;
mod private_postgresql;
mod replication;
mod restores;
