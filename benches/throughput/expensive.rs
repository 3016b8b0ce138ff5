//! A search for the most expensive requests: sends random operations within the limits, and mutations of the most
//! expensive ones.

use std::{
    collections::HashSet,
    fmt::Write,
    time::{Duration, Instant},
};

use async_graphql::parser::types::{BaseType, OperationType, Type};
use marquee::{
    document::schema::{
        Schema,
        types::{Field, Kind, base_type_name},
    },
    global_id::{GlobalId, Kind as IdKind},
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use serde_json::{Map, Value, json};

use crate::{catalogue::Catalogue, cpu, load::Load, measure::Server, operations::Subject};

/// The number of most expensive requests that are printed and mutated.
const MAX_RESULTS: usize = 20;

/// The maximum depth of nested fields, and the maximum number of fields.
const MAX_DEPTH: usize = 8;
const MAX_FIELDS: usize = 24;

/// A request and its cost.
struct Candidate {
    seed: Vec<u8>,
    query: String,
    variables: Value,
    latency: Duration,
    cost: u64,
    status: u16,
}

impl Candidate {
    /// Sends a request and measures its latency.
    fn send(
        seed: Vec<u8>,
        query: String,
        variables: Value,
        server: &Server<'_>,
        client: &reqwest::blocking::Client,
    ) -> Self {
        let body = json!({"query": query, "variables": variables, "extensions": {"cost": true}});
        let start = Instant::now();
        let response = client.post(&server.url).json(&body).send().unwrap();
        let status = response.status().as_u16();
        let text = response.text().unwrap();
        let latency = start.elapsed();
        let response: Value = serde_json::from_str(&text).unwrap_or_default();
        let cost = response["extensions"]["cost"]["requested"].as_u64();
        Self {
            seed,
            query,
            variables,
            latency,
            cost: cost.unwrap_or_default(),
            status,
        }
    }
}

/// Searches for the given time among operations without an input of the type `without`, and prints the results.
pub fn search(catalogue: &Catalogue, seconds: u64, without: Option<&str>) {
    let server = Server::of(catalogue, &["--answer-cache=0", "--row-cache=0"]);
    let schema = Schema::parse(&marquee::graphql::schema::sdl()).unwrap();
    let slugs = [Subject::Film, Subject::Critic, Subject::Publication]
        .map(|subject| catalogue.slugs(subject));
    let mut random = ChaCha8Rng::from_seed([17; 32]);
    let client = reqwest::blocking::Client::new();
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let mut candidates: Vec<Candidate> = Vec::new();
    let (mut sent, mut rejected) = (0_u64, 0_u64);
    while Instant::now() < deadline {
        let seed = match candidates.len() {
            0 => fresh(&mut random),
            len if random.next_u32().is_multiple_of(2) => {
                let index = random.next_u32() as usize % len;
                mutated(&candidates[index].seed, &mut random)
            }
            _ => fresh(&mut random),
        };
        let writer = Writer {
            schema: &schema,
            slugs: &slugs,
            without,
            seed: seed.iter().copied(),
            fields: 0,
            declared: String::new(),
            variables: Map::new(),
        };
        let (query, variables) = writer.operation();
        let candidate = Candidate::send(seed, query, variables.into(), &server, &client);
        sent += 1;
        if candidate.status == 400 {
            rejected += 1;
            continue;
        }
        candidates.push(candidate);
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.latency));
        // Keep only one of the requests that differ only in their values.
        let mut queries = HashSet::new();
        candidates.retain(|candidate| queries.insert(candidate.query.clone()));
        candidates.truncate(MAX_RESULTS);
    }
    println!(
        "{sent} requests, {rejected} of them rejected; the most expensive ones, each repeated ten times:"
    );
    for candidate in &candidates {
        print(candidate, &server, &client);
    }
}

/// Sends a request again, and prints the CPU time of the server and PostgreSQL.
fn print(candidate: &Candidate, server: &Server<'_>, client: &reqwest::blocking::Client) {
    const TIMES: u32 = 10;
    let body = json!({"query": candidate.query, "variables": candidate.variables});
    let mut best = Duration::MAX;
    let cpu_time = cpu::measure(server.id(), || {
        for _ in 0..TIMES {
            let start = Instant::now();
            let response = client.post(&server.url).json(&body).send().unwrap();
            let _ = response.bytes();
            best = best.min(start.elapsed());
        }
        Load {
            requests: TIMES.into(),
            rate: 0.0,
            p50: 0.0,
            p99: 0.0,
            errors: 0.0,
            mutations: 0,
        }
    });
    let mut variables = candidate.variables.to_string();
    if variables.len() > 400 {
        variables.truncate(variables.floor_char_boundary(400));
        variables.push('…');
    }
    println!(
        "{:.1} ms first, {:.1} ms at best; server {:.1} ms, PostgreSQL {:.1} ms; {} units, status {}: {} {variables}",
        candidate.latency.as_secs_f64() * 1e3,
        best.as_secs_f64() * 1e3,
        cpu_time.server / 1e3,
        cpu_time.postgresql / 1e3,
        candidate.cost,
        candidate.status,
        candidate.query,
    );
}

fn fresh(random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut seed = vec![0; 160];
    random.fill_bytes(&mut seed);
    seed
}

/// Returns the seed with some bytes changed.
fn mutated(seed: &[u8], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut seed = seed.to_vec();
    for _ in 0..=random.next_u32() % 4 {
        let index = random.next_u32() as usize % seed.len();
        seed[index] = random.next_u32().to_le_bytes()[0];
    }
    seed
}

/// Generates an operation from the bytes of a seed.
struct Writer<'a, S> {
    schema: &'a Schema,
    slugs: &'a [Vec<String>; 3],
    without: Option<&'a str>,
    seed: S,
    fields: usize,
    declared: String,
    variables: Map<String, Value>,
}

impl<S: Iterator<Item = u8>> Writer<'_, S> {
    fn choice(&mut self) -> usize {
        self.seed.next().map_or(0, usize::from)
    }

    fn pick<'o, T>(&mut self, options: &'o [T]) -> &'o T {
        let choice = self.choice() << 8 | self.choice();
        &options[choice % options.len()]
    }

    fn operation(mut self) -> (String, Map<String, Value>) {
        let root = self.schema.root(OperationType::Query).unwrap();
        let set = self.set(root, 0);
        let declared = match self.declared.as_str() {
            "" => String::new(),
            declared => format!("({declared})"),
        };
        (format!("query{declared} {set}"), self.variables)
    }

    fn set(&mut self, parent: &str, depth: usize) -> String {
        let mut fields: Vec<(&str, &Field)> = self
            .schema
            .find(parent)
            .and_then(|ty| ty.fields())
            .into_iter()
            .flatten()
            .map(|(name, field)| (name.as_str(), field))
            .collect();
        let is_composite = |ty: &Type| {
            let name = base_type_name(ty);
            self.schema.is_abstract(name)
                || self
                    .schema
                    .find(name)
                    .is_some_and(|ty| ty.fields().is_some())
        };
        let has_room = depth < MAX_DEPTH && self.fields < MAX_FIELDS;
        fields.retain(|(_, field)| has_room || !is_composite(&field.ty));
        fields.sort_by_key(|(name, _)| *name);
        let composite: Vec<bool> = fields
            .iter()
            .map(|(_, field)| is_composite(&field.ty))
            .collect();
        let mut text = String::from("{ __typename");
        for _ in 0..=self.choice() % 4 {
            if fields.is_empty() {
                break;
            }
            let index = self.choice() % fields.len();
            let (name, field) = fields[index];
            self.fields += 1;
            let _ = write!(text, " f{}: {name}", self.fields);
            let arguments = self.arguments(field);
            if !arguments.is_empty() {
                let _ = write!(text, "({})", arguments.join(", "));
            }
            if composite[index] {
                let subselection = self.set(base_type_name(&field.ty), depth + 1);
                let _ = write!(text, " {subselection}");
            }
        }
        text.push_str(" }");
        text
    }

    fn arguments(&mut self, field: &Field) -> Vec<String> {
        let mut arguments = Vec::new();
        for input in &field.arguments {
            let is_required = !input.ty.nullable && !input.has_default;
            let is_excluded = self.without == Some(base_type_name(&input.ty));
            let is_second = ["last", "before", "after"].contains(&input.name.as_str());
            let is_chosen = !is_excluded && self.choice() % (if is_second { 8 } else { 2 }) == 1;
            if !is_required && !is_chosen {
                continue;
            }
            let variable = format!("v{}", self.variables.len());
            let value = self.value(&input.ty, &input.name);
            let _ = write!(self.declared, " ${variable}: {}", input.ty);
            arguments.push(format!("{}: ${variable}", input.name));
            self.variables.insert(variable, value);
        }
        arguments
    }

    fn value(&mut self, ty: &Type, name: &str) -> Value {
        if let BaseType::List(inner) = &ty.base {
            let length = *self.pick(&[1, 2, 3, 20, 100]);
            return (0..length).map(|_| self.value(inner, name)).collect();
        }
        let schema = self.schema;
        match schema.find(base_type_name(ty)).map(|ty| &ty.kind) {
            Some(Kind::Enum(names)) => {
                let mut names: Vec<_> = names.iter().collect();
                names.sort();
                json!(self.pick(&names))
            }
            Some(Kind::Input {
                fields,
                one_of: true,
            }) => {
                let field = self.pick(fields);
                json!({ &field.name: self.value(&field.ty, &field.name) })
            }
            Some(Kind::Input { fields, .. }) => {
                let mut object = Map::new();
                for field in fields {
                    if !field.ty.nullable || self.choice() % 2 == 1 {
                        object.insert(field.name.clone(), self.value(&field.ty, &field.name));
                    }
                }
                Value::Object(object)
            }
            _ => self.scalar(base_type_name(ty), name),
        }
    }

    fn scalar(&mut self, ty: &str, name: &str) -> Value {
        match (ty, name) {
            ("Int", "first" | "last") => json!(*self.pick(&[1, 10, 20, 100])),
            ("Int", "from" | "to") => json!(*self.pick(&[0, 40, 61, 100, 1950, 1996, 2020])),
            ("Int", "minimumReviews") => json!(*self.pick(&[0, 1, 4, 100, 9_999])),
            ("Int", _) => json!(*self.pick(&[1, 4, 10, 50, 61, 100])),
            ("Boolean", _) => json!(self.choice() % 2 == 1),
            ("Date", _) => json!(self.pick(&[
                "0001-01-01",
                "1990-01-01",
                "2010-06-01",
                "2024-01-01",
                "9999-12-31"
            ])),
            ("ID", _) => {
                let kinds = [
                    IdKind::Film,
                    IdKind::Critic,
                    IdKind::Publication,
                    IdKind::Review,
                ];
                let kind = match name {
                    "critic" => IdKind::Critic,
                    "publication" => IdKind::Publication,
                    _ => *self.pick(&kinds),
                };
                let key = i64::from(*self.pick(&[1, 2, 7, 40, 99, 400, 4_000, 1_000_000]));
                json!(
                    GlobalId {
                        kind,
                        key: key + i64::try_from(self.choice()).unwrap_or(0)
                    }
                    .encode()
                )
            }
            ("String", "slug") => {
                let slugs = self.slugs;
                let slugs_of_kind = self.pick(slugs);
                json!(self.pick(slugs_of_kind))
            }
            _ => {
                let pieces = [
                    "e", "the", "a", " ", "\u{6f22}", "%", "_", "\u{3b1}", "Drama", "\u{130}",
                    "ss", "zzzz",
                ];
                let times = *self.pick(&[1, 1, 2, 10, 75, 300]);
                let piece = *self.pick(&pieces);
                let text: String = piece.repeat(times).chars().take(300).collect();
                json!(text)
            }
        }
    }
}
