//! Origins of web pages that may use the API.

use std::{fmt, net::Ipv6Addr, str::FromStr};

/// An allowed origin, or all of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AllowedOrigin {
    /// Every origin.
    Any,
    /// This origin only.
    Exact(Origin),
}

/// The origin of a web page: a scheme, a host, and a port unless it is the default port of the scheme.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: Scheme,
    /// The host in lower case, followed by `:` and the port unless it is the default port of the scheme.
    authority: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scheme {
    Http,
    Https,
}

/// A string is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin must be a scheme, a host and optionally a port, without a path, such as https://films.example or http://localhost:3000"
)]
pub struct InvalidOrigin;

impl FromStr for AllowedOrigin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        match text {
            "*" => Ok(Self::Any),
            _ => text.parse().map(Self::Exact),
        }
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let (scheme, authority) = text.split_once("://").ok_or(InvalidOrigin)?;
        let scheme = match scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(InvalidOrigin),
        };
        let authority = scheme.normalize_authority(authority).ok_or(InvalidOrigin)?;
        Ok(Self { scheme, authority })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(formatter, "{scheme}://{}", self.authority)
    }
}

impl Origin {
    /// Returns whether a `Host` header has the host and port of this origin. The scheme is not compared because it is
    /// unknown behind a proxy that terminates TLS.
    #[must_use]
    pub fn matches_host(&self, host: &str) -> bool {
        self.scheme.normalize_authority(host).as_ref() == Some(&self.authority)
    }
}

impl AllowedOrigin {
    /// Returns whether `allowed` contains an `Origin` header.
    #[must_use]
    pub fn allows(allowed: &[Self], origin: &str) -> bool {
        let origin = origin.parse::<Origin>().ok();
        allowed.iter().any(|allowed| match allowed {
            Self::Any => true,
            Self::Exact(exact) => Some(exact) == origin.as_ref(),
        })
    }
}

impl Scheme {
    /// Parses a host and an optional port, and omits the default port of the scheme. Returns `None` if they are
    /// invalid.
    fn normalize_authority(self, text: &str) -> Option<String> {
        let default_port = match self {
            Self::Http => 80,
            Self::Https => 443,
        };
        let host_end = if text.starts_with('[') {
            text.find(']')? + 1
        } else {
            text.find(':').unwrap_or(text.len())
        };
        let (host, port) = text.split_at(host_end);
        let host = host.to_ascii_lowercase();
        if !is_valid_host(&host) {
            return None;
        }
        let Some(port) = port.strip_prefix(':') else {
            return port.is_empty().then_some(host);
        };
        let has_only_digits = !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
        let port: u16 = port
            .parse()
            .ok()
            .filter(|port| has_only_digits && *port > 0)?;
        Some(if port == default_port {
            host
        } else {
            format!("{host}:{port}")
        })
    }
}

/// Returns whether a string is a host name, or an IP address as URLs write it.
fn is_valid_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').map(str::parse::<Ipv6Addr>);
        return matches!(address, Some(Ok(_)));
    }
    let is_label = |label: &str| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && label.chars().all(is_allowed)
    };
    host.split('.').all(is_label)
}

#[cfg(test)]
mod tests;
