//! Backups of the database: archives of PostgreSQL's `pg_dump`, which a transaction restores.

pub mod archive;
pub mod dump;
pub mod error;
mod privileges;
pub mod programs;
pub mod restore;
pub mod target;

pub use self::{
    archive::Archive, dump::dump, error::BackupError, restore::restore, target::Target,
};
