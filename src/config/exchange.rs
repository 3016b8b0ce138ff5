//! The command lines of what goes in and out: `import`, `export`, `generate` and `check`.

use std::{num::NonZeroU16, path::PathBuf};

use chrono::NaiveDate;
use clap::{Args, Subcommand};

/// The formats that are read in.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// One film's page of critic reviews, as text.
    Page(PageArgs),
    /// The two lists of films and of their critic reviews that Rotten Tomatoes' data sets come in, as CSV.
    Rt(RtArgs),
    /// A catalogue as CSV, one review a row; docs/catalogue.md lists its columns.
    Csv(CsvArgs),
    /// A catalogue as JSON Lines, one review a line; docs/catalogue.md lists its columns.
    Jsonl(JsonlArgs),
}

/// How to read a page.
#[derive(Debug, Args)]
pub struct PageArgs {
    /// The file; "-" reads standard input.
    pub file: PathBuf,
    /// The film's title.
    #[arg(long)]
    pub title: String,
    /// The year of the film's first release.
    #[arg(long, value_parser = clap::value_parser!(i16).range(1870..=2200))]
    pub year: Option<i16>,
    /// Where the page comes from: a name under which a later import finds these reviews again.
    #[arg(long, default_value = "page", value_name = "NAME")]
    pub source: String,
    /// The page doesn't list the best reviews first: only scored ones get a sentiment.
    #[arg(long)]
    pub unordered: bool,
    /// Print what would be stored, and store nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// How to read the two lists.
#[derive(Debug, Args)]
pub struct RtArgs {
    /// The films; may be compressed by gzip or zstd.
    #[arg(long, value_name = "FILE")]
    pub films: PathBuf,
    /// The reviews; may be compressed by gzip or zstd.
    #[arg(long, value_name = "FILE")]
    pub reviews: PathBuf,
    /// What both have in common with the other formats.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// How to read CSV.
#[derive(Debug, Args)]
pub struct CsvArgs {
    /// The file, which may be compressed by gzip or zstd; "-" reads standard input.
    pub file: PathBuf,
    /// What parts the cells of a row: one character of ASCII, or "tab".
    #[arg(long, default_value = ",", value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: u8,
    /// Where these reviews come from, for rows that don't say: a name under which a later import finds them again.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// What it has in common with the other formats.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// How to read JSON Lines.
#[derive(Debug, Args)]
pub struct JsonlArgs {
    /// The file, which may be compressed by gzip or zstd; "-" reads standard input.
    pub file: PathBuf,
    /// Where these reviews come from, for lines that don't say: a name under which a later import finds them again.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// What it has in common with the other formats.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// How to read, whatever the format.
#[derive(Clone, Debug, Args)]
pub struct ReadingArgs {
    /// Read everything and say what would change, but store nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Leave out rows that can't be used, and list them in a file; else one of them refuses the whole import.
    #[arg(long)]
    pub skip_bad_rows: bool,
    /// Where rows that were left out are listed, as CSV; a file that is there already is not overwritten.
    #[arg(long, default_value = "rejected.csv", value_name = "FILE")]
    pub rejects: PathBuf,
    /// The text's encoding, such as windows-1252.
    #[arg(long, default_value = "utf-8", value_name = "NAME")]
    pub encoding: String,
    /// What a bare number is out of, such as 10 for "7"; without it a bare number is no score.
    #[arg(long, value_name = "N")]
    pub bare_scores_out_of: Option<NonZeroU16>,
    /// How many stars there are to give, where a review doesn't say.
    #[arg(long, default_value = "4", value_name = "N")]
    pub stars_out_of: NonZeroU16,
}

/// The formats that are given out.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// The catalogue as CSV.
    Csv(ExportArgs),
    /// The catalogue as JSON Lines.
    Jsonl(ExportArgs),
}

/// What to give out.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The file to write; "-" writes to standard output.
    #[arg(long, short, default_value = "-", value_name = "FILE")]
    pub output: PathBuf,
    /// Only the film of this slug; may be given several times.
    #[arg(long, value_name = "SLUG")]
    pub film: Vec<String>,
    /// Only reviews published on this day or later, as YYYY-MM-DD.
    #[arg(long, value_name = "DAY")]
    pub since: Option<NaiveDate>,
    /// Only reviews published on this day or earlier, as YYYY-MM-DD.
    #[arg(long, value_name = "DAY")]
    pub until: Option<NaiveDate>,
}

/// What to make up.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// How many films.
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    pub films: u32,
    /// How many critics.
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub critics: u32,
    /// How many publications.
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub publications: u32,
    /// How many reviews.
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    pub reviews: u32,
    /// Where chance begins: the same seed makes the same catalogue.
    #[arg(long, default_value_t = 1, value_name = "S")]
    pub seed: u64,
    /// Write the catalogue to this file as JSON Lines ("-" is standard output) instead of storing it.
    #[arg(long, value_name = "FILE")]
    pub jsonl: Option<PathBuf>,
}

/// How to check.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Count tallies that differ anew, all in one transaction.
    #[arg(long)]
    pub repair: bool,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | 0) => Ok(*byte),
        _ => Err("it is one character of ASCII, or \"tab\"".to_owned()),
    }
}
