//! The command `documents`: checks the documents of front ends against a schema.

use std::{
    error::Error,
    fs,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use async_graphql::parser::parse_query;

use super::CommandResult;
use crate::{
    config::{CheckDocumentsArgs, DocumentsCommand},
    document::{Pipeline, limits::Limits},
    graphql::schema,
    metrics::CacheMetrics,
    persisted_documents::load::read_documents,
};

/// Runs the selected command. It needs no database.
pub fn documents(command: &DocumentsCommand) -> CommandResult {
    let DocumentsCommand::Check(args) = command;
    let pipeline = pipeline(args)?;
    let documents = read_documents(&args.path)?;
    let mut output = io::stdout().lock();
    let mut broken = 0_usize;
    for (file, document) in &documents {
        if let Err(reason) = pipeline.operation_names(&document.text) {
            broken += 1;
            let (file, id, names) = (file.display(), &document.id, names(&document.text));
            writeln!(output, "{file}: {names} ({id}): {reason}")?;
        }
    }
    let count = documents.len();
    if broken == 0 {
        writeln!(output, "all {count} documents are valid")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(output, "{broken} of {count} documents are invalid")?;
    Ok(ExitCode::FAILURE)
}

/// Returns what validates documents as a server with the schema does.
fn pipeline(args: &CheckDocumentsArgs) -> Result<Pipeline, Box<dyn Error>> {
    let sdl = match args.schema.as_deref() {
        None => schema::sdl(),
        Some(path) => {
            let read = if path == Path::new("-") {
                io::read_to_string(io::stdin())
            } else {
                fs::read_to_string(path)
            };
            read.map_err(|error| format!("{}: {error}", path.display()))?
        }
    };
    let pipeline = Pipeline::new(&sdl, Limits::default(), true, 0, CacheMetrics::default());
    pipeline.map_err(|error| match args.schema.as_deref() {
        None => error.into(),
        Some(path) => format!(
            "{}: {error}: it has to be a schema as `marquee schema` prints it",
            path.display()
        )
        .into(),
    })
}

/// Returns the names of the operations of a document that may be invalid.
fn names(text: &str) -> String {
    let document = parse_query(text).ok();
    let names = document.iter().flat_map(|document| {
        document
            .operations
            .iter()
            .filter_map(|(name, _)| name.map(ToString::to_string))
    });
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        "a document without names".to_owned()
    } else {
        names.join(", ")
    }
}
