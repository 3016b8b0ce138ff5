//! The mutations of the schema, one noun a file.

pub mod commit;
pub mod critic;
pub mod film;
pub mod idempotency;
pub mod import_file;
pub mod import_page;
pub mod named;
pub mod publication;
pub mod review;
pub mod site_rules;
pub mod token;
