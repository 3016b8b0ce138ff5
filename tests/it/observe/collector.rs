//! A collector of traces, as far as a test needs one.

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

/// Keeps what it is sent. Its thread ends with the tests.
pub struct Collector {
    address: SocketAddr,
    got: Arc<Mutex<Got>>,
}

#[derive(Debug, Default)]
struct Got {
    heads: Vec<String>,
    bytes: Vec<u8>,
    requests: Vec<ExportTraceServiceRequest>,
}

impl Collector {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let got = Arc::new(Mutex::new(Got::default()));
        let keeping = Arc::clone(&got);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let keeping = Arc::clone(&keeping);
                thread::spawn(move || while take(stream.as_ref().unwrap(), &keeping) {});
            }
        });
        Self { address, got }
    }

    /// The flag that names it.
    pub fn flag(&self) -> String {
        format!("--otlp-endpoint=http://{}", self.address)
    }

    /// All spans that came.
    pub fn spans(&self) -> Vec<Span> {
        let got = self.got.lock();
        let of_resources = got
            .requests
            .iter()
            .flat_map(|request| &request.resource_spans);
        let of_scopes = of_resources.flat_map(|of| &of.scope_spans);
        of_scopes.flat_map(|of| of.spans.clone()).collect()
    }

    /// Whose spans they are.
    pub fn resource(&self) -> Resource {
        let got = self.got.lock();
        got.requests[0].resource_spans[0].resource.clone().unwrap()
    }

    /// The first line of each request that came.
    pub fn heads(&self) -> Vec<String> {
        self.got.lock().heads.clone()
    }

    /// All bytes that came, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.got.lock().bytes).into_owned()
    }
}

/// Takes a request and answers it; false once there are no more.
fn take(mut stream: &TcpStream, into: &Mutex<Got>) -> bool {
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
    let answer =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(answer).is_ok()
}

/// An attribute of a span, as text.
pub fn attribute(span: &Span, key: &str) -> Option<String> {
    let attribute = span.attributes.iter().find(|of| of.key == key)?;
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    }
}
