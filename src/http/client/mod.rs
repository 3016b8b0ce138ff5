//! Whose request it is: the client's address, also behind proxies that the site trusts.
//!
//! Anybody can write any header. What a proxy adds to one stands at its right end, so addresses are read from there: each that is
//! a trusted proxy's vouches for the one before it, and the first that is none is the client's.

mod forwarded;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::{
    HttpRequest,
    http::header::{FORWARDED, HeaderName, HeaderValue, X_FORWARDED_FOR},
};

use crate::config::proxy::{Network, ProxyArgs, ProxyHeader};

/// The proxies that the site trusts, and the header in which they tell whom they ask for.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    trusted: Vec<Network>,
    header: ProxyHeader,
}

impl Proxies {
    /// The proxies of the command line.
    #[must_use]
    pub fn of(args: &ProxyArgs) -> Self {
        Self::new(args.trusted_proxies.clone(), args.proxy_header)
    }

    /// Trusts what comes from these networks.
    #[must_use]
    pub fn new(trusted: Vec<Network>, header: ProxyHeader) -> Self {
        Self { trusted, header }
    }

    /// The address of the client that a request comes from. All whose address isn't known have one in common.
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

    /// The same of a trusted peer and the values of its header, in their order.
    fn client(&self, peer: IpAddr, values: &[&[u8]]) -> IpAddr {
        let trusts = |address| self.trusts(address);
        match self.header {
            ProxyHeader::XForwardedFor => {
                let items = values.iter().flat_map(|value| value.split(|b| *b == b','));
                nearest_stranger(peer, items.map(forwarded::node), trusts)
            }
            ProxyHeader::Forwarded => match forwarded::nodes(values) {
                Some(nodes) => nearest_stranger(peer, nodes.into_iter(), trusts),
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

/// Goes from the right to the first address that isn't trusted; if all are, to the first of them. What can't be read makes it the
/// peer's request: nobody vouches for anything else.
fn nearest_stranger(
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

/// What an address counts as, wherever clients are counted: whoever has one address of IPv6 has a whole network of 64 bits of them, which
/// counts as one.
#[must_use]
pub fn counted(address: IpAddr) -> IpAddr {
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
