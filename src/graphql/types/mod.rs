//! The types of the schema and the resolvers of their fields, one noun a file.

pub mod changed_field;
pub mod critic;
pub mod erasure;
pub mod external_id;
pub mod film;
pub mod name_input;
pub mod node;
pub mod publication;
pub mod published_score;
pub mod rate_limit;
pub mod review;
pub mod reviewer;
pub mod revision;
pub mod score;
pub mod score_distribution;
pub mod score_explanation;
pub mod score_history;
pub mod scoring_policy;
pub mod search;
pub mod site_rules;
pub mod token;
pub mod user_error;
pub mod viewer;
