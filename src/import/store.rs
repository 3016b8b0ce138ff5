//! Storing what was read.

pub mod bulk;
pub mod page;

/// The longest id that is made of what a review is known by and told as it is. With a number it is within what a name at a source may have.
const LONGEST_MADE_ID: usize = 180;

/// How much of a longer one is kept before its digest.
const KEPT_OF_MADE_ID: usize = 150;

/// The key of the advisory lock that imports take one after the other: "import" in ASCII.
const LOCK: i64 = 0x696d_706f_7274;
