//! Origins of web pages and apps that may use the API.

mod host;

use std::{fmt, str::FromStr};

use self::host::{is_app_host, is_host_name, normalize_authority};

/// An allowed origin, or a set of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AllowedOrigin {
    /// Every origin.
    Any,
    /// The origin `null`, which pages without an origin of their own have.
    Null,
    /// This origin only.
    Exact(Origin),
    /// The subdomains of this origin's host at any depth, with its scheme and port. The host itself is not included.
    Subdomains(Origin),
}

/// The origin of a web page or an app: a scheme, a host, and a port unless it is the default port of the scheme.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: Scheme,
    /// The host in lower case, followed by `:` and the port unless it is the default port of the scheme.
    authority: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Scheme {
    Http,
    Https,
    /// The scheme of an app or a browser extension, such as `tauri` or `chrome-extension`.
    App(String),
}

/// A string is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOrigin {
    /// The string does not have the form of an origin.
    #[error(
        "an origin must be a scheme, a host and optionally a port, without a path, such as https://films.example, http://localhost:3000 or tauri://localhost"
    )]
    Malformed,
    /// No page has an origin of this scheme.
    #[error(
        "no web page has an origin of this scheme: a page from a file has the origin null, and a page that opens a WebSocket has an origin of http or https"
    )]
    Scheme,
    /// The wildcard is not the first label of a domain.
    #[error(
        "a wildcard must be the first label of a domain of http or https, such as https://*.films.example"
    )]
    Wildcard,
}

/// The schemes that no origin has: browsers give pages of these schemes the origin `null` or none.
const SCHEMES_WITHOUT_ORIGIN: [&str; 9] = [
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "ftp",
    "javascript",
    "ws",
    "wss",
];

impl FromStr for AllowedOrigin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        match text {
            "*" => Ok(Self::Any),
            "null" => Ok(Self::Null),
            _ if text.contains('*') => parse_wildcard(text).map(Self::Subdomains),
            _ => text.parse().map(Self::Exact),
        }
    }
}

/// Parses `scheme://*.domain`, with a port or without. Returns the origin of the domain.
fn parse_wildcard(text: &str) -> Result<Origin, InvalidOrigin> {
    let (scheme, domain) = text.split_once("://*.").ok_or(InvalidOrigin::Wildcard)?;
    let origin: Origin = format!("{scheme}://{domain}")
        .parse()
        .map_err(|_| InvalidOrigin::Wildcard)?;
    // A wildcard for a whole top-level domain is a mistake. Only `localhost` belongs to one owner.
    let host = origin.host();
    let has_owner = host == "localhost" || host.contains('.');
    let last_label = host.rsplit('.').next().unwrap_or_default();
    // The last label of a domain is no number; that of an address is.
    let is_domain = is_host_name(host) && !last_label.bytes().all(|byte| byte.is_ascii_digit());
    if is_domain && has_owner && !matches!(origin.scheme, Scheme::App(_)) {
        Ok(origin)
    } else {
        Err(InvalidOrigin::Wildcard)
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let (scheme, authority) = text.split_once("://").ok_or(InvalidOrigin::Malformed)?;
        let scheme: Scheme = scheme.parse()?;
        let authority = scheme.normalize_authority(authority);
        let authority = authority.ok_or(InvalidOrigin::Malformed)?;
        Ok(Self { scheme, authority })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match &self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
            Scheme::App(scheme) => scheme,
        };
        write!(formatter, "{scheme}://{}", self.authority)
    }
}

impl Origin {
    /// Returns whether a `Host` header has the host and port of this origin. The scheme is not compared because it is
    /// unknown behind a proxy that terminates TLS. An app is never of the server's own origin.
    #[must_use]
    pub fn matches_host(&self, host: &str) -> bool {
        !matches!(self.scheme, Scheme::App(_))
            && self.scheme.normalize_authority(host).as_ref() == Some(&self.authority)
    }

    /// Returns the host without the port.
    fn host(&self) -> &str {
        match self.authority.rsplit_once(':') {
            Some((host, _)) if !self.authority.ends_with(']') => host,
            _ => &self.authority,
        }
    }

    fn is_subdomain_of(&self, domain: &Self) -> bool {
        let prefix = self.authority.strip_suffix(&domain.authority);
        let label = prefix.and_then(|prefix| prefix.strip_suffix('.'));
        self.scheme == domain.scheme && label.is_some_and(|label| !label.is_empty())
    }
}

impl AllowedOrigin {
    /// Returns whether `allowed` contains an `Origin` header.
    #[must_use]
    pub fn allows(allowed: &[Self], origin: &str) -> bool {
        let parsed = origin.parse::<Origin>().ok();
        let parsed = parsed.as_ref();
        allowed.iter().any(|allowed| match allowed {
            Self::Any => true,
            Self::Null => origin == "null",
            Self::Exact(exact) => parsed == Some(exact),
            Self::Subdomains(domain) => parsed.is_some_and(|origin| origin.is_subdomain_of(domain)),
        })
    }
}

impl FromStr for Scheme {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let is_allowed =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '-' | '.');
        match text {
            "http" => Ok(Self::Http),
            "https" => Ok(Self::Https),
            _ if SCHEMES_WITHOUT_ORIGIN.contains(&text) => Err(InvalidOrigin::Scheme),
            _ if text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.chars().all(is_allowed) =>
            {
                Ok(Self::App(text.to_owned()))
            }
            _ => Err(InvalidOrigin::Malformed),
        }
    }
}

impl Scheme {
    /// Parses a host and an optional port, and omits the default port of the scheme. Returns `None` if they are
    /// invalid.
    fn normalize_authority(&self, text: &str) -> Option<String> {
        match self {
            Self::Http => normalize_authority(text, Some(80), is_host_name),
            Self::Https => normalize_authority(text, Some(443), is_host_name),
            Self::App(_) => normalize_authority(text, None, is_app_host),
        }
    }
}

#[cfg(test)]
mod tests;
