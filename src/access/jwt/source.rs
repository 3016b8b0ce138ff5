//! Where an identity provider's keys come from: a file, or an address of the network.

use std::{
    fmt, fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use ureq::{
    Agent,
    http::{Uri, header::CACHE_CONTROL, uri::Scheme},
};

use super::{
    cache::{Outcome, Pace, freshness},
    key_set::{self, Flaw, KeySet},
};

/// How long a fetch over the network may take altogether.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a file is not looked at again.
const FILE_FRESH: Duration = Duration::from_secs(1);

/// How many redirections are followed, all of them by https.
const MOST_REDIRECTIONS: u32 = 3;

/// Where the keys are.
#[derive(Clone, Debug)]
pub enum Source {
    /// In this file.
    File(PathBuf),
    /// At this address.
    Address(Address),
}

/// An address that keys may be fetched from: by https, or by http from this machine.
#[derive(Clone, Debug)]
pub struct Address(Uri);

/// Why a text is no source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASource {
    /// There is no text.
    #[error("give a file, or an address that begins with https://")]
    Empty,
    /// The address can't be read.
    #[error("the address can't be read: give it as https://host/path")]
    Unreadable,
    /// Keys that anybody on the way could exchange are worth nothing.
    #[error("keys are fetched by https, or by http from localhost only")]
    Insecure,
    /// Addresses are logged.
    #[error("the address must not hold a user or a password")]
    UserInfo,
}

impl std::str::FromStr for Source {
    type Err = NotASource;

    /// A text with `://` is an address, any other the path of a file.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Err(NotASource::Empty);
        }
        if !text.contains("://") {
            return Ok(Self::File(text.into()));
        }
        let address: Uri = text.parse().map_err(|_| NotASource::Unreadable)?;
        let authority = address.authority().ok_or(NotASource::Unreadable)?;
        if authority.as_str().contains('@') {
            return Err(NotASource::UserInfo);
        }
        let is_secure = address.scheme() == Some(&Scheme::HTTPS);
        if is_secure || (address.scheme() == Some(&Scheme::HTTP) && is_here(authority.host())) {
            Ok(Self::Address(Address(address)))
        } else {
            Err(NotASource::Insecure)
        }
    }
}

fn is_here(host: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|here| host.eq_ignore_ascii_case(here))
}

/// For logs: without a query, in which some providers want a key.
impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(formatter),
            Self::Address(Address(address)) => {
                let authority = address
                    .authority()
                    .map_or("", |authority| authority.as_str());
                let scheme = address.scheme_str().unwrap_or_default();
                write!(formatter, "{scheme}://{authority}{}", address.path())
            }
        }
    }
}

/// Why keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The file, or the body of the answer, can't be read.
    #[error("it can't be read: {0}")]
    Io(#[from] io::Error),
    /// The address gives no answer.
    #[error("there is no answer: {0}")]
    Network(#[from] Box<ureq::Error>),
    /// The answer has another status than 200.
    #[error("the answer has the status {0}")]
    Status(u16),
    /// What was read is no key set.
    #[error(transparent)]
    Flaw(#[from] Flaw),
}

/// Fetches keys from a source, again and again.
pub struct Fetcher {
    source: Source,
    agent: Agent,
    /// When the file was changed and how long it was, as it was read last.
    seen: Option<(SystemTime, u64)>,
}

impl Fetcher {
    /// For this source; fetches nothing yet.
    #[must_use]
    pub fn new(source: Source) -> Self {
        let agent = agent(&source);
        Self {
            source,
            agent,
            seen: None,
        }
    }

    /// How often this source may be asked.
    #[must_use]
    pub fn pace(&self) -> Pace {
        match self.source {
            Source::File(_) => Pace::FILE,
            Source::Address(_) => Pace::NETWORK,
        }
    }

    /// Where the keys come from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Fetches the keys. It blocks its thread, for 5 seconds and a bit at most.
    ///
    /// # Errors
    ///
    /// When there are none to be had.
    pub fn fetch(&mut self) -> Result<Outcome, Failure> {
        match &self.source {
            Source::File(path) => read_file(path, &mut self.seen),
            Source::Address(address) => call(&self.agent, address),
        }
    }
}

fn agent(source: &Source) -> Agent {
    let is_secure = !matches!(source, Source::Address(Address(address)) if address.scheme() == Some(&Scheme::HTTP));
    let config = Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .https_only(is_secure)
        .max_redirects(if is_secure { MOST_REDIRECTIONS } else { 0 })
        .http_status_as_error(false)
        // Ten minutes later the connection would hardly still be there.
        .max_idle_connections(0)
        .accept("application/jwk-set+json, application/json")
        .user_agent(concat!("marquee/", env!("CARGO_PKG_VERSION")));
    let config = if is_secure {
        config
    } else {
        config.proxy(None)
    };
    config.build().new_agent()
}

fn call(agent: &Agent, Address(address): &Address) -> Result<Outcome, Failure> {
    let mut answer = agent.get(address).call().map_err(Box::new)?;
    if answer.status() != 200 {
        return Err(Failure::Status(answer.status().as_u16()));
    }
    let cache_control = answer.headers().get(CACHE_CONTROL);
    let fresh = freshness(cache_control.and_then(|value| value.to_str().ok()));
    let mut text = Vec::new();
    let body = answer.body_mut().as_reader();
    // One byte more than is read, by which the set is known to be too large.
    body.take(key_set::LARGEST as u64 + 1)
        .read_to_end(&mut text)?;
    Ok(Outcome::Keys(Arc::new(KeySet::read(&text)?), fresh))
}

fn read_file(path: &Path, seen: &mut Option<(SystemTime, u64)>) -> Result<Outcome, Failure> {
    let file = fs::File::open(path)?;
    let metadata = file.metadata()?;
    let stamp = (metadata.modified()?, metadata.len());
    if *seen == Some(stamp) {
        return Ok(Outcome::Unchanged(FILE_FRESH));
    }
    let mut text = Vec::new();
    file.take(key_set::LARGEST as u64 + 1)
        .read_to_end(&mut text)?;
    let keys = KeySet::read(&text)?;
    *seen = Some(stamp);
    Ok(Outcome::Keys(Arc::new(keys), FILE_FRESH))
}
