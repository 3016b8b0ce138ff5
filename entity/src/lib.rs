//! The rows of Marquee's database as SeaORM sees them, one table a file. Nothing of GraphQL stands here, and no rule: a change of
//! a table is not a change of the API.

#![expect(
    missing_docs,
    reason = "SeaORM's macro writes items without documentation, and a column is named after what it holds"
)]

pub mod api_token;
pub mod critic;
pub mod critic_tally;
pub mod film;
pub mod film_tally;
pub mod idempotency_key;
pub mod publication;
pub mod publication_tally;
pub mod published_score;
pub mod review;
pub mod review_revision;
