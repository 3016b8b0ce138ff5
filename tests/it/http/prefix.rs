//! The server below a path of a proxy, such as `location /reviews/ { proxy_pass http://127.0.0.1:8000/; }` of nginx.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::{
    clients::{add_reviews, run_with},
    support::TestServer,
};

const PREFIX: &str = "/reviews";

const NOT_FOUND: &[u8] =
    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Serves a server below [`PREFIX`] until the future is dropped. Nothing else exists at this address.
async fn proxy(listener: TcpListener, server: SocketAddr) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        tokio::spawn(async move {
            // The browser closes connections at any time.
            let _ = forward(client, server).await;
        });
    }
}

/// Forwards one request, which the connection ends with.
async fn forward(mut client: TcpStream, server: SocketAddr) -> std::io::Result<()> {
    let mut received = Vec::new();
    let end = loop {
        if client.read_buf(&mut received).await? == 0 {
            return Ok(());
        }
        let end = received.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        if let Some(end) = end {
            break end;
        }
    };
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    let Some(head) = without_prefix(&head) else {
        return client.write_all(NOT_FOUND).await;
    };
    let mut upstream = TcpStream::connect(server).await?;
    upstream.write_all(head.as_bytes()).await?;
    upstream.write_all(&received[end..]).await?;
    copy_bidirectional(&mut client, &mut upstream).await?;
    Ok(())
}

/// Returns the head of a request without the prefix in its path. `None` if the path has another prefix.
fn without_prefix(head: &str) -> Option<String> {
    let (line, headers) = head.split_once("\r\n")?;
    let (method, target) = line.split_once(' ')?;
    let target = target
        .strip_prefix(PREFIX)
        .filter(|target| target.starts_with('/'))?;
    let is_upgrade = headers.to_ascii_lowercase().contains("upgrade: websocket");
    let mut head = format!("{method} {target}");
    for header in headers.split("\r\n") {
        let is_connection = header.to_ascii_lowercase().starts_with("connection:");
        if is_upgrade || !is_connection {
            head.push_str("\r\n");
            head.push_str(header);
        }
    }
    if !is_upgrade {
        head.push_str("\r\nConnection: close");
    }
    Some(head)
}

#[tokio::test]
async fn the_playground_works_below_a_path_of_a_proxy() {
    let server = TestServer::demo().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}{PREFIX}", listener.local_addr().unwrap());
    let arguments = ["playground.mjs", &url];
    tokio::select! {
        () = run_with(&arguments) => {}
        () = proxy(listener, server.address()) => {}
        () = add_reviews(&server) => {}
    }
}

#[tokio::test]
async fn every_redirect_and_link_stays_below_the_path() {
    let server = TestServer::empty().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}{PREFIX}", listener.local_addr().unwrap());
    let proxy = tokio::spawn(proxy(listener, server.address()));
    let get = async |url: &str| {
        let request = server.client().get(url).header("accept", "text/html");
        let response = request.send().await.unwrap();
        let (status, url) = (response.status().as_u16(), response.url().clone());
        (status, url, response.text().await.unwrap())
    };
    for path in ["/", "/graphql", "/graphql/", "/playground/", "/playground"] {
        let (status, url, page) = get(&format!("{base}{path}")).await;
        assert_eq!((status, url.path()), (200, "/reviews/playground"), "{path}");
        let links = page.split(['"', '\'']).skip(1).step_by(2);
        let links = links.filter(|link| link.contains("playground/") || link.contains("schema"));
        let mut count = 0;
        for link in links {
            let (status, url, _) = get(url.join(link).unwrap().as_str()).await;
            assert_eq!(status, 200, "{url}");
            count += 1;
        }
        assert!(count >= 10, "{count} links");
    }
    proxy.abort();
}
