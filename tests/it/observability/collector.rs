//! A minimal collector of OTLP traces.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value::Value,
    resource::v1::Resource, trace::v1::Span,
};
use parking_lot::Mutex;
use prost::Message;

/// Stores the requests that it receives. Its thread runs until the test process exits.
pub struct Collector {
    address: SocketAddr,
    got: Arc<Mutex<Received>>,
}

#[derive(Debug, Default)]
struct Received {
    heads: Vec<String>,
    bytes: Vec<u8>,
    requests: Vec<ExportTraceServiceRequest>,
}

impl Collector {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let got = Arc::new(Mutex::new(Received::default()));
        let keeping = Arc::clone(&got);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let keeping = Arc::clone(&keeping);
                thread::spawn(move || while handle_request(stream.as_ref().unwrap(), &keeping) {});
            }
        });
        Self { address, got }
    }

    /// Returns the flag that makes a server export to this collector.
    pub fn flag(&self) -> String {
        format!("--otlp-endpoint=http://{}", self.address)
    }

    /// Returns all spans so far.
    pub fn spans(&self) -> Vec<Span> {
        let got = self.got.lock();
        let of_resources = got
            .requests
            .iter()
            .flat_map(|request| &request.resource_spans);
        let of_scopes = of_resources.flat_map(|of| &of.scope_spans);
        of_scopes.flat_map(|of| of.spans.clone()).collect()
    }

    /// Returns the resource of the spans.
    pub fn resource(&self) -> Resource {
        let got = self.got.lock();
        got.requests[0].resource_spans[0].resource.clone().unwrap()
    }

    /// Returns the first line of each request so far.
    pub fn heads(&self) -> Vec<String> {
        self.got.lock().heads.clone()
    }

    /// Returns all request bytes so far as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.got.lock().bytes).into_owned()
    }
}

/// Reads a request and responds to it. Returns `false` at the end of the connection.
fn handle_request(mut stream: &TcpStream, into: &Mutex<Received>) -> bool {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or_default() == 0 {
            return false;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
        if head.is_empty() {
            line.trim().clone_into(&mut head);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut got = into.lock();
    got.heads.push(head);
    got.requests
        .push(ExportTraceServiceRequest::decode(&*body).unwrap());
    got.bytes.extend(body);
    drop(got);
    let response =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(response).is_ok()
}

/// Returns an attribute of a span as text.
pub fn attribute(span: &Span, key: &str) -> Option<String> {
    let attribute = span.attributes.iter().find(|of| of.key == key)?;
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    }
}
