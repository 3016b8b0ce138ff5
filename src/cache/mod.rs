//! The caches that outlive a request, and their invalidation.
//!
//! ```text
//! a row changes ── NOTIFY at commit ──▶ record the time of the tag's last change
//!                                             ▲
//! read with timestamp and tags ── cached ─────┴─ on use: has any of the tags changed since the timestamp?
//! ```
//!
//! A change evicts nothing. Each entry has a timestamp from before it was read and the tags that it depends on, and is
//! validated against them on each use. So there is no race between a read and an invalidation: an entry that was read
//! before a change and inserted after it has a timestamp from before the change, and is never used.

pub mod invalidation_clock;
pub mod invalidation_listener;
pub mod response_cache;
pub mod snapshots;
pub mod tag;

/// The channel on which the triggers of the database send notifications. A payload consists of [`tag::Tag`]s separated
/// by spaces, or is `*` if too many rows have changed.
pub const INVALIDATION_CHANNEL: &str = "marquee_stale";
