//! The command line settings of the caches.

use clap::{ArgAction, Args, builder::BoolishValueParser, value_parser};

use crate::cache::snapshots::Indexes;

/// The help heading of these settings.
const HELP_HEADING: &str = "Caches";

/// The sizes of the caches.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = HELP_HEADING)]
pub struct CacheArgs {
    /// Receive PostgreSQL's notifications of changes. If off, the server caches nothing and offers no subscriptions, and it
    /// can use a pooler in transaction mode.
    #[arg(long, env = "MARQUEE_NOTIFICATIONS", default_value_t = true, action = ArgAction::Set, value_name = "BOOL", value_parser = BoolishValueParser::new())]
    pub notifications: bool,
    /// Keep an index of all films in memory, for filters and counts: about 250 bytes for each film.
    #[arg(long, env = "MARQUEE_FILM_INDEX", default_value_t = true, action = ArgAction::Set, value_name = "BOOL", value_parser = BoolishValueParser::new())]
    pub film_index: bool,
    /// Keep indexes of reviews in memory, for filters and comparisons of critics: about 80 bytes for each review.
    #[arg(long, env = "MARQUEE_REVIEW_INDEX", default_value_t = true, action = ArgAction::Set, value_name = "BOOL", value_parser = BoolishValueParser::new())]
    pub review_index: bool,
    /// The maximum memory for cached rows of each kind, such as critics, in MiB (0 to 4,096). 0 disables the row cache.
    #[arg(long, env = "MARQUEE_ROW_CACHE", default_value_t = 32, value_name = "MIB", value_parser = value_parser!(u16).range(0..=4_096))]
    pub row_cache: u16,
    /// The maximum memory for cached responses, in MiB (0 to 65,535). 0 disables the response cache.
    #[arg(long, env = "MARQUEE_ANSWER_CACHE", default_value_t = 64, value_name = "MIB", value_parser = value_parser!(u16).range(0..=65_535))]
    pub answer_cache: u16,
    /// The time for which browsers and shared caches may reuse the response to a GET request without revalidation, in
    /// seconds (0 to 31,536,000). They receive no invalidations, so a reused response may be outdated for that long.
    #[arg(long, env = "MARQUEE_MAX_AGE", default_value_t = 0, value_name = "SECONDS", value_parser = value_parser!(u32).range(0..=31_536_000))]
    pub max_age: u32,
}

impl CacheArgs {
    /// Returns the indexes to keep in memory.
    #[must_use]
    pub fn indexes(&self) -> Indexes {
        Indexes {
            films: self.film_index,
            reviews: self.review_index,
        }
    }

    /// Returns the maximum size of the response cache, in bytes.
    #[must_use]
    pub fn response_cache_bytes(&self) -> u64 {
        u64::from(self.answer_cache) << 20
    }

    /// Returns the maximum size of the row cache for each kind of row, in bytes.
    #[must_use]
    pub fn row_cache_bytes(&self) -> u64 {
        u64::from(self.row_cache) << 20
    }
}
