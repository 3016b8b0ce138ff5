//! The server under test, without caches and without rate limits.

use std::{
    collections::BTreeSet,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use marquee::document::schema::Schema;
use serde_json::{Value, json};

use crate::{big_catalogue::BigCatalogue, program, sample::Sample, writer::Writer};

/// The number of requests of a measurement. The first one opens connections and prepares statements.
const REQUESTS: usize = 4;

/// The time in which the server reads its statistics and its index of reviews.
const WARM_UP: Duration = Duration::from_secs(10);

/// A running server.
pub struct Server {
    program: Option<Child>,
    url: String,
    token: String,
    client: reqwest::blocking::Client,
    schema: Schema,
    slugs: [Vec<String>; 3],
}

impl Server {
    /// Starts a server.
    pub fn of(catalogue: &BigCatalogue) -> Self {
        let settings = [
            "--answer-cache=0",
            "--row-cache=0",
            "--rate-limit=0",
            "--token-rate-limit=0",
        ];
        let slugs = ["film", "critic", "publication"].map(|table| catalogue.slugs(table));
        let token = catalogue.token("admin");
        let (program, url) = program::serve(&catalogue.data, &settings);
        thread::sleep(WARM_UP);
        Self {
            program: Some(program),
            url,
            token,
            client: reqwest::blocking::Client::new(),
            schema: Schema::parse(&marquee::graphql::schema::sdl()).unwrap(),
            slugs,
        }
    }

    /// Measures the query of a seed. `None` if it is rejected.
    pub fn sample(&self, seed: &[u8]) -> Option<Sample> {
        let writer = Writer::new(&self.schema, &self.slugs, seed.iter().copied());
        let (query, variables, shape) = writer.operation();
        let sample = self.measure(query, &variables.into(), REQUESTS)?;
        Some(Sample { shape, ..sample })
    }

    /// Measures an operation. `None` if it is rejected.
    pub fn measure(&self, query: String, variables: &Value, requests: usize) -> Option<Sample> {
        let body = json!({"query": query, "variables": variables, "extensions": {"cost": true}});
        let mut latencies = Vec::new();
        let mut units = None;
        for _ in 0..requests {
            let start = Instant::now();
            let request = self.client.post(&self.url).bearer_auth(&self.token);
            let response = request.json(&body).send().unwrap();
            let is_rejected = response.status() == 400;
            let text = response.text().unwrap();
            latencies.push(start.elapsed());
            if is_rejected {
                return None;
            }
            let response: Value = serde_json::from_str(&text).unwrap();
            units = response["extensions"]["cost"]["requested"].as_u64();
        }
        latencies.sort();
        Some(Sample {
            query,
            variables: variables.clone(),
            shape: BTreeSet::new(),
            units: units?,
            latency: latencies
                .get((requests - 1) / 2)
                .copied()
                .unwrap_or(Duration::ZERO),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(program) = self.program.take() {
            program::stop(program);
        }
    }
}
