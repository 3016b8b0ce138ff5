//! Fetches the keys of an identity provider.

use std::{
    fs,
    io::{self, Read},
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use ureq::{
    Agent,
    http::{header::CACHE_CONTROL, uri::Scheme},
};

use super::{KeySource, KeyUrl};
use crate::access::jwt::{
    key_cache::{FetchLimits, FetchOutcome, freshness},
    key_set::{self, KeySet, KeySetError},
};

/// The timeout of a fetch over the network.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// The interval at which a file is checked for changes.
const FILE_FRESHNESS: Duration = Duration::from_secs(1);

/// The maximum number of redirects, all of which must use https.
const MAX_REDIRECTS: u32 = 3;

/// A fetch of keys failed.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The file, or the body of the response, can't be read.
    #[error("can't read the key set: {0}")]
    Io(#[from] io::Error),
    /// The server of the URL does not respond.
    #[error("the request for the key set failed: {0}")]
    Network(#[from] Box<ureq::Error>),
    /// The status of the response is not 200.
    #[error("the response with the key set has status {0}")]
    Status(u16),
    /// The key set is invalid.
    #[error(transparent)]
    KeySet(#[from] KeySetError),
}

/// Fetches keys from a source repeatedly.
pub struct Fetcher {
    source: KeySource,
    agent: Agent,
    /// The modification time and the size of the file at its last successful read.
    last_read: Option<(SystemTime, u64)>,
}

impl Fetcher {
    /// Creates a fetcher for a source. It fetches nothing yet.
    #[must_use]
    pub fn new(source: KeySource) -> Self {
        let agent = agent(&source);
        Self {
            source,
            agent,
            last_read: None,
        }
    }

    /// Returns the limits of how often the source may be fetched.
    #[must_use]
    pub fn limits(&self) -> FetchLimits {
        match self.source {
            KeySource::File(_) => FetchLimits::FILE,
            KeySource::Url(_) => FetchLimits::NETWORK,
        }
    }

    /// Returns the source of the keys.
    #[must_use]
    pub fn source(&self) -> &KeySource {
        &self.source
    }

    /// Fetches the keys. Blocks the thread, for a URL up to about 5 seconds.
    ///
    /// # Errors
    ///
    /// When the source can't be read, or its key set is invalid.
    pub fn fetch(&mut self) -> Result<FetchOutcome, FetchError> {
        match &self.source {
            KeySource::File(path) => read_file(path, &mut self.last_read),
            KeySource::Url(uri) => fetch_url(&self.agent, uri),
        }
    }
}

fn agent(source: &KeySource) -> Agent {
    let is_secure =
        !matches!(source, KeySource::Url(KeyUrl(uri)) if uri.scheme() == Some(&Scheme::HTTP));
    let config = Agent::config_builder()
        .timeout_global(Some(FETCH_TIMEOUT))
        .https_only(is_secure)
        .max_redirects(if is_secure { MAX_REDIRECTS } else { 0 })
        .http_status_as_error(false)
        // The next fetch is minutes later, when an idle connection is likely to be closed.
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

fn fetch_url(agent: &Agent, KeyUrl(uri): &KeyUrl) -> Result<FetchOutcome, FetchError> {
    let mut response = agent.get(uri).call().map_err(Box::new)?;
    if response.status() != 200 {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let cache_control = response.headers().get(CACHE_CONTROL);
    let freshness = freshness(cache_control.and_then(|value| value.to_str().ok()));
    let mut text = Vec::new();
    let body = response.body_mut().as_reader();
    // One byte more than the maximum, so that `KeySet::parse` detects a larger set.
    body.take(key_set::MAX_BYTES as u64 + 1)
        .read_to_end(&mut text)?;
    Ok(FetchOutcome::Keys(
        Arc::new(KeySet::parse(&text)?),
        freshness,
    ))
}

fn read_file(
    path: &Path,
    last_read: &mut Option<(SystemTime, u64)>,
) -> Result<FetchOutcome, FetchError> {
    let file = fs::File::open(path)?;
    let metadata = file.metadata()?;
    let current = (metadata.modified()?, metadata.len());
    if *last_read == Some(current) {
        return Ok(FetchOutcome::Unchanged(FILE_FRESHNESS));
    }
    let mut text = Vec::new();
    file.take(key_set::MAX_BYTES as u64 + 1)
        .read_to_end(&mut text)?;
    let keys = KeySet::parse(&text)?;
    *last_read = Some(current);
    Ok(FetchOutcome::Keys(Arc::new(keys), FILE_FRESHNESS))
}
