//! The sockets that a server listens on.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    os::fd::AsFd,
};

use nix::sys::socket::{getsockopt, sockopt::Ipv6V6Only};
use tokio::net::{TcpSocket, lookup_host};

use crate::config::listen::{ListenAddress, ListenHost};

/// The maximum number of connections that wait to be accepted.
const BACKLOG: u32 = 1_024;

/// Listens on every address of a name, or on all addresses of this machine. An address of a family that this machine
/// does not have is left out, if there is another.
///
/// # Errors
///
/// When an address can't be bound. The message names it and `option`, the option of the command line.
pub async fn listen(address: &ListenAddress, option: &str) -> io::Result<Vec<TcpListener>> {
    let failed = |error: &io::Error| {
        let text =
            format!("can't listen on {address}: {error}; choose another address with {option}");
        io::Error::new(error.kind(), text)
    };
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut unsupported = None;
    for mut resolved in resolve(address).await.map_err(|error| failed(&error))? {
        // All addresses of a name have the same port, even if the system has chosen it.
        if let Some(first) = listeners.first().filter(|_| resolved.port() == 0) {
            resolved.set_port(first.local_addr()?.port());
        }
        match bind(resolved) {
            Ok(listener) => listeners.push(listener),
            // The socket for all IPv6 addresses accepts IPv4 as well, unless the system is set up otherwise.
            Err(error)
                if *address.host() == ListenHost::Any
                    && error.kind() == io::ErrorKind::AddrInUse
                    && listeners.first().is_some_and(accepts_both_families) => {}
            Err(error) if is_unsupported(&error) => {
                tracing::info!(listen.address = %resolved, error.cause = %error, "this machine has no such address");
                unsupported = Some(error);
            }
            Err(error) => return Err(failed(&error)),
        }
    }
    match unsupported {
        Some(error) if listeners.is_empty() => Err(failed(&error)),
        _ => Ok(listeners),
    }
}

/// Returns the addresses of listeners.
///
/// # Errors
///
/// When the system can't return the address of a socket.
pub fn addresses(listeners: &[TcpListener]) -> io::Result<Vec<SocketAddr>> {
    listeners.iter().map(TcpListener::local_addr).collect()
}

/// Returns the addresses to bind: those of the name, or the IPv6 and the IPv4 address that stand for all addresses.
async fn resolve(address: &ListenAddress) -> io::Result<Vec<SocketAddr>> {
    let port = address.port();
    let addresses = match address.host() {
        ListenHost::Address(address) => vec![SocketAddr::new(*address, port)],
        ListenHost::Any => vec![
            SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port),
            SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port),
        ],
        ListenHost::Name(name) => {
            let mut addresses = Vec::new();
            for address in lookup_host((name.as_str(), port)).await? {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            addresses
        }
    };
    if addresses.is_empty() {
        let text = "the name has no address";
        return Err(io::Error::new(io::ErrorKind::NotFound, text));
    }
    Ok(addresses)
}

/// Returns whether an IPv6 socket accepts IPv4 as well.
fn accepts_both_families(socket: &impl AsFd) -> bool {
    getsockopt(socket, Ipv6V6Only).is_ok_and(|is_ipv6_only| !is_ipv6_only)
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // A server that was restarted can bind the address at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Returns whether this machine has no such address, because it lacks the family.
fn is_unsupported(error: &io::Error) -> bool {
    let code = error.raw_os_error().map(nix::Error::from_raw);
    [nix::Error::EAFNOSUPPORT, nix::Error::EADDRNOTAVAIL]
        .map(Some)
        .contains(&code)
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use nix::sys::socket::setsockopt;

    use super::*;

    async fn addresses_of(text: &str) -> io::Result<Vec<SocketAddr>> {
        resolve(&text.parse().unwrap()).await
    }

    #[tokio::test]
    async fn a_name_stands_for_all_of_its_addresses() {
        let localhost = addresses_of("localhost:8000").await.unwrap();
        assert!(localhost.iter().all(|address| address.ip().is_loopback()));
        assert!(localhost.iter().all(|address| address.port() == 8000));
        let any = addresses_of("*:1").await.unwrap();
        let any: Vec<_> = any.iter().map(ToString::to_string).collect();
        assert_eq!(any, ["[::]:1", "0.0.0.0:1"]);
        let one = addresses_of("[::]:1").await.unwrap();
        assert_eq!(one, ["[::]:1".parse::<SocketAddr>().unwrap()]);
        assert!(addresses_of("no-such-host.invalid:80").await.is_err());
    }

    #[tokio::test]
    async fn only_an_ipv6_socket_without_ipv6_only_accepts_both_families() {
        let ipv4 = bind("0.0.0.0:0".parse().unwrap()).unwrap();
        assert!(!accepts_both_families(&ipv4));
        // A machine without IPv6 has no such socket.
        let socket = match TcpSocket::new_v6() {
            Err(error) if is_unsupported(&error) => return,
            socket => socket.unwrap(),
        };
        for is_ipv6_only in [true, false] {
            setsockopt(&socket, Ipv6V6Only, &is_ipv6_only).unwrap();
            assert_eq!(accepts_both_families(&socket), !is_ipv6_only);
        }
    }

    #[tokio::test]
    async fn all_addresses_of_this_machine_have_one_port() {
        let listeners = listen(&"*:0".parse().unwrap(), "--listen").await.unwrap();
        let addresses = addresses(&listeners).unwrap();
        let port = addresses[0].port();
        assert!(addresses.iter().all(|address| address.port() == port));
        TcpStream::connect(("127.0.0.1", port)).unwrap();
        if addresses[0].is_ipv6() {
            TcpStream::connect(("::1", port)).unwrap();
        }
    }

    #[tokio::test]
    async fn a_name_is_resolved_and_an_address_in_use_is_named() {
        let localhost = "localhost:0".parse().unwrap();
        let localhost = listen(&localhost, "--listen").await.unwrap();
        let address = addresses(&localhost).unwrap()[0];
        assert!(address.ip().is_loopback());
        let port = address.port();
        for text in [format!("localhost:{port}"), format!("{port}")] {
            let address = text.parse().unwrap();
            let error = listen(&address, "--metrics-listen").await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AddrInUse, "{text}");
            let message = error.to_string();
            assert!(message.contains(&port.to_string()), "{message}");
            assert!(message.contains("--metrics-listen"), "{message}");
        }
        let unknown = "no-such-host.invalid:80";
        let error = listen(&unknown.parse().unwrap(), "--listen").await;
        let message = error.unwrap_err().to_string();
        assert!(message.contains(unknown), "{message}");
    }
}
