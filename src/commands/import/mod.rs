//! The command `import`.

mod files;
mod mapping_file;
mod page;
mod progress;
mod reading;
mod rejects;
mod summary;

use std::{
    error::Error,
    fmt::Write as _,
    io::{self, ErrorKind, Write as _},
    path::Path,
    process::ExitCode,
};

use sea_orm::{DatabaseConnection, DbErr, sqlx::postgres::PgConnectOptions};

use crate::{
    catalogue::{Defaults, ReadingOptions},
    config::{
        CommonImportArgs, CsvArgs, ImportArgs, ImportCommand, JsonlArgs, RtArgs,
        database::DatabaseArgs,
    },
    database::{error_message::describe, schema},
    import::{
        catalogue::CatalogueImport,
        layouts,
        rows::RowSource,
        rt::RtImport,
        source::{self, Options},
        store::bulk::{self, BulkImport, error::ImportError},
        table::Table,
    },
    site_rules::{self, ReadingRules},
    subscriptions::listener,
    text::{MAX_SHORT_LENGTH, check_line},
};

pub use self::rejects::RejectsTarget;
use self::{
    files::with_layout_hint, progress::ProgressDisplay, reading::read_only, rejects::RejectsWriter,
};
use super::{
    CommandResult, Creation, Location, LocationError, locate, prepare_schema, with_located_database,
};

/// Runs the selected import.
pub async fn import(database: &DatabaseArgs, args: &ImportArgs) -> CommandResult {
    if database.create && args.is_dry_run() {
        return Err(
            "--create and --dry-run contradict each other: a dry run creates nothing".into(),
        );
    }
    match &args.format {
        None => Box::pin(files::import_files(database, &args.files)).await,
        Some(ImportCommand::Page(args)) => {
            page::import_page(database, args).await.map_err(|error| {
                with_layout_hint(error, &[&args.file], |table| {
                    is_text_page(table, &args.file)
                })
            })
        }
        Some(ImportCommand::Rt(args)) => {
            let files = [args.films.as_path(), args.reviews.as_path()];
            Box::pin(import_rt(database, args))
                .await
                .map_err(|error| with_layout_hint(error, &files, is_rt))
        }
        Some(ImportCommand::Csv(args)) => {
            Box::pin(import_csv(database, args)).await.map_err(|error| {
                with_layout_hint(error, &[&args.file], |table| {
                    table.form().is_csv() && is_catalogue(table)
                })
            })
        }
        Some(ImportCommand::Jsonl(args)) => {
            Box::pin(import_jsonl(database, args))
                .await
                .map_err(|error| {
                    with_layout_hint(error, &[&args.file], |table| {
                        let has_paths = table.header().iter().any(|name| name.contains('.'));
                        table.form().is_json_lines() && !has_paths && is_catalogue(table)
                    })
                })
        }
    }
}

/// Returns whether a file may be a page of reviews: it has no known layout, and its name is not that of a table.
fn is_text_page(table: &Table, file: &Path) -> bool {
    const TABLES: [&str; 8] = [
        "csv", "tsv", "json", "jsonl", "ndjson", "xlsx", "ods", "zip",
    ];
    let is_table = file
        .extension()
        .is_some_and(|end| TABLES.iter().any(|known| end.eq_ignore_ascii_case(known)));
    !is_table && layouts::recognize(table.header()).is_none()
}

/// Returns whether a table is one of the data set that `import rt` reads.
fn is_rt(table: &Table) -> bool {
    layouts::recognize(table.header()).is_none_or(|layout| layout.name.starts_with("rt2020-"))
}

/// Returns whether a table may be a catalogue of Marquee: it has no other layout.
fn is_catalogue(table: &Table) -> bool {
    layouts::recognize(table.header()).is_none()
}

async fn import_rt(database: &DatabaseArgs, args: &RtArgs) -> CommandResult {
    let common = &args.common;
    let rejects = RejectsTarget::resolve(
        &common.rejects,
        &[&args.films, &args.reviews],
        common.dry_run,
    )?;
    let rows = RtImport::open(
        &args.films,
        &args.reviews,
        options(common)?,
        defaults(common, None)?,
    )?;
    let progress = rows.progress();
    Box::pin(store(
        database,
        rows,
        (progress, rejects),
        "import rt",
        common,
    ))
    .await
}

async fn import_csv(database: &DatabaseArgs, args: &CsvArgs) -> CommandResult {
    let common = &args.common;
    let rejects = RejectsTarget::resolve(&common.rejects, &[&args.file], common.dry_run)?;
    let defaults = defaults(common, args.source.as_deref())?;
    let rows = CatalogueImport::csv(&args.file, options(common)?, args.delimiter, defaults)?;
    let progress = rows.progress();
    store(database, rows, (progress, rejects), "import csv", common).await
}

async fn import_jsonl(database: &DatabaseArgs, args: &JsonlArgs) -> CommandResult {
    let common = &args.common;
    let rejects = RejectsTarget::resolve(&common.rejects, &[&args.file], common.dry_run)?;
    let defaults = defaults(common, args.source.as_deref())?;
    let rows = CatalogueImport::jsonl(&args.file, options(common)?, defaults)?;
    let progress = rows.progress();
    store(database, rows, (progress, rejects), "import jsonl", common).await
}

fn options(args: &CommonImportArgs) -> Result<Options, Box<dyn Error>> {
    let encoding = args
        .encoding
        .parse()
        .map_err(|error| format!("--encoding: {error}"))?;
    Ok(Options { encoding })
}

fn defaults(args: &CommonImportArgs, source: Option<&str>) -> Result<Defaults, Box<dyn Error>> {
    Ok(Defaults {
        source: check_source(source)?,
        options: ReadingOptions {
            stars_out_of: args.stars_out_of,
            bare_scores_out_of: args.bare_scores_out_of,
            date_order: args.date_order,
        },
        rules: ReadingRules::default(),
    })
}

/// Returns the trimmed name of `--source`.
fn check_source(source: Option<&str>) -> Result<Option<String>, Box<dyn Error>> {
    let source = source.map(str::trim);
    if source.is_some_and(|name| !is_source(name)) {
        return Err(format!(
            "--source is blank, longer than {MAX_SHORT_LENGTH} characters, or contains control characters"
        )
        .into());
    }
    Ok(source.map(str::to_owned))
}

fn is_source(name: &str) -> bool {
    !name.is_empty() && check_line(name, MAX_SHORT_LENGTH).is_ok()
}

async fn store(
    database: &DatabaseArgs,
    rows: impl RowSource + 'static,
    (progress, rejects): (Vec<source::Progress>, RejectsTarget),
    actor: &str,
    args: &CommonImportArgs,
) -> CommandResult {
    let import = BulkImport {
        actor: actor.to_owned(),
        dry_run: args.dry_run,
        skip_bad_rows: args.rejects.skip_bad_rows,
        may_drop_indexes: false,
    };
    store_rows(database, rows, &import, progress, rejects).await
}

/// Stores rows and prints a summary. The database is opened only now, after the files are opened and their beginnings
/// are checked. A dry run without a database only reads the rows.
pub async fn store_rows(
    database: &DatabaseArgs,
    mut rows: impl RowSource + 'static,
    import: &BulkImport,
    progress: Vec<source::Progress>,
    rejects: RejectsTarget,
) -> CommandResult {
    let location = match locate_for(database, import.dry_run)? {
        Ok(location) => location,
        Err(reason) => {
            return read_only(rows, import.skip_bad_rows, progress, rejects, &reason).await;
        }
    };
    let files = rows.files().to_vec();
    with_located_database(
        database,
        Creation::OnRequest,
        location,
        async |database, connection| {
            if import.dry_run
                && let Some(reason) = lacks_schema(connection).await?
            {
                return read_only(rows, import.skip_bad_rows, progress, rejects, &reason).await;
            }
            let mut rejects = rejects.create()?;
            prepare_schema(connection, import.dry_run).await?;
            let rules = site_rules::store::read(connection).await?;
            rows.set_reading_rules(&rules.reading);
            // The bulk import opens its own connection and checks whether it is the only one.
            connection.close_by_ref().await?;
            let display = ProgressDisplay::start(progress);
            let listener = display.listener();
            let reject = |rejection| rejects.add(&rejection, &files);
            let result = bulk::store(rows, import, listener, reject, database.options()).await;
            drop(display);
            let report = result.map_err(|error| error_message(&error, &files))?;
            if !import.dry_run {
                wait_for_servers(database.options()).await;
            }
            let rejects_result = finish_rejects(rejects, report.rejected);
            let summary_result = summary::print(&report, &files, import.dry_run);
            conclude(import.dry_run, rejects_result, summary_result)
        },
    )
    .await
}

/// Returns the location of the database, or why a dry run has none to compare with.
fn locate_for(
    database: &DatabaseArgs,
    dry_run: bool,
) -> Result<Result<Location<'_>, String>, LocationError> {
    match locate(database, Creation::OnRequest) {
        Err(error @ (LocationError::Missing(_) | LocationError::MissingHere(_))) if dry_run => {
            Ok(Err(error.to_string()))
        }
        location => location.map(Ok),
    }
}

/// Returns why a database has nothing to compare with: it lacks tables, or migrations of them.
async fn lacks_schema(connection: &DatabaseConnection) -> Result<Option<String>, DbErr> {
    if schema::is_absent(connection).await? {
        return Ok(Some(
            "the database has no tables of Marquee yet; an import with --create creates them"
                .to_owned(),
        ));
    }
    let pending = schema::pending(connection).await?;
    let reason = || {
        format!(
            "the database has pending migrations, which an import applies: {}",
            pending.join(", ")
        )
    };
    Ok((!pending.is_empty()).then(reason))
}

/// Waits until the servers have received the notifications of a command, so that the next read returns what it has
/// stored. A failure is only reported, because that is stored.
pub(super) async fn wait_for_servers(options: &PgConnectOptions) {
    if let Err(error) = listener::wait_for_servers(options).await {
        let cause = describe(&error);
        // A failure to write to standard error is ignored.
        let _ = writeln!(
            io::stderr(),
            "the changes are stored, but not every server has confirmed their notifications: {cause}"
        );
    }
}

/// Finishes the file of rejected rows and prints its path.
fn finish_rejects(rejects: RejectsWriter, rejected: usize) -> io::Result<()> {
    if let Some(files) = rejects.finish()? {
        // A failure to write to standard error is ignored.
        let _ = writeln!(io::stderr(), "skipped rows: {rejected}; {files}");
    }
    Ok(())
}

/// Maps failures after the commit to messages which say that the rows are stored.
fn conclude(
    dry_run: bool,
    rejects_result: io::Result<()>,
    summary_result: io::Result<()>,
) -> CommandResult {
    if dry_run {
        rejects_result?;
        return unless_unread(summary_result);
    }
    summary::report_unprinted(summary_result);
    if let Err(error) = rejects_result {
        return Err(format!(
            "the rows are stored, but the file of skipped rows could not be created: {error}"
        )
        .into());
    }
    Ok(ExitCode::SUCCESS)
}

/// Ends a command whose only purpose is its output, and whose output is not read any further, as other programs end: without
/// a message, and with the status of the signal SIGPIPE.
fn unless_unread(printed: io::Result<()>) -> CommandResult {
    const SIGPIPE_STATUS: u8 = 128 + 13;
    match printed {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::from(SIGPIPE_STATUS)),
        Err(error) => Err(error.into()),
    }
}

/// Returns the full error message, with the rejected rows.
fn error_message(error: &ImportError, files: &[String]) -> String {
    let ImportError::Rejected {
        first,
        total,
        and_more,
        stats,
    } = error
    else {
        return match error {
            ImportError::Unconfirmed(_) => describe(error).to_string(),
            _ => format!("{}; nothing was stored", describe(error)),
        };
    };
    let at_least = if *and_more { "at least " } else { "" };
    let (rows, them) = if *total == 1 {
        ("row", "it")
    } else {
        ("rows", "them")
    };
    let mut text = format!(
        "{at_least}{total} invalid {rows}, so nothing was stored; --skip-bad-rows skips {them}"
    );
    for rejection in first {
        let _ = write!(text, "\n  {}", rejection.message(files));
    }
    if *total > first.len() {
        text.push_str("\n  …");
    }
    for warning in stats.messages(files) {
        let _ = write!(text, "\n  {warning}");
    }
    text
}
