//! Reading in batches: what many fields, of many requests, ask for at the same time becomes one statement.
//!
//! A field asks its request's [`data_loader::Reader`] for a [`key::BatchKey`]. What the request has read already, or [`row_cache`] holds, is
//! there at once; the rest goes to the worker's [`batcher::Loader`], which reads the keys of a group by one statement.
//!
//! A new field gets all this by a key type of its own.

pub mod batcher;
pub mod data_loader;
pub mod key;
pub mod row_cache;
