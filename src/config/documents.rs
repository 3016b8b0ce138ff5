//! The command line of persisted documents.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::documents::{
    Check, Documents, Mode,
    load::{self, load},
    trusted::Trusted,
};

/// Which documents requests may run, and name.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Persisted documents")]
pub struct DocumentArgs {
    /// Trusted documents: a directory of .graphql files, or a manifest of Apollo's or Relay's tools.
    #[arg(long, env = "MARQUEE_DOCUMENTS", value_name = "PATH")]
    pub documents: Option<PathBuf>,
    /// What requests may run: off, only what they bring; allow, also documents by their ids and hashes; only, nothing but trusted ones.
    #[arg(
        long,
        env = "MARQUEE_PERSISTED",
        default_value = "allow",
        value_name = "MODE",
        hide_possible_values = true
    )]
    pub persisted: ModeArg,
    /// How many bytes may be taken by documents that clients bring to name them later; 0 for none.
    #[arg(long, env = "MARQUEE_APQ_BYTES", default_value_t = 16 << 20, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(0..=1 << 34))]
    pub apq_bytes: u64,
}

/// What requests may run, as a command takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeArg {
    /// What they bring; nothing by a name.
    Off,
    /// What they bring, and documents by their ids and hashes.
    Allow,
    /// Trusted documents.
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

/// Why nothing can be run by what is set.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Only trusted documents may run, and there are none.
    #[error("--persisted only needs --documents: without them nothing could be asked")]
    NoDocuments,
    /// They can't be named, and there are some.
    #[error(
        "--persisted off and --documents contradict each other: take --persisted allow or only"
    )]
    NoNames,
    /// They are no good.
    #[error("--documents: {0}")]
    Documents(#[from] load::Unusable),
}

impl DocumentArgs {
    /// Reads the trusted documents and checks them.
    ///
    /// # Errors
    ///
    /// When one is no good, or what is set contradicts itself.
    pub fn documents(&self, check: Check) -> Result<Documents, Unusable> {
        // A variable of the environment that is set to nothing isn't set.
        let path = self.documents.as_deref();
        let path = path.filter(|path| !path.as_os_str().is_empty());
        let trusted = match (path, self.persisted) {
            (None, ModeArg::Only) => return Err(Unusable::NoDocuments),
            (Some(_), ModeArg::Off) => return Err(Unusable::NoNames),
            (None, ModeArg::Off | ModeArg::Allow) => Trusted::default(),
            (Some(path), ModeArg::Allow | ModeArg::Only) => load(path, &check)?,
        };
        let mode = self.persisted.into();
        Ok(Documents::new(mode, trusted, self.apq_bytes, check))
    }
}
