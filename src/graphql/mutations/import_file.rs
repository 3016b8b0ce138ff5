//! The mutation `importFile`: a file of any layout, which an editor has sent.

mod input;
mod payload;

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use tokio::{task::spawn_blocking, time::timeout};

use self::{input::ImportFileInput, payload::ImportFilePayload};
use crate::{
    access::Role,
    error::{code, error_with_code, internal_error},
    graphql::{loader, mutations::commit::commit, site_rules, types::viewer::require_role},
    import::{
        layouts::PlanError,
        store::file::{FilePreview, ImportFile, ReadPermit, SentFile, SentFileError},
    },
    user_error::{UserErrorCode::Invalid, UserErrors},
};

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
    let permit = timeout(loader(ctx)?.session().time_left(), ReadPermit::acquire())
        .await
        .map_err(|_| waited_too_long())?
        .map_err(|error| internal_error(&error))?;
    let (file, mut errors) = match input.file.read(rules, permit) {
        Ok(file) => (Some(Arc::new(file)), UserErrors::default()),
        Err(errors) => (None, errors),
    };
    let preview = match &file {
        Some(file) => preview(Arc::clone(file), &mut errors).await?,
        None => FilePreview::default(),
    };
    let command = ImportFile {
        file,
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

fn waited_too_long() -> async_graphql::Error {
    error_with_code(
        code::DEADLINE_EXCEEDED,
        "other files were read until the deadline; nothing was changed, so try again later",
    )
}

/// Plans the import of the file, and reads it. Adds an error if it can't be planned, or has invalid rows.
async fn preview(file: Arc<SentFile>, errors: &mut UserErrors) -> Result<FilePreview> {
    let preview = spawn_blocking(move || file.preview());
    match preview.await.map_err(|error| internal_error(&error))? {
        Ok(preview) => {
            if preview.invalid_rows > 0 {
                let count = preview.invalid_rows;
                let message = format!("invalid rows: {count}; `rowErrors` lists their errors");
                errors.add("content", Invalid, message);
            }
            Ok(preview)
        }
        // What was understood of the file shows what is wrong with it.
        Err(SentFileError::Plan(PlanError::Refused {
            plan,
            errors: refusals,
        })) => {
            for refusal in refusals {
                errors.add("content", Invalid, refusal.to_string());
            }
            Ok(FilePreview::of_tables(plan.tables))
        }
        Err(error @ SentFileError::Fault(_)) => Err(internal_error(&error)),
        Err(error) => {
            errors.add("content", Invalid, error.to_string());
            Ok(FilePreview::default())
        }
    }
}
