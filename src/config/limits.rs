//! How much a request may ask for.

use clap::{Args, builder::RangedU64ValueParser, value_parser};

use crate::{
    document::{Pipeline, limits::Limits, schema::NotASchema},
    observe::CacheMetrics,
};

/// Under what the help tells of it.
const LIMITS: &str = "How much a request may ask for";

/// Any number from 1 to the bound.
fn up_to(bound: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=bound)
}

/// How much a request may ask for.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = LIMITS)]
pub struct LimitArgs {
    /// The bytes of a document.
    #[arg(long, env = "MARQUEE_MAX_DOCUMENT_BYTES", default_value_t = Limits::default().bytes, value_name = "N", value_parser = up_to(1 << 20))]
    pub max_document_bytes: usize,
    /// The tokens of a document.
    #[arg(long, env = "MARQUEE_MAX_TOKENS", default_value_t = Limits::default().tokens, value_name = "N", value_parser = up_to(15_000))]
    pub max_tokens: usize,
    /// How deep fields may stand in one another.
    #[arg(long, env = "MARQUEE_MAX_DEPTH", default_value_t = Limits::default().depth, value_name = "N", value_parser = up_to(64))]
    pub max_depth: usize,
    /// The fields of an operation that have an alias, fragments written out.
    #[arg(long, env = "MARQUEE_MAX_ALIASES", default_value_t = Limits::default().aliases, value_name = "N", value_parser = up_to(10_000))]
    pub max_aliases: usize,
    /// The fields at the root of an operation.
    #[arg(long, env = "MARQUEE_MAX_ROOT_FIELDS", default_value_t = Limits::default().root_fields, value_name = "N", value_parser = up_to(10_000))]
    pub max_root_fields: usize,
    /// The directives of an operation, fragments written out.
    #[arg(long, env = "MARQUEE_MAX_DIRECTIVES", default_value_t = Limits::default().directives, value_name = "N", value_parser = up_to(10_000))]
    pub max_directives: usize,
    /// What an operation may cost: at most so many fields, and so at most so many objects, has its answer.
    #[arg(long, env = "MARQUEE_MAX_COST", default_value_t = Limits::default().cost, value_name = "N", value_parser = up_to(100_000))]
    pub max_cost: usize,
    /// The bytes of the variables.
    #[arg(long, env = "MARQUEE_MAX_VARIABLE_BYTES", default_value_t = Limits::default().variable_bytes, value_name = "N", value_parser = up_to(16 << 20))]
    pub max_variable_bytes: usize,
    /// How deep lists and objects may stand in one another in variables.
    #[arg(long, env = "MARQUEE_MAX_VARIABLE_DEPTH", default_value_t = Limits::default().variable_depth, value_name = "N", value_parser = up_to(100))]
    pub max_variable_depth: usize,
    /// How many MiB the documents may take in memory that are known to be good and are not examined again.
    #[arg(long, env = "MARQUEE_DOCUMENT_CACHE", default_value_t = 32, value_name = "MIB", value_parser = value_parser!(u16).range(0..=4_096))]
    pub document_cache: u16,
}

impl LimitArgs {
    /// What takes in documents for a schema, within these limits. `suggestions`: whether to tell names that are like one that isn't there;
    /// `metrics` tells of the documents that are known.
    ///
    /// # Errors
    ///
    /// When the schema is none.
    pub fn pipeline(
        &self,
        sdl: &str,
        suggestions: bool,
        metrics: CacheMetrics,
    ) -> Result<Pipeline, NotASchema> {
        let limits = Limits {
            bytes: self.max_document_bytes,
            tokens: self.max_tokens,
            depth: self.max_depth,
            aliases: self.max_aliases,
            root_fields: self.max_root_fields,
            directives: self.max_directives,
            cost: self.max_cost,
            variable_bytes: self.max_variable_bytes,
            variable_depth: self.max_variable_depth,
        };
        Pipeline::new(
            sdl,
            limits,
            suggestions,
            u64::from(self.document_cache) << 20,
            metrics,
        )
    }
}
