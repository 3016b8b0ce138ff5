//! The sockets that a server listens on.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use tokio::net::TcpSocket;

use crate::config::listen::ListenAddress;

/// The maximum number of connections that wait to be accepted.
const BACKLOG: u32 = 1_024;

/// Listens on every address of a name, or on all addresses of this machine. An address of a family that this machine
/// does not have is left out, if there is another.
///
/// # Errors
///
/// When an address can't be bound. The message names it and `option`, the option of the command line.
pub fn listen(address: &ListenAddress, option: &str) -> io::Result<Vec<TcpListener>> {
    let failed = |error: &io::Error| {
        let text =
            format!("can't listen on {address}: {error}; choose another address with {option}");
        io::Error::new(error.kind(), text)
    };
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut unsupported = None;
    for mut resolved in address.resolve().map_err(|error| failed(&error))? {
        // All addresses of a name have the same port, even if the system has chosen it.
        if let Some(first) = listeners.first().filter(|_| resolved.port() == 0) {
            resolved.set_port(first.local_addr()?.port());
        }
        match bind(resolved) {
            Ok(listener) => listeners.push(listener),
            // The socket for all IPv6 addresses accepts IPv4 as well, unless the system is set up otherwise.
            Err(error)
                if address.is_any()
                    && error.kind() == io::ErrorKind::AddrInUse
                    && !listeners.is_empty() => {}
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
/// When the system does not tell an address.
pub fn addresses(listeners: &[TcpListener]) -> io::Result<Vec<SocketAddr>> {
    listeners.iter().map(TcpListener::local_addr).collect()
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

    use super::*;

    #[tokio::test]
    async fn all_addresses_of_this_machine_have_one_port() {
        let listeners = listen(&"*:0".parse().unwrap(), "--listen").unwrap();
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
        let localhost = listen(&"localhost:0".parse().unwrap(), "--listen").unwrap();
        let address = addresses(&localhost).unwrap()[0];
        assert!(address.ip().is_loopback());
        let port = address.port();
        for text in [format!("localhost:{port}"), format!("{port}")] {
            let error = listen(&text.parse().unwrap(), "--metrics-listen").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AddrInUse, "{text}");
            let message = error.to_string();
            assert!(message.contains(&port.to_string()), "{message}");
            assert!(message.contains("--metrics-listen"), "{message}");
        }
        let unknown = listen(&"no-such-host.invalid:80".parse().unwrap(), "--listen");
        assert!(
            unknown
                .unwrap_err()
                .to_string()
                .contains("no-such-host.invalid:80")
        );
    }
}
