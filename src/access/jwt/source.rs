//! The source of an identity provider's keys: a file or a URL.

pub mod fetcher;

use std::{fmt, path::PathBuf};

use ureq::http::{Uri, uri::Scheme};

/// The location of the keys.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A file.
    File(PathBuf),
    /// A URL.
    Url(KeyUrl),
}

/// A URL of keys, with https, or with http on this machine.
#[derive(Clone, Debug)]
pub struct KeyUrl(Uri);

/// A string is not a valid source of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeySource {
    /// The string is blank.
    #[error("give a file, or a URL that begins with https://")]
    Empty,
    /// The URL is malformed.
    #[error("the URL is malformed: give it as https://host/path")]
    Malformed,
    /// The URL is insecure: an attacker on the network could replace the keys.
    #[error("keys are fetched over https, or over http from localhost only")]
    Insecure,
    /// The URL contains credentials, which would appear in the log.
    #[error("the URL must not contain a user or a password")]
    UserInfo,
}

impl std::str::FromStr for KeySource {
    type Err = InvalidKeySource;

    /// Parses a string with `://` as a URL, and any other string as the path of a file.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Err(InvalidKeySource::Empty);
        }
        if !text.contains("://") {
            return Ok(Self::File(text.into()));
        }
        let uri: Uri = text.parse().map_err(|_| InvalidKeySource::Malformed)?;
        let authority = uri.authority().ok_or(InvalidKeySource::Malformed)?;
        if authority.as_str().contains('@') {
            return Err(InvalidKeySource::UserInfo);
        }
        let is_secure = uri.scheme() == Some(&Scheme::HTTPS);
        if is_secure || (uri.scheme() == Some(&Scheme::HTTP) && is_localhost(authority.host())) {
            Ok(Self::Url(KeyUrl(uri)))
        } else {
            Err(InvalidKeySource::Insecure)
        }
    }
}

fn is_localhost(host: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|local| host.eq_ignore_ascii_case(local))
}

/// Formats the source for logs, without the query of a URL, which may contain an API key.
impl fmt::Display for KeySource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(formatter),
            Self::Url(KeyUrl(uri)) => {
                let authority = uri.authority().map_or("", |authority| authority.as_str());
                let scheme = uri.scheme_str().unwrap_or_default();
                write!(formatter, "{scheme}://{authority}{}", uri.path())
            }
        }
    }
}
