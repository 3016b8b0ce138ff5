//! The tables of Marquee's database as SeaORM entities, one table a file. The crate depends on neither GraphQL nor the
//! domain rules, so that a change of a table is not a change of the API.

#![expect(
    missing_docs,
    reason = "SeaORM's macro generates undocumented items, and the columns have descriptive names"
)]

pub mod api_token;
pub mod critic;
pub mod critic_tally;
pub mod erasure;
pub mod film;
pub mod film_tally;
pub mod idempotency_key;
pub mod publication;
pub mod publication_tally;
pub mod published_score;
pub mod review;
pub mod review_revision;
