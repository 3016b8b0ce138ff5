//! The client address of a request, also behind trusted proxies.
//!
//! A client can send any header. A proxy appends to the right end, so addresses are read from right to left: each
//! address of a trusted proxy vouches for the one before it, and the first address of any other host is the client's.

mod forwarded;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::{
    HttpRequest,
    http::header::{FORWARDED, HeaderName, HeaderValue, X_FORWARDED_FOR},
};

use crate::config::proxy::{Network, ProxyArgs, ProxyHeader};

/// The trusted proxies, and the header in which they forward the client address.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    trusted: Vec<Network>,
    header: ProxyHeader,
}

impl TrustedProxies {
    /// Creates the proxies from the command line.
    #[must_use]
    pub fn from_args(args: &ProxyArgs) -> Self {
        Self::new(args.trusted_proxies.clone(), args.proxy_header)
    }

    /// Trusts the proxies in these networks.
    #[must_use]
    pub fn new(trusted: Vec<Network>, header: ProxyHeader) -> Self {
        Self { trusted, header }
    }

    /// Returns the client address of a request. It is the unspecified address if the peer address is unknown.
    #[must_use]
    pub fn client_of(&self, request: &HttpRequest) -> IpAddr {
        let peer = request.peer_addr().map(|address| address.ip());
        let peer = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.to_canonical());
        if !self.trusts(peer) {
            return peer;
        }
        let headers = request.headers().get_all(self.header_name());
        let values: Vec<&[u8]> = headers.map(HeaderValue::as_bytes).collect();
        self.client(peer, &values)
    }

    /// Returns the client address by a trusted peer's header values, which are in order.
    fn client(&self, peer: IpAddr, values: &[&[u8]]) -> IpAddr {
        let trusts = |address| self.trusts(address);
        match self.header {
            ProxyHeader::XForwardedFor => {
                let items = values.iter().flat_map(|value| value.split(|b| *b == b','));
                nearest_untrusted(peer, items.map(forwarded::parse_node), trusts)
            }
            ProxyHeader::Forwarded => match forwarded::parse_forwarded(values) {
                Some(nodes) => nearest_untrusted(peer, nodes.into_iter(), trusts),
                None => peer,
            },
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    const fn header_name(&self) -> HeaderName {
        match self.header {
            ProxyHeader::XForwardedFor => X_FORWARDED_FOR,
            ProxyHeader::Forwarded => FORWARDED,
        }
    }
}

/// Returns the rightmost address that is not trusted, or the leftmost one if all are trusted. Returns `peer` if an
/// invalid address comes first, because no trusted proxy vouches for anything to the left of it.
fn nearest_untrusted(
    peer: IpAddr,
    nodes: impl DoubleEndedIterator<Item = Option<IpAddr>>,
    trusts: impl Fn(IpAddr) -> bool,
) -> IpAddr {
    let mut client = peer;
    for node in nodes.rev() {
        let Some(node) = node else { return peer };
        client = node;
        if !trusts(node) {
            break;
        }
    }
    client
}

/// Returns the address by which clients are counted and rate-limited. A client with one IPv6 address usually has a
/// whole /64 network, so the network counts as one address.
#[must_use]
pub fn client_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            Ipv6Addr::from(network).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests;
