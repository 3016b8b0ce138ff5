//! The storage of imported rows.

pub mod bulk;
pub mod file;
pub mod page;

/// The maximum length of a derived external id, in characters, without the number that distinguishes duplicates. A longer
/// id is shortened and gets a digest. With the number, an id is still within the limit of an external id.
pub(in crate::import) const MAX_DERIVED_ID_LENGTH: usize = 180;

/// The number of characters of a shortened id before its digest.
pub(in crate::import) const DERIVED_ID_PREFIX_LENGTH: usize = 150;

/// The key of the advisory lock that each import holds, so that only one runs at a time: "import" in ASCII.
const IMPORT_LOCK_KEY: i64 = 0x696d_706f_7274;
