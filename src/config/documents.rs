//! The command line settings of persisted documents.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use crate::persisted_documents::{
    DocumentValidator, Mode, PersistedDocuments,
    load::{self, load},
    trusted::TrustedDocuments,
};

/// The settings of persisted documents.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Persisted documents")]
pub struct DocumentArgs {
    /// The trusted documents: a directory of .graphql files, or a manifest that Apollo's or Relay's tools generate. By
    /// default there are none.
    #[arg(long, env = "MARQUEE_DOCUMENTS", value_name = "PATH")]
    pub documents: Option<PathBuf>,
    /// The documents that requests may run. off: only the full text in the request; allow: also documents by their ID
    /// or hash; only: only trusted documents.
    #[arg(
        long,
        env = "MARQUEE_PERSISTED",
        default_value = "allow",
        value_name = "MODE",
        hide_possible_values = true
    )]
    pub persisted: ModeArg,
    /// The maximum memory for documents that clients register by automatic persisted queries, in bytes (0 to
    /// 17,179,869,184). 0 stores none.
    #[arg(long, env = "MARQUEE_APQ_BYTES", default_value_t = 16 << 20, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(0..=1 << 34))]
    pub apq_bytes: u64,
}

/// A command on trusted documents.
#[derive(Debug, Subcommand)]
pub enum DocumentsCommand {
    /// Name each document that a schema would break. The exit status is 1 if there is one.
    Check(CheckDocumentsArgs),
}

/// The arguments of `documents check`.
#[derive(Debug, Args)]
pub struct CheckDocumentsArgs {
    /// The schema, as another version of `marquee schema` prints it; "-" reads standard input. By default it is that of
    /// this program.
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// The documents: a directory of .graphql files, or a manifest, as `serve --documents` reads them.
    pub path: PathBuf,
}

/// The mode of persisted documents as a command line argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeArg {
    /// Requests run the document that they contain.
    Off,
    /// Requests run the document that they contain, or one that they name by its ID or hash.
    Allow,
    /// Requests run trusted documents only.
    Only,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Off => Self::Off,
            ModeArg::Allow => Self::Allow,
            ModeArg::Only => Self::Only,
        }
    }
}

/// An error in the settings of persisted documents.
#[derive(Debug, thiserror::Error)]
pub enum DocumentConfigError {
    /// Only trusted documents may run, and none are given.
    #[error(
        "--persisted only needs --documents: without trusted documents every request would be rejected"
    )]
    NoDocuments,
    /// Trusted documents are given, but requests may not name documents.
    #[error("--persisted off and --documents contradict each other: use --persisted allow or only")]
    PersistedOff,
    /// The trusted documents can't be read or are invalid.
    #[error("--documents: {0}")]
    Documents(#[from] load::LoadError),
}

impl DocumentArgs {
    /// Returns the path of the trusted documents. An empty environment variable counts as unset.
    fn path(&self) -> Option<&Path> {
        let path = self.documents.as_deref();
        path.filter(|path| !path.as_os_str().is_empty())
    }

    /// Checks that the mode agrees with the trusted documents.
    ///
    /// # Errors
    ///
    /// When no request could run, or trusted documents are given that none may name.
    pub fn check_mode(&self) -> Result<(), DocumentConfigError> {
        match (self.path(), self.persisted) {
            (None, ModeArg::Only) => Err(DocumentConfigError::NoDocuments),
            (Some(_), ModeArg::Off) => Err(DocumentConfigError::PersistedOff),
            _ => Ok(()),
        }
    }

    /// Reads and checks the trusted documents.
    ///
    /// # Errors
    ///
    /// When a document can't be read or is invalid, or the settings contradict each other.
    pub fn documents(
        &self,
        validator: DocumentValidator,
    ) -> Result<PersistedDocuments, DocumentConfigError> {
        self.check_mode()?;
        let trusted = match self.path() {
            None => TrustedDocuments::default(),
            Some(path) => load(path, &validator)?,
        };
        let mode = self.persisted.into();
        Ok(PersistedDocuments::new(
            mode,
            trusted,
            self.apq_bytes,
            validator,
        ))
    }
}
