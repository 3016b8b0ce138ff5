//! What is kept beyond a request.

use clap::{Args, value_parser};

/// Under what the help tells of it.
const CACHES: &str = "What is kept in memory until it changes";

/// What is kept beyond a request.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = CACHES)]
pub struct CacheArgs {
    /// How many MiB the rows of each kind may take that are asked for again and again, such as critics; 0 keeps none.
    #[arg(long, env = "MARQUEE_ROW_CACHE", default_value_t = 32, value_name = "MIB", value_parser = value_parser!(u16).range(0..=4_096))]
    pub row_cache: u16,
    /// How many MiB whole answers may take; 0 keeps none.
    #[arg(long, env = "MARQUEE_ANSWER_CACHE", default_value_t = 64, value_name = "MIB", value_parser = value_parser!(u16).range(0..=65_535))]
    pub answer_cache: u16,
    /// How many seconds browsers and caches in front of the server may keep the answer to a GET without asking whether it is still true. They
    /// don't hear what changes unless somebody tells them.
    #[arg(long, env = "MARQUEE_MAX_AGE", default_value_t = 0, value_name = "SECONDS", value_parser = value_parser!(u32).range(0..=31_536_000))]
    pub max_age: u32,
}

impl CacheArgs {
    /// How many bytes whole answers may take.
    #[must_use]
    pub fn answers(&self) -> u64 {
        u64::from(self.answer_cache) << 20
    }

    /// How many bytes the rows of each kind may take.
    #[must_use]
    pub fn rows(&self) -> u64 {
        u64::from(self.row_cache) << 20
    }
}
