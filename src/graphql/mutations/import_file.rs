//! The mutation `importFile`: a file of any layout, which an editor has sent.

mod input;
mod payload;

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::spawn_blocking,
    time::timeout,
};

use self::{input::ImportFileInput, payload::ImportFilePayload};
use crate::{
    access::Role,
    error::{code, error_with_code, internal_error},
    graphql::{loader, mutations::commit::commit, site_rules, types::viewer::require_role},
    import::{
        layouts::{FilesImport, MAX_REFUSALS, PlanError},
        store::file::{FilePreview, ImportFile, SentFile, SentFileError},
    },
    user_error::{UserErrorCode::Invalid, UserErrors},
};

/// The number of sent files that are read at the same time. A small archive can have a large content, in temporary files.
static READING: Semaphore = Semaphore::const_new(1);

/// The mutation `importFile`.
#[derive(Debug, Default)]
pub struct ImportFileMutation;

/// The mutation `importFile`.
#[Object]
impl ImportFileMutation {
    /// Imports a file of any layout, as the command `marquee import FILE` does: the whole file or nothing. Importing the
    /// same file again changes nothing. A dry run returns the layout, the meanings of the columns, the first rows and the
    /// changes. Requires the role EDITOR. Null on a top-level error.
    async fn import_file(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file and how it is read.")] input: ImportFileInput,
    ) -> Option<Result<ImportFilePayload>> {
        Some(import(ctx, input).await)
    }
}

async fn import(ctx: &Context<'_>, input: ImportFileInput) -> Result<ImportFilePayload> {
    let principal = require_role(ctx, Role::Editor)?;
    let rules = site_rules(ctx).await?.reading;
    let (idempotency, dry_run) = (input.idempotency, input.dry_run.unwrap_or_default());
    let permit;
    let (preview, rows, errors) = match input.file.read(rules) {
        Ok(file) => {
            permit = acquire(ctx).await?;
            preview(file, Arc::clone(&permit)).await?
        }
        Err(errors) => (FilePreview::default(), None, errors),
    };
    let command = ImportFile {
        rows,
        dry_run,
        errors,
    };
    let result = commit(ctx, principal, idempotency, &command).await?;
    Ok(ImportFilePayload {
        preview,
        imported: result.as_ref().ok().cloned(),
        user_errors: result.err().unwrap_or_default(),
    })
}

/// Waits until no other sent file is read and stored.
async fn acquire(ctx: &Context<'_>) -> Result<Arc<SemaphorePermit<'static>>> {
    let permit = timeout(loader(ctx)?.session().time_left(), READING.acquire()).await;
    let permit = permit.map_err(|_| {
        error_with_code(
            code::DEADLINE_EXCEEDED,
            "other files were read until the deadline; nothing was changed, so try again later",
        )
    })?;
    Ok(Arc::new(permit.map_err(|error| internal_error(&error))?))
}

/// Plans the import of the file, and reads it. The errors say if it can't be planned, or has invalid rows.
async fn preview(
    file: SentFile,
    permit: Arc<SemaphorePermit<'static>>,
) -> Result<(FilePreview, Option<FilesImport>, UserErrors)> {
    let mut errors = UserErrors::default();
    let preview = spawn_blocking(move || {
        // The thread goes on if the request is cancelled.
        let _permit = permit;
        file.preview()
    });
    match preview.await.map_err(|error| internal_error(&error))? {
        Ok((preview, rows)) => {
            if preview.invalid_rows > 0 {
                let count = preview.invalid_rows;
                let message = format!("invalid rows: {count}; `rowErrors` lists their errors");
                errors.add("content", Invalid, message);
            }
            Ok((preview, Some(rows), errors))
        }
        // What was understood of the file shows what is wrong with it.
        Err(SentFileError::Plan(PlanError::Refused {
            plan,
            errors: refusals,
        })) => {
            for refusal in refusals.iter().take(MAX_REFUSALS) {
                errors.add(path_of(refusal), Invalid, refusal.to_string());
            }
            let more = refusals.len().saturating_sub(MAX_REFUSALS);
            if more > 0 {
                let message = format!("{more} more tables can't be imported");
                errors.add("content", Invalid, message);
            }
            Ok((FilePreview::of_tables(plan.tables), None, errors))
        }
        Err(error @ SentFileError::Fault(_)) => Err(internal_error(&error)),
        Err(error) => {
            let path = match &error {
                SentFileError::Plan(error) => path_of(error),
                _ => "content",
            };
            errors.add(path, Invalid, error.to_string());
            Ok((FilePreview::default(), None, errors))
        }
    }
}

/// Returns the path of the field in the input that an error is about.
const fn path_of(error: &PlanError) -> &'static str {
    match error {
        PlanError::NoSuchLayout { .. } | PlanError::MissingColumns { .. } => "layout",
        PlanError::NoSuchColumns { .. } => "columns",
        PlanError::NoMember { .. } => "critic",
        _ => "content",
    }
}
