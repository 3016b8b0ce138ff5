//! What is kept beyond a request, and how it is known to be still true.
//!
//! ```text
//! a row changes ─ NOTIFY at its commit ─▶ versions: this tag changed now
//!                                              ▲
//! read at a moment, resting on tags ─ kept ────┴─ used: has any of its tags changed since its moment?
//! ```
//!
//! Nothing is taken out when something changes. Whatever is kept knows the moment before it was read and the tags that it rests on, and is
//! held against them each time it is used. So there is no race to lose: what was read before a change, and kept after it, is of a moment
//! before the change, and is never used.

pub mod answers;
pub mod hearing;
pub mod tag;
pub mod versions;

/// The channel on which the database's triggers tell what has changed: the words of [`tag::Tag`]s with spaces between, or `*` when too many
/// rows have changed to tell of each.
pub const CHANNEL: &str = "marquee_stale";
