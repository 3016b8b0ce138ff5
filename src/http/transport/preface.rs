//! The first bytes of a connection without TLS, which tell HTTP/2 from HTTP/1.

use std::time::Duration;

use actix_web::rt::net::TcpStream;
use tokio::time::{sleep, timeout};

/// The bytes with which a client of HTTP/2 begins (RFC 9113, 3.4). No request of HTTP/1 begins with them.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The time between two looks at an incomplete preface. Clients send it at once.
const PAUSE: Duration = Duration::from_millis(10);

/// What a client has sent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstBytes {
    /// The preface of HTTP/2.
    Http2,
    /// Anything else.
    Other,
    /// Nothing in time, or the connection is closed.
    None,
}

/// Waits for the first bytes of a client, and leaves them to be read.
pub async fn first_bytes(stream: &TcpStream, limit: Duration) -> FirstBytes {
    let mut bytes = [0; PREFACE.len()];
    let look = async {
        loop {
            match stream.peek(&mut bytes).await {
                Ok(0) | Err(_) => return FirstBytes::None,
                Ok(length) if bytes[..length] == *PREFACE => return FirstBytes::Http2,
                // `P` may also be the beginning of `POST`.
                Ok(length) if PREFACE.starts_with(&bytes[..length]) => sleep(PAUSE).await,
                Ok(_) => return FirstBytes::Other,
            }
        }
    };
    timeout(limit, look).await.unwrap_or(FirstBytes::None)
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    async fn first(sent: &[&[u8]]) -> FirstBytes {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (mut client, (mut stream, _)) = (client.unwrap(), accepted.unwrap());
        let sending = async {
            for piece in sent {
                client.write_all(piece).await.unwrap();
                sleep(Duration::from_millis(20)).await;
            }
        };
        let (first, ()) = tokio::join!(first_bytes(&stream, Duration::from_millis(300)), sending);
        drop(client);
        let mut received = Vec::new();
        stream.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, sent.concat(), "all bytes are left to be read");
        first
    }

    #[tokio::test]
    async fn the_preface_of_http_2_is_told_from_requests_of_http_1() {
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
}
