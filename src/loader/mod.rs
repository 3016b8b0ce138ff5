//! Batched reads: the keys that fields of many requests load at the same time are read by one statement.
//!
//! A field loads a [`key::LoaderKey`] from its request's [`data_loader::DataLoader`]. Keys that the request has loaded,
//! or that the [`row_cache`] or the worker's copies of its rows hold, are returned immediately. The worker's
//! [`batcher::Batcher`] reads the others, the keys of a group by one statement.
//!
//! A new kind of read needs only a key type.

pub mod batcher;
pub mod data_loader;
pub mod key;
mod local_rows;
pub mod page_key;
pub mod row_cache;
pub mod table_index;
