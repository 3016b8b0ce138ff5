//! The types of the schema, one noun a file: what the API shows and takes, and how its fields are resolved.

pub mod critic;
pub mod film;
pub mod publication;
pub mod published_score;
pub mod rate_limit;
pub mod review;
pub mod revision;
pub mod score;
pub mod token;
pub mod user_error;
