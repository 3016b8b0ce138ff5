//! The command line settings of request limits.

use clap::{Args, builder::RangedU64ValueParser, value_parser};

use crate::{
    document::{Pipeline, limits::Limits, schema::SchemaError},
    metrics::CacheMetrics,
};

/// The help heading of these settings.
const HELP_HEADING: &str = "Request limits";

/// Accepts a number from 1 to `bound`.
fn up_to(bound: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=bound)
}

/// The limits of a request.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = HELP_HEADING)]
pub struct LimitArgs {
    /// The maximum size of a document, in bytes (1 to 1,048,576).
    #[arg(long, env = "MARQUEE_MAX_DOCUMENT_BYTES", default_value_t = Limits::default().bytes, value_name = "N", value_parser = up_to(1 << 20))]
    pub max_document_bytes: usize,
    /// The maximum number of tokens in a document (1 to 15,000).
    #[arg(long, env = "MARQUEE_MAX_TOKENS", default_value_t = Limits::default().tokens, value_name = "N", value_parser = up_to(15_000))]
    pub max_tokens: usize,
    /// The maximum nesting depth of fields (1 to 64).
    #[arg(long, env = "MARQUEE_MAX_DEPTH", default_value_t = Limits::default().depth, value_name = "N", value_parser = up_to(64))]
    pub max_depth: usize,
    /// The maximum number of fields with an alias in an operation, with fragments expanded (1 to 10,000).
    #[arg(long, env = "MARQUEE_MAX_ALIASES", default_value_t = Limits::default().aliases, value_name = "N", value_parser = up_to(10_000))]
    pub max_aliases: usize,
    /// The maximum number of root fields of an operation, with fragments expanded (1 to 10,000).
    #[arg(long, env = "MARQUEE_MAX_ROOT_FIELDS", default_value_t = Limits::default().root_fields, value_name = "N", value_parser = up_to(10_000))]
    pub max_root_fields: usize,
    /// The maximum number of directives in an operation, with fragments expanded (1 to 10,000).
    #[arg(long, env = "MARQUEE_MAX_DIRECTIVES", default_value_t = Limits::default().directives, value_name = "N", value_parser = up_to(10_000))]
    pub max_directives: usize,
    /// The maximum cost of an operation (1 to 200,000), without the part that depends on the size of the catalogue. The
    /// cost is an upper bound of the number of fields, and so of objects, in the response.
    #[arg(long, env = "MARQUEE_MAX_COST", default_value_t = Limits::default().cost, value_name = "N", value_parser = up_to(200_000))]
    pub max_cost: usize,
    /// The maximum size of the variables as JSON, in bytes (1 to 16,777,216).
    #[arg(long, env = "MARQUEE_MAX_VARIABLE_BYTES", default_value_t = Limits::default().variable_bytes, value_name = "N", value_parser = up_to(16 << 20))]
    pub max_variable_bytes: usize,
    /// The maximum nesting depth of lists and objects in variables (1 to 100).
    #[arg(long, env = "MARQUEE_MAX_VARIABLE_DEPTH", default_value_t = Limits::default().variable_depth, value_name = "N", value_parser = up_to(100))]
    pub max_variable_depth: usize,
    /// The maximum memory for parsed and validated documents, which later requests reuse, in MiB (0 to 4,096).
    #[arg(long, env = "MARQUEE_DOCUMENT_CACHE", default_value_t = 32, value_name = "MIB", value_parser = value_parser!(u16).range(0..=4_096))]
    pub document_cache: u16,
}

impl LimitArgs {
    /// Creates the pipeline that parses and validates documents for a schema, within these limits. `suggestions` is
    /// whether errors about unknown names suggest similar names. `metrics` counts the hits and misses of the document
    /// cache.
    ///
    /// # Errors
    ///
    /// When the schema is invalid.
    pub fn pipeline(
        &self,
        sdl: &str,
        suggestions: bool,
        metrics: CacheMetrics,
    ) -> Result<Pipeline, SchemaError> {
        Pipeline::new(
            sdl,
            self.limits(),
            suggestions,
            u64::from(self.document_cache) << 20,
            metrics,
        )
    }

    /// Returns the limits.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            bytes: self.max_document_bytes,
            tokens: self.max_tokens,
            depth: self.max_depth,
            aliases: self.max_aliases,
            root_fields: self.max_root_fields,
            directives: self.max_directives,
            cost: self.max_cost,
            variable_bytes: self.max_variable_bytes,
            variable_depth: self.max_variable_depth,
        }
    }
}
