//! Reads of the names and excerpts that are searched.

pub mod excerpts;
pub mod names;
pub mod page;
