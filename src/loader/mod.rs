//! Reads in batches: the keys that many fields of many requests load at the same time become one statement.
//!
//! A field loads a [`key::LoaderKey`] from its request's [`data_loader::DataLoader`]. Keys that the request has loaded, or that the
//! [`row_cache`] holds, are returned at once. The worker's [`batcher::Batcher`] reads the others, the keys of a group by one statement.
//!
//! A new field needs a key type, and nothing else.

pub mod batcher;
pub mod data_loader;
pub mod key;
pub mod row_cache;
