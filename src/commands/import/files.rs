//! `import FILE…`: files of any layout.

use std::{
    error::Error,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::{
    RejectsTarget, check_source,
    mapping_file::{MappingFile, Settings},
    store_rows, unless_unread,
};
use crate::{
    catalogue::ReadingOptions,
    commands::CommandResult,
    config::{FilesArgs, PlanForm, database::DatabaseArgs},
    import::{
        layouts::{self, ColumnMap, FilesImport, Plan, PlanError},
        source::display_name,
        store::bulk::BulkImport,
        table::{Table, TableOptions},
    },
    text::{MAX_NAME_LENGTH, check_line},
};

/// Plans an import of the files, prints the plan, and stores the rows.
pub async fn import_files(database: &DatabaseArgs, args: &FilesArgs) -> CommandResult {
    let inputs: Vec<&Path> = args.files.iter().map(PathBuf::as_path).collect();
    let settings = settings(args)?;
    let choices = &settings.choices;
    check_files(&args.files)?;
    let plan = layouts::open(&args.files, &settings.form)
        .and_then(|tables| Plan::make(tables, choices))
        .or_else(|error| {
            if let PlanError::Refused { plan, .. } = &error {
                print(plan, args.plan)?;
            }
            Err(Box::<dyn Error>::from(with_page_hint(&error, &args.files)))
        })?;
    let is_preview = args.dry_run || args.plan.is_some();
    match print(&plan, args.plan) {
        Err(error) if is_preview => return unless_unread(Err(error)),
        printed => printed
            .map_err(|error| format!("the plan can't be printed: {error}; nothing was stored"))?,
    }
    if let Some(path) = &args.save_mapping {
        MappingFile::of(&settings).save(path)?;
        // A failure to write to standard error is ignored.
        let _ = writeln!(
            io::stderr(),
            "{} has the options of this import, for --mapping",
            path.display()
        );
    }
    if args.plan.is_some() {
        return Ok(ExitCode::SUCCESS);
    }
    let options = ReadingOptions {
        stars_out_of: settings.stars_out_of,
        ..ReadingOptions::default()
    };
    let rows = FilesImport::new(plan, choices, options);
    let rejects = RejectsTarget::resolve_tables(
        &args.rejects,
        &inputs,
        args.dry_run,
        rows.tables(),
        settings.form,
    )?;
    let progress = rows.progress();
    let import = BulkImport {
        actor: "import".to_owned(),
        dry_run: args.dry_run,
        skip_bad_rows: args.rejects.skip_bad_rows,
        may_drop_indexes: false,
    };
    Box::pin(store_rows(database, rows, &import, progress, rejects)).await
}

/// Returns what the options and the file of `--mapping` decide. The options come first.
fn settings(args: &FilesArgs) -> Result<Settings, Box<dyn Error>> {
    let Settings {
        mut choices,
        mut form,
        stars_out_of,
    } = match &args.mapping {
        Some(path) => MappingFile::read(path)?.settings()?,
        None => Settings::default(),
    };
    let mut columns = ColumnMap::default();
    for text in &args.map {
        columns
            .map(text)
            .map_err(|error| format!("--map: {error}"))?;
    }
    for column in &args.ignore {
        columns.ignore(column);
    }
    choices.columns.extend(columns);
    for text in &args.rows_as {
        choices
            .set_rows(text)
            .map_err(|error| format!("--as: {error}"))?;
    }
    choices.layout = args.layout.clone().or(choices.layout);
    choices.critic = args.critic.clone().or(choices.critic);
    choices.source = check_source(args.source.as_deref().or(choices.source.as_deref()))?;
    choices.bare_scores_out_of = args.bare_scores_out_of.or(choices.bare_scores_out_of);
    choices.date_order = args.dates.or(choices.date_order);
    if let Some(critic) = &choices.critic
        && (critic.trim().is_empty() || check_line(critic, MAX_NAME_LENGTH).is_err())
    {
        return Err(format!(
            "--critic is blank, longer than {MAX_NAME_LENGTH} characters, or contains control characters"
        )
        .into());
    }
    if let Some(encoding) = &args.encoding {
        let parsed = encoding.parse();
        form.encoding = Some(parsed.map_err(|error| format!("--encoding: {error}"))?);
    }
    form.delimiter = args.delimiter.or(form.delimiter);
    form.has_header &= !args.no_header;
    form.header_row = args.header_row.or(form.header_row);
    Ok(Settings {
        choices,
        form,
        stars_out_of: args.stars_out_of.or(stars_out_of),
    })
}

/// Prints the plan to standard output.
fn print(plan: &Plan, form: Option<PlanForm>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match form {
        Some(PlanForm::Json) => {
            serde_json::to_writer_pretty(&mut out, plan)?;
            writeln!(out)?;
        }
        Some(PlanForm::Text) | None => write!(out, "{plan}")?,
    }
    out.flush()
}

/// Returns an error if the first file is the name of a form, as other commands have it.
fn check_files(files: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    const FORMS: [&str; 10] = [
        "xlsx", "excel", "ods", "tsv", "json", "ndjson", "zip", "films", "reviews", "file",
    ];
    let [first, others @ ..] = files else {
        return Ok(());
    };
    let is_form = FORMS.iter().any(|form| first == Path::new(form));
    if !is_form || others.is_empty() || first.exists() {
        return Ok(());
    }
    let others: Vec<String> = others.iter().map(|file| display_name(file)).collect();
    let (first, others) = (first.display(), others.join(" "));
    Err(format!(
        "there is no file {first}: `marquee import {others}` finds out the form of the file"
    )
    .into())
}

/// Returns the message of an error, which names the command for a page if the file looks like one.
fn with_page_hint(error: &PlanError, files: &[PathBuf]) -> String {
    let is_text = |path: &Path| {
        path.extension()
            .is_some_and(|end| end == "txt" || end == "md")
    };
    match files {
        [file] if is_text(file) => {
            let file = file.display();
            format!(
                "{error}; a page with the reviews of one film is read by `marquee import page {file} --title TITLE`"
            )
        }
        _ => error.to_string(),
    }
}

/// Returns an error of another import with the command that reads the file, if the file has a known layout, or a form that
/// the import doesn't read.
pub fn with_layout_hint(
    error: Box<dyn Error>,
    files: &[&Path],
    is_read: impl Fn(&Table) -> bool,
) -> Box<dyn Error> {
    if !files.iter().all(|file| file.is_file()) {
        return error;
    }
    let names: Vec<String> = files.iter().map(|file| display_name(file)).collect();
    let names = names.join(" ");
    let paths: Vec<PathBuf> = files.iter().map(|file| (*file).to_owned()).collect();
    let tables = Table::open_all(&paths, &TableOptions::default());
    // A file that has no tables has no layout, and the error itself says what is wrong.
    let tables = tables.unwrap_or_default();
    if tables.iter().all(&is_read) {
        return error;
    }
    let mut others = tables.iter().filter(|table| !is_read(table));
    match others.find_map(|table| layouts::recognize(table.header())) {
        Some(layout) => {
            let title = &layout.title;
            let verb = if files.len() == 1 { "has" } else { "have" };
            format!(
                "{error}\n  {names} {verb} the layout {title:?}: `marquee import {names}` reads it"
            )
            .into()
        }
        None => {
            format!("{error}\n  `marquee import {names}` finds out the form of the file").into()
        }
    }
}
