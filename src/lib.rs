//! Marquee: a self-hosted critic-review aggregator behind a GraphQL API.
//!
//! Data flows one way: `http` → `graphql` → `store` → `entity`. A room a domain (`film`, `critic`, `publication`, `review`,
//! `published_score`, `score`), with the same doors in each:
//!
//! - `mod.rs`: the rules, types and functions without I/O;
//! - `graphql.rs`: the surface, what the API shows and takes;
//! - `store.rs`: the rows, queries and batched reads.
//!
//! What goes in and out as a whole: `catalogue` is the file format, `import` takes it (and pages and lists) in, `export` gives it out,
//! `generate` makes one up. All of them meet at `catalogue::record::Record`.
//!
//! `document` stands in front of execution: what a stranger sends is examined there, against the schema and the limits, before anything runs.
//! `graphql::selection` executes what it lets through: fields that only hand out what is there as they come, the others by async-graphql.
//! `access` is who may: tokens, what they speak for, and what nobody in particular may.
//! `rate` is how much one may ask for in a time, `documents` what a request may name instead of bringing it.
//! `live` hears from the database what has changed, whoever changed it, and hands it to the subscriptions.
//!
//! `observe` is what the server counts of itself, `telemetry` how it logs and where its traces go.
//!
//! What holds, and is tested by `tests/it/layout.rs`: the rules know nothing of the database, of GraphQL or of HTTP; no surface
//! touches the database; no store knows of GraphQL.

pub mod config;
pub mod observe;
pub mod telemetry;

pub mod score;

pub mod critic;
pub mod film;
pub mod named;
pub mod publication;
pub mod published_score;
pub mod review;

pub mod catalogue;
pub mod demo;
pub mod export;
pub mod generate;
pub mod import;

pub mod access;
pub mod cache;
pub mod loader;
pub mod mutation;
pub mod user_error;

pub mod documents;
pub mod live;
pub mod rate;

pub mod by_type;
pub mod document;
pub mod error;
pub mod filter;
pub mod global_id;
pub mod graphql;
pub mod pagination;
pub mod patch;
pub mod slug;
pub mod text;

pub mod database;
pub mod http;

#[cfg(any(test, feature = "laws"))]
pub mod laws;
