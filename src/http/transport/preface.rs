//! The first bytes of a connection without TLS, which distinguish HTTP/2 from HTTP/1.

use std::{
    io::{self, ErrorKind},
    os::fd::AsRawFd,
    time::Duration,
};

use actix_web::rt::net::TcpStream;
use nix::sys::socket::{MsgFlags, recv};
use tokio::{io::Interest, time::timeout};

/// The bytes with which a client of HTTP/2 begins (RFC 9113, 3.4). No request of HTTP/1 begins with them.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a client has sent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstBytes {
    /// The preface of HTTP/2.
    Http2,
    /// Anything else.
    Other,
    /// Nothing, or only the beginning of a preface, in time or before the client closed the connection.
    None,
}

/// Waits for the first bytes of a client, and leaves them to be read.
pub async fn first_bytes(stream: &TcpStream, limit: Duration) -> FirstBytes {
    match timeout(limit, wait(stream)).await {
        Ok(Ok(first)) => first,
        // A connection that breaks ends like one that is closed.
        Ok(Err(_)) | Err(_) => FirstBytes::None,
    }
}

async fn wait(stream: &TcpStream) -> io::Result<FirstBytes> {
    loop {
        let ready = stream.ready(Interest::READABLE).await?;
        match stream.try_io(Interest::READABLE, || peek(stream)) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                // No further bytes follow those that were seen.
                if ready.is_read_closed() {
                    return Ok(FirstBytes::None);
                }
            }
            first => return first,
        }
    }
}

/// Looks at the bytes that have arrived. Fails with [`ErrorKind::WouldBlock`] as long as more are needed. The runtime
/// then waits for the next ones, although the first ones are still unread.
fn peek(stream: &TcpStream) -> io::Result<FirstBytes> {
    let mut bytes = [0; PREFACE.len()];
    match recv(stream.as_raw_fd(), &mut bytes, MsgFlags::MSG_PEEK)? {
        0 => Ok(FirstBytes::None),
        length if bytes[..length] == *PREFACE => Ok(FirstBytes::Http2),
        // `P` may also be the beginning of `POST`.
        length if PREFACE.starts_with(&bytes[..length]) => Err(ErrorKind::WouldBlock.into()),
        _ => Ok(FirstBytes::Other),
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin};

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        time::sleep,
    };

    use super::*;

    async fn connection() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        (client.unwrap(), accepted.unwrap().0)
    }

    async fn first(sent: &[&[u8]]) -> FirstBytes {
        first_within(sent, Duration::from_millis(300)).await
    }

    async fn first_within(sent: &[&[u8]], limit: Duration) -> FirstBytes {
        let (mut client, mut stream) = connection().await;
        let sending = async {
            for piece in sent {
                client.write_all(piece).await.unwrap();
                sleep(Duration::from_millis(20)).await;
            }
        };
        let (first, ()) = tokio::join!(first_bytes(&stream, limit), sending);
        drop(client);
        let mut received = Vec::new();
        stream.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, sent.concat(), "all bytes are left to be read");
        first
    }

    #[tokio::test]
    async fn the_preface_of_http_2_is_distinguished_from_requests_of_http_1() {
        let (begin, end) = PREFACE.split_at(9);
        assert_eq!(first(&[PREFACE]).await, FirstBytes::Http2);
        assert_eq!(first(&[PREFACE, b"more"]).await, FirstBytes::Http2);
        assert_eq!(first(&[b"P", &begin[1..], end]).await, FirstBytes::Http2);
        for other in [
            &[&b"GET / HTTP/1.1\r\n"[..]][..],
            &[b"P", b"OST / HTTP/1.1\r\n"],
            &[b"PRI * HTTP/1.1\r\n\r\n"],
            &[b"\x16\x03\x01"],
        ] {
            assert_eq!(first(other).await, FirstBytes::Other, "{other:?}");
        }
        assert_eq!(first(&[]).await, FirstBytes::None);
        assert_eq!(first(&[b"PRI"]).await, FirstBytes::None);
    }

    #[tokio::test]
    async fn a_preface_may_arrive_byte_by_byte() {
        let pieces: Vec<_> = PREFACE.chunks(1).collect();
        assert_eq!(
            first_within(&pieces, Duration::from_secs(20)).await,
            FirstBytes::Http2
        );
    }

    #[tokio::test]
    async fn a_client_that_closes_the_connection_within_its_preface_is_not_waited_for() {
        let (mut client, stream) = connection().await;
        client.write_all(b"PRI").await.unwrap();
        let closing = async {
            sleep(Duration::from_millis(20)).await;
            client.shutdown().await.unwrap();
        };
        let look = first_bytes(&stream, Duration::MAX);
        let (first, ()) = tokio::join!(timeout(Duration::from_secs(20), look), closing);
        assert_eq!(first, Ok(FirstBytes::None));
    }

    #[tokio::test]
    async fn an_incomplete_preface_is_looked_at_only_when_bytes_arrive() {
        let (mut client, stream) = connection().await;
        client.write_all(b"P").await.unwrap();
        let mut look = pin!(first_bytes(&stream, Duration::from_millis(300)));
        let mut polls = 0;
        let counted = poll_fn(|context| {
            polls += 1;
            look.as_mut().poll(context)
        });
        assert_eq!(counted.await, FirstBytes::None);
        // At the beginning, for the byte and at the timeout; the system may report more than the byte.
        assert!(polls < 10, "{polls} polls");
    }
}
