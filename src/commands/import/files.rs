//! `import FILE…`: files of any layout.

use std::{
    error::Error,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::{RejectsTarget, check_source, mapping_file::MappingFile, store_rows};
use crate::{
    catalogue::ReadingOptions,
    commands::CommandResult,
    config::{FilesArgs, PlanForm, RowKindArg, database::DatabaseArgs},
    import::{
        layouts::{self, Choices, ColumnMap, FilesImport, Plan, PlanError, RowsAs},
        source::display_name,
        store::bulk::BulkImport,
        table::{Table, TableOptions},
    },
    text::{MAX_NAME_LENGTH, check_line},
};

/// Plans an import of the files, prints the plan, and stores the rows.
pub async fn import_files(database: &DatabaseArgs, args: &FilesArgs) -> CommandResult {
    let inputs: Vec<&Path> = args.files.iter().map(PathBuf::as_path).collect();
    let rejects = RejectsTarget::resolve(&args.rejects, &inputs)?;
    let choices = choices(args)?;
    let plan = layouts::open(&args.files, &table_options(args)?)
        .and_then(|tables| Plan::make(tables, &choices))
        .map_err(|error| with_page_hint(&error, &args.files))?;
    print(&plan, args.plan)?;
    if let Some(path) = &args.save_mapping {
        save(path, &choices)?;
    }
    if args.plan.is_some() {
        return Ok(ExitCode::SUCCESS);
    }
    let options = ReadingOptions {
        stars_out_of: args.stars_out_of,
        ..ReadingOptions::default()
    };
    let rows = FilesImport::new(plan, &choices, options);
    let progress = rows.progress();
    let import = BulkImport {
        actor: "import".to_owned(),
        dry_run: args.dry_run,
        skip_bad_rows: args.rejects.skip_bad_rows,
        may_drop_indexes: false,
    };
    Box::pin(store_rows(database, rows, &import, progress, rejects)).await
}

fn table_options(args: &FilesArgs) -> Result<TableOptions, Box<dyn Error>> {
    let encoding = args.encoding.as_deref().map(str::parse).transpose();
    Ok(TableOptions {
        encoding: encoding.map_err(|error| format!("--encoding: {error}"))?,
        delimiter: args.delimiter,
        has_header: !args.no_header,
    })
}

/// Returns what the options and the file of `--mapping` decide.
fn choices(args: &FilesArgs) -> Result<Choices, Box<dyn Error>> {
    let mut choices = match &args.mapping {
        Some(path) => MappingFile::read(path)?.choices()?,
        None => Choices::default(),
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
    let rows = args.rows_as.map(|kind| match kind {
        RowKindArg::Films => RowsAs::Films,
        RowKindArg::Reviews => RowsAs::Reviews,
    });
    choices.rows = rows.or(choices.rows);
    choices.layout = args.layout.clone().or(choices.layout);
    choices.critic = args.critic.clone().or(choices.critic);
    choices.source = check_source(args.source.as_deref())?.or(choices.source);
    choices.bare_scores_out_of = args.bare_scores_out_of.or(choices.bare_scores_out_of);
    choices.date_order = args.dates.or(choices.date_order);
    let is_name =
        |name: &String| !name.trim().is_empty() && check_line(name, MAX_NAME_LENGTH).is_ok();
    if choices
        .critic
        .as_ref()
        .is_some_and(|critic| !is_name(critic))
    {
        return Err(format!(
            "--critic is blank, longer than {MAX_NAME_LENGTH} characters, or contains control characters"
        )
        .into());
    }
    Ok(choices)
}

/// Prints the plan to standard output.
fn print(plan: &Plan, form: Option<PlanForm>) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    match form {
        Some(PlanForm::Json) => {
            serde_json::to_writer_pretty(&mut out, plan)?;
            writeln!(out)?;
        }
        Some(PlanForm::Text) | None => write!(out, "{plan}")?,
    }
    out.flush()?;
    Ok(())
}

/// Writes the choices to a new file.
fn save(path: &Path, choices: &Choices) -> Result<(), Box<dyn Error>> {
    let text = MappingFile::of(choices).text()?;
    let with_path = |error: io::Error| format!("--save-mapping: {}: {error}", path.display());
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(with_path)?;
    if let Err(error) = file.write_all(text.as_bytes()) {
        // A part of a mapping would be read as the whole of it.
        fs::remove_file(path).map_err(with_path)?;
        return Err(with_path(error).into());
    }
    Ok(())
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

/// Returns an error of another import with the command that reads the file, if the file has a known layout or another
/// form than the command reads.
pub fn with_layout_hint(error: Box<dyn Error>, file: &Path, own_forms: &[&str]) -> Box<dyn Error> {
    if !file.is_file() {
        return error;
    }
    let name = display_name(file);
    let tables = Table::open_all(&[file.to_owned()], &TableOptions::default());
    // A file that has no tables has no layout, and the error itself says what is wrong.
    let tables = tables.unwrap_or_default();
    let layout = tables
        .iter()
        .find_map(|table| layouts::recognize(table.header()));
    let form = file
        .extension()
        .and_then(|end| end.to_str())
        .unwrap_or_default();
    let is_other = [
        "csv", "tsv", "json", "jsonl", "ndjson", "xlsx", "ods", "zip",
    ]
    .contains(&form)
        && !own_forms.contains(&form);
    match layout {
        Some(layout) => {
            let title = &layout.title;
            format!("{error}\n  {name} has the layout {title:?}: `marquee import {name}` reads it")
                .into()
        }
        None if is_other => {
            format!("{error}\n  `marquee import {name}` finds out the form of the file").into()
        }
        None => error,
    }
}
