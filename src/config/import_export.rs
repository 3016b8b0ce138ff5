//! The command line settings of `import`, `export`, `generate` and `check`.

use std::{
    num::{NonZeroU16, NonZeroU32},
    path::PathBuf,
};

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};

use crate::{catalogue::DateOrder, import::table::delimiter_of_name};

/// An import: of any files, or of files in a format.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ImportArgs {
    /// The format of the file, if it is known.
    #[command(subcommand)]
    pub format: Option<ImportCommand>,
    /// The files and how they are read.
    #[command(flatten)]
    pub files: FilesArgs,
}

impl ImportArgs {
    /// Returns whether nothing is to be stored.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        match &self.format {
            Some(format) => format.is_dry_run(),
            None => self.files.dry_run || self.files.plan.is_some(),
        }
    }
}

/// The arguments of `import FILE…`.
#[derive(Debug, Args)]
pub struct FilesArgs {
    /// The files to read: tables of films and reviews. Their layouts are found out by their columns.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print the plan and what would change, but store nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print only the plan, in this form, and store nothing.
    #[arg(long, value_name = "FORM")]
    pub plan: Option<PlanForm>,
    /// The meaning of a column, such as `'Your Rating=original_score'`. May be given several times.
    #[arg(long, value_name = "COLUMN=MEANING")]
    pub map: Vec<String>,
    /// A column that is not read. May be given several times.
    #[arg(long, value_name = "COLUMN")]
    pub ignore: Vec<String>,
    /// The layout of the tables, of those in docs/catalogue.md; "columns" goes by the names of the columns.
    #[arg(long, value_name = "NAME")]
    pub layout: Option<String>,
    /// What the rows are, if the layout does not say: films or reviews; `movies.csv=films` says it of one file. May be given
    /// several times.
    #[arg(long = "as", value_name = "KIND|FILE=KIND")]
    pub rows_as: Vec<String>,
    /// The critic of files that do not name one, such as a member's own export, and of rows without one in other files.
    #[arg(long, value_name = "NAME")]
    pub critic: Option<String>,
    /// The name of the source of reviews whose file has none. A later import of the same source updates them.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// The TOML file with what these options say. The options come first.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Write what these options say to a TOML file for --mapping, also in a dry run. An existing file is not overwritten.
    #[arg(long, value_name = "FILE")]
    pub save_mapping: Option<PathBuf>,
    /// The delimiter between the cells of a row: one ASCII character or "tab". By default it is found out.
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter_of_name)]
    pub delimiter: Option<u8>,
    /// The first row has no names of columns.
    #[arg(long, conflicts_with = "header_row")]
    pub no_header: bool,
    /// The line of the names of the columns, counted from 1. By default it is found out.
    #[arg(long, value_name = "N")]
    pub header_row: Option<NonZeroU32>,
    /// The character encoding of the files, such as windows-1252. By default it is found out.
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// The order in dates of digits such as 3/4/2024: dmy, mdy or ymd. By default the dates of the column decide.
    #[arg(long, value_name = "ORDER", value_parser = parse_date_order)]
    pub dates: Option<DateOrder>,
    /// The maximum of grades that are a bare number, such as 10 for "7". By default that of the layout.
    #[arg(long, value_name = "N")]
    pub bare_scores_out_of: Option<NonZeroU16>,
    /// The maximum number of stars for reviews that do not give one. By default that of the rules of the site.
    #[arg(long, value_name = "N")]
    pub stars_out_of: Option<NonZeroU16>,
    /// The settings of invalid rows.
    #[command(flatten)]
    pub rejects: RejectsArgs,
}

/// The form of a printed plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlanForm {
    /// Text for people.
    Text,
    /// JSON for programs.
    Json,
}

/// The settings of invalid rows.
#[derive(Clone, Debug, Args)]
pub struct RejectsArgs {
    /// Skip invalid rows and list them in the file of --rejects. By default one invalid row rejects the whole import.
    #[arg(long)]
    pub skip_bad_rows: bool,
    /// The file for skipped rows: a CSV list with their errors, or, of `import FILE…`, the rows in the form of their own file.
    /// An existing file is not overwritten. A dry run writes one with `.dry-run` before its ending instead, and replaces that
    /// of the last one.
    #[arg(long, default_value = "rejected.csv", value_name = "FILE")]
    pub rejects: PathBuf,
}

/// An import format.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Import the critic reviews of one film from a text page.
    Page(PageArgs),
    /// Import a Rotten Tomatoes data set: a CSV file of films and a CSV file of critic reviews.
    Rt(RtArgs),
    /// Import a catalogue as CSV with one review per row; docs/catalogue.md lists the columns.
    Csv(CsvArgs),
    /// Import a catalogue as JSON Lines with one review per line; docs/catalogue.md lists the columns.
    Jsonl(JsonlArgs),
}

impl ImportCommand {
    /// Returns whether nothing is to be stored.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        match self {
            Self::Page(args) => args.dry_run,
            Self::Rt(args) => args.common.dry_run,
            Self::Csv(args) => args.common.dry_run,
            Self::Jsonl(args) => args.common.dry_run,
        }
    }
}

/// The arguments of `import page`.
#[derive(Debug, Args)]
pub struct PageArgs {
    /// The file to read; "-" reads standard input.
    pub file: PathBuf,
    /// The title of the film.
    #[arg(long)]
    pub title: String,
    /// The year of the film's first release (1870 to 2200). Without it, the title means the film of this title that has no
    /// year, or else the only film of this title, or a new one.
    #[arg(long, value_parser = clap::value_parser!(i16).range(1870..=2200))]
    pub year: Option<i16>,
    /// The name of the source of the page. A later import of the same source updates these reviews.
    #[arg(long, default_value = "page", value_name = "NAME")]
    pub source: String,
    /// The page does not list the best reviews first. Only reviews with a score get a sentiment.
    #[arg(long)]
    pub unordered: bool,
    /// Print the reviews that would be stored, but store nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// The arguments of `import rt`.
#[derive(Debug, Args)]
pub struct RtArgs {
    /// The CSV file of films. It may be compressed with gzip or zstd.
    #[arg(long, value_name = "FILE")]
    pub films: PathBuf,
    /// The CSV file of reviews. It may be compressed with gzip or zstd.
    #[arg(long, value_name = "FILE")]
    pub reviews: PathBuf,
    /// The settings that all formats share.
    #[command(flatten)]
    pub common: CommonImportArgs,
}

/// The arguments of `import csv`.
#[derive(Debug, Args)]
pub struct CsvArgs {
    /// The file to read; "-" reads standard input. It may be compressed with gzip or zstd.
    pub file: PathBuf,
    /// The delimiter between the cells of a row: one ASCII character or "tab".
    #[arg(long, default_value = ",", value_name = "CHARACTER", value_parser = delimiter_of_name)]
    pub delimiter: u8,
    /// The name of the source of reviews whose row has no source. A later import of the same source updates them.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// The settings that all formats share.
    #[command(flatten)]
    pub common: CommonImportArgs,
}

/// The arguments of `import jsonl`.
#[derive(Debug, Args)]
pub struct JsonlArgs {
    /// The file to read; "-" reads standard input. It may be compressed with gzip or zstd.
    pub file: PathBuf,
    /// The name of the source of reviews whose line has no source. A later import of the same source updates them.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// The settings that all formats share.
    #[command(flatten)]
    pub common: CommonImportArgs,
}

/// The settings that the imports of all catalogue formats share.
#[derive(Clone, Debug, Args)]
pub struct CommonImportArgs {
    /// Read everything and report what would change, but store nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The settings of invalid rows.
    #[command(flatten)]
    pub rejects: RejectsArgs,
    /// The character encoding of the input, such as windows-1252.
    #[arg(long, default_value = "utf-8", value_name = "NAME")]
    pub encoding: String,
    /// The maximum of scores that are a bare number, such as 10 for "7". By default that of the rules of the site; without
    /// it, a bare number is not read as a score.
    #[arg(long, value_name = "N")]
    pub bare_scores_out_of: Option<NonZeroU16>,
    /// The maximum number of stars for reviews that do not give one. By default that of the rules of the site.
    #[arg(long, value_name = "N")]
    pub stars_out_of: Option<NonZeroU16>,
    /// The order in dates of digits such as 3/4/2024: dmy, mdy or ymd. By default that of the rules of the site; without it,
    /// dates that can mean several days are invalid.
    #[arg(long, visible_alias = "dates", value_name = "ORDER", value_parser = parse_date_order)]
    pub date_order: Option<DateOrder>,
}

/// An export format.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Export the catalogue as CSV.
    Csv(ExportArgs),
    /// Export the catalogue as JSON Lines.
    Jsonl(ExportArgs),
}

/// The arguments of `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The file to write; "-" writes to standard output.
    #[arg(long, short, default_value = "-", value_name = "FILE")]
    pub output: PathBuf,
    /// Export only the film with this slug. May be given several times.
    #[arg(long, value_name = "SLUG")]
    pub film: Vec<String>,
    /// Export only reviews published on or after this day, as YYYY-MM-DD.
    #[arg(long, value_name = "DAY")]
    pub since: Option<NaiveDate>,
    /// Export only reviews published on or before this day, as YYYY-MM-DD.
    #[arg(long, value_name = "DAY")]
    pub until: Option<NaiveDate>,
}

/// The arguments of `generate`.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// The number of films.
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    pub films: u32,
    /// The number of critics.
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub critics: u32,
    /// The number of publications.
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub publications: u32,
    /// The number of reviews.
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    pub reviews: u32,
    /// The seed of the random generator. The same seed and sizes generate the same catalogue.
    #[arg(long, default_value_t = 1, value_name = "S")]
    pub seed: u64,
    /// Write the catalogue to this file as JSON Lines instead of storing it; "-" writes to standard output.
    #[arg(long, value_name = "FILE")]
    pub jsonl: Option<PathBuf>,
}

/// The arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Replace the tallies that differ by recounted ones, in one transaction, and advance the sequences that are behind
    /// their tables.
    #[arg(long)]
    pub repair: bool,
}

fn parse_date_order(text: &str) -> Result<DateOrder, String> {
    DateOrder::of_name(text).ok_or_else(|| "must be dmy, mdy or ymd".to_owned())
}
