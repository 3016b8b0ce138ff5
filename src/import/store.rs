//! Storing what was read.

pub mod bulk;
pub mod page;

/// The key of the advisory lock that imports take one after the other: "import" in ASCII.
const LOCK: i64 = 0x696d_706f_7274;
