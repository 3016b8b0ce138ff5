//! The command line settings of trusted proxies.

use std::{net::IpAddr, str::FromStr};

use clap::{Args, ValueEnum};
use ipnet::IpNet;

/// The settings of trusted proxies.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Proxies")]
pub struct ProxyArgs {
    /// The address or network, such as 10.0.0.0/8, of a proxy that is trusted to report the client's address. May be
    /// given several times. By default no proxy is trusted.
    #[arg(
        long = "trusted-proxy",
        env = "MARQUEE_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "CIDR"
    )]
    pub trusted_proxies: Vec<Network>,
    /// The header in which the trusted proxies report the client's address. All of them must set it, because clients
    /// can send any other header themselves.
    #[arg(
        long,
        env = "MARQUEE_PROXY_HEADER",
        default_value = "x-forwarded-for",
        value_name = "HEADER"
    )]
    pub proxy_header: ProxyHeader,
}

/// The header in which proxies report the client's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`, the de facto standard.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// An IP network, or a single IP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

/// A string is not a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an IP address such as 127.0.0.1, or a network such as 10.0.0.0/8 or fd00::/8")]
pub struct InvalidNetwork;

impl Network {
    /// Returns whether the network contains an address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let address = text.parse().map(|address: IpAddr| address.to_canonical());
        let network = address.map(IpNet::from).or_else(|_| text.parse());
        network.map(Self).map_err(|_| InvalidNetwork)
    }
}

#[cfg(test)]
mod tests;
