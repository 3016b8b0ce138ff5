//! The storage of imported rows.

pub mod bulk;
pub mod page;

/// The maximum length of a derived external id, in characters, without the number that tells duplicates apart. A longer
/// id is shortened and gets a digest. With the number, an id is still within the limit of an external id.
const LONGEST_MADE_ID: usize = 180;

/// The number of characters of a shortened id before its digest.
const KEPT_OF_MADE_ID: usize = 150;

/// The key of the advisory lock that each import holds, so that only one runs at a time: "import" in ASCII.
const LOCK: i64 = 0x696d_706f_7274;
