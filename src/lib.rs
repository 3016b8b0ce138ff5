//! Marquee: a self-hosted critic-review aggregator behind a GraphQL API.
//!
//! The modules below are layers, in their order: each imports only modules that are declared after it.
//! `tests/it/layout.rs` checks that.
//!
//! A domain (`review`, `publication`, `critic`, `film`, `published_score`, `external_id`) has its rules, types and functions without
//! I/O, in `mod.rs`, and its rows, queries and batched reads in `store`. Its GraphQL types are in `graphql`.
//!
//! All catalogues that go in and out meet at [`catalogue::record::Record`].

// What holds for every input, for the tests and the fuzzer.
#[cfg(any(test, feature = "properties"))]
pub mod properties;

// The program: its commands, their output, and how a signal stops them.
pub mod commands;

// Requests and responses over HTTP and WebSocket, health, metrics, the playground.
pub mod http;

// Logs and traces.
pub mod telemetry;

// The command line and its settings.
pub mod config;

// A client's document before it is executed: limits, validation, variables, cost.
pub mod document;

// The GraphQL surface: the schema, its types, mutations and subscriptions.
pub mod graphql;

// Changes as they are committed, for subscriptions.
pub mod subscriptions;

// The demo catalogue.
pub mod demo;

// Catalogues out, in, and made up.
pub mod export;

pub mod import;

pub mod generate;

// The format of catalogues: columns, and rows to records and back.
pub mod catalogue;

// The domains, and who may write them.
pub mod published_score;

pub mod review;

pub mod access;

pub mod publication;

pub mod critic;

pub mod film;

// What critics and publications have in common.
pub mod named;

// The identifiers of films and critics at sources.
pub mod external_id;

// Names and excerpts that match a text.
pub mod search;

// Transactions, idempotency keys, group commit.
pub mod mutation;

// Reads in batches.
pub mod loader;

// The rules of the site: how scores are computed, and how reviews are read.
pub mod site_rules;

// Errors and their codes, as clients see them.
pub mod error;

// The connections to PostgreSQL, the private PostgreSQL, the changes of its schema.
pub mod database;

// Cached responses, and the invalidation of what is cached.
pub mod cache;

// Metrics that several modules count, and the target of spans.
pub mod metrics;

// Without I/O: the labels of scores in languages.
pub mod translations;

// Without I/O: what reviews add up to.
pub mod score;

// Without I/O: how inputs are read, and what is wrong with them.
pub mod patch;

pub mod user_error;

// Without I/O: rate limits, documents by name, pages of lists, ids, filters, texts.
pub mod rate_limit;

pub mod persisted_documents;

pub mod pagination;

pub mod global_id;

pub mod filter;

pub mod slug;

pub mod text;

pub mod type_map;

// JSON as others send it, in which only an object is an object.
pub mod json;

// The delays between retries.
pub mod backoff;
