//! The clients `cynic` and `graphql_client`: a query, and mutations that leave unset fields out.
//!
//!     marquee-client-rust http://127.0.0.1:8000 TOKEN_OF_AN_EDITOR

mod with_cynic;
mod with_graphql_client;

use std::env;

use serde::{Serialize, de::DeserializeOwned};

/// The server under test.
pub struct Server {
    url: String,
    token: String,
}

impl Server {
    /// Sends an operation, as it is serialized by a client, and returns the response.
    pub fn send<R: DeserializeOwned>(&self, operation: &impl Serialize) -> R {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let mut response = ureq::Agent::new_with_config(config.build())
            .post(format!("{}/graphql", self.url))
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Accept", "application/graphql-response+json")
            .send_json(operation)
            .expect("the server responds");
        response
            .body_mut()
            .read_json()
            .expect("the response has the form that the client expects")
    }
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [url, token] = &arguments[..] else {
        panic!("usage: marquee-client-rust BASE_URL TOKEN_OF_AN_EDITOR");
    };
    let server = Server {
        url: url.trim_end_matches('/').to_owned(),
        token: token.clone(),
    };
    with_cynic::run(&server);
    println!("ok    cynic");
    with_graphql_client::run(&server);
    println!("ok    graphql_client");
}
