//! The syntax of the URL.

use percent_encoding::percent_decode_str;

use super::UrlError;

/// The parameters of a URL, percent-decoded.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// The user, the password, the host, the port and the database before the query.
    pub parameters: Vec<(&'static str, String)>,
    /// The parameters of the query.
    pub query: Vec<(String, String)>,
}

impl Parts {
    /// Splits a URL. All parts but the scheme may be missing.
    pub(super) fn parse(url: &str) -> Result<Self, UrlError> {
        let url = url.trim();
        let rest = ["postgres://", "postgresql://"]
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme));
        let Some(rest) = rest else {
            let is_list = url.contains('=') && !url.contains("://");
            return Err(if is_list {
                UrlError::Settings
            } else {
                UrlError::Scheme
            });
        };
        if rest.contains('#') {
            return Err(UrlError::Unescaped);
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        // A password with `/` or `?` ends the authority too early.
        if database.contains('@') {
            return Err(UrlError::Unescaped);
        }
        let mut parts = Self::default();
        parts.add_authority(authority)?;
        parts.add("dbname", database)?;
        for parameter in query.split('&').filter(|text| !text.is_empty()) {
            let Some((name, value)) = parameter.split_once('=') else {
                return Err(if parameter.contains('@') {
                    UrlError::Unescaped
                } else {
                    UrlError::NoValue
                });
            };
            if name.contains('@') || name.contains('/') {
                return Err(UrlError::Unescaped);
            }
            parts.query.push((decode(name)?, decode(value)?));
        }
        Ok(parts)
    }

    fn add_authority(&mut self, authority: &str) -> Result<(), UrlError> {
        let (credentials, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        self.add("user", user)?;
        self.add("password", password)?;
        if host.contains(',') {
            return Err(UrlError::SeveralHosts);
        }
        let (host, port) = if let Some(bracketed) = host.strip_prefix('[') {
            let (address, port) = bracketed.split_once(']').ok_or(UrlError::Ipv6)?;
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return Err(UrlError::Ipv6);
            }
            match port.strip_prefix(':') {
                Some(port) => (address, port),
                None if port.is_empty() => (address, ""),
                None => return Err(UrlError::Ipv6),
            }
        } else {
            host.split_once(':').unwrap_or((host, ""))
        };
        // An IPv6 address without brackets.
        if port.contains(':') {
            return Err(UrlError::Ipv6);
        }
        self.add("host", host)?;
        self.add("port", port)
    }

    fn add(&mut self, name: &'static str, text: &str) -> Result<(), UrlError> {
        if !text.is_empty() {
            self.parameters.push((name, decode(text)?));
        }
        Ok(())
    }
}

/// Decodes percent-encoding. `+` is no space, as for libpq.
fn decode(text: &str) -> Result<String, UrlError> {
    let bytes = text.as_bytes();
    let is_complete = |(index, _): (usize, &u8)| {
        let digits = bytes.get(index + 1..index + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let mut percents = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    if !percents.all(is_complete) {
        return Err(UrlError::Encoding);
    }
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|_| UrlError::Encoding)?;
    if decoded.contains('\0') {
        return Err(UrlError::Encoding);
    }
    Ok(decoded.into_owned())
}
