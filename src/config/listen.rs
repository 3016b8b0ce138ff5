//! The addresses that a server listens on.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

/// An address to listen on: a host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    host: ListenHost,
    port: u16,
}

/// The host of an address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenHost {
    /// This address.
    Address(IpAddr),
    /// All addresses of this machine, IPv4 and IPv6.
    Any,
    /// The addresses of this name.
    Name(String),
}

/// A string is not an address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidListenAddress {
    /// The string is a URL.
    #[error("this is a URL; give only the host and the port, such as localhost:8000")]
    Url,
    /// There is no port.
    #[error(
        "the port is missing; give a host and a port, such as 127.0.0.1:8000 or localhost:8000"
    )]
    NoPort,
    /// An IPv6 address is not in brackets, so that it is unclear where it ends.
    #[error("an IPv6 address is in brackets, and a port follows, such as [::1]:8000")]
    NoBrackets,
    /// The port is not a number up to 65,535.
    #[error("the port is a number from 0 to 65535, such as 8000")]
    Port,
    /// The host is neither an address nor a name.
    #[error(
        "the host is neither an address nor a name; give a host and a port, such as 127.0.0.1:8000, localhost:8000, [::1]:8000, or *:8000 for all addresses"
    )]
    Host,
}

impl ListenAddress {
    /// Returns the host.
    #[must_use]
    pub fn host(&self) -> &ListenHost {
        &self.host
    }

    /// Returns the port. If it is 0, the system chooses one.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for ListenAddress {
    type Err = InvalidListenAddress;

    fn from_str(text: &str) -> Result<Self, InvalidListenAddress> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self {
                host: ListenHost::Address(address.ip()),
                port: address.port(),
            });
        }
        if text.contains("://") {
            return Err(InvalidListenAddress::Url);
        }
        if text.parse::<Ipv6Addr>().is_ok() {
            return Err(InvalidListenAddress::NoBrackets);
        }
        // A port alone keeps the default host, so that no server is reachable from elsewhere by accident.
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let host = ListenHost::Address(Ipv4Addr::LOCALHOST.into());
            let port = text.parse().map_err(|_| InvalidListenAddress::Port)?;
            return Ok(Self { host, port });
        }
        let (host, port) = text
            .rsplit_once(':')
            .filter(|_| !text.ends_with(']'))
            .ok_or(InvalidListenAddress::NoPort)?;
        let host = match host {
            "" | "*" => ListenHost::Any,
            host if host.contains(':') && !host.starts_with('[') => {
                return Err(InvalidListenAddress::NoBrackets);
            }
            host if is_bracketed_ipv6(host) => return Err(InvalidListenAddress::Port),
            host if is_name(host) => ListenHost::Name(host.to_owned()),
            _ => return Err(InvalidListenAddress::Host),
        };
        let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.parse().ok().filter(|_| is_number);
        let port = port.ok_or(InvalidListenAddress::Port)?;
        Ok(Self { host, port })
    }
}

fn is_bracketed_ipv6(text: &str) -> bool {
    let inner = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    inner.is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok())
}

/// Returns whether a text can be the name of a host.
fn is_name(text: &str) -> bool {
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !text.is_empty() && text.bytes().all(is_name_byte)
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.port;
        match &self.host {
            ListenHost::Address(address) => SocketAddr::new(*address, port).fmt(formatter),
            ListenHost::Any => write!(formatter, "*:{port}"),
            ListenHost::Name(name) => write!(formatter, "{name}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests;
