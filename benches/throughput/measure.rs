//! One run of all measurements.

use crate::{
    catalogue::Catalogue,
    constant, cpu,
    load::{self, Load, Requests},
    operations::{OTHERS, Operation, PAGES, Subject},
    program,
    table::{self, Row},
};

/// The percentage of requests that add a review, in the mixed load.
const WRITE_PERCENT: u32 = 5;

/// Measures all parts once, or only the part with this name.
pub fn all(catalogue: &Catalogue, only: Option<&str>) -> Vec<Row> {
    let parts: [Part; 3] = [("cold", cold), ("hot", hot), ("writes", writes)];
    let selected = parts
        .into_iter()
        .filter(|(name, _)| only.is_none_or(|only| only == *name));
    selected
        .flat_map(|(_, measure)| {
            let rows = measure(catalogue);
            table::print(&rows);
            rows
        })
        .collect()
}

/// The name of a part of a run, and its function.
type Part = (&'static str, fn(&Catalogue) -> Vec<Row>);

/// Measures the server without the response cache.
fn cold(catalogue: &Catalogue) -> Vec<Row> {
    let server = Server::of(catalogue, &["--answer-cache=0"]);
    let mut rows = Vec::new();
    for operation in PAGES {
        rows.push(server.measure_beside_statement("cold", operation, load::CONNECTIONS));
        rows.push(server.measure_beside_statement("cold, one client", operation, 1));
    }
    for operation in OTHERS {
        rows.push(server.measure_beside_statement("cold", operation, load::CONNECTIONS));
    }
    rows
}

/// Measures the server with the response cache.
fn hot(catalogue: &Catalogue) -> Vec<Row> {
    let server = Server::of(catalogue, &[]);
    let mut rows: Vec<Row> = PAGES
        .iter()
        .map(|operation| server.measure("hot", operation, load::CONNECTIONS))
        .collect();
    let constant = constant::measure(server.body(&PAGES[0]));
    let [film, ..] = &mut rows[..] else {
        return rows;
    };
    film.constant = Some(constant.rate);
    rows.push(Row::of("hot", "a constant body", &constant));
    rows
}

/// Measures mutations that add reviews.
fn writes(catalogue: &Catalogue) -> Vec<Row> {
    let film_page = &PAGES[0];
    let slugs = catalogue.slugs(Subject::Film);
    // The server keeps PostgreSQL running for pgbench.
    let server = Server::of(catalogue, &[]);
    let inserts = catalogue.pgbench_inserts(film_page, load::CONNECTIONS);
    let mut rows = Vec::new();
    for (name, requests) in [
        (
            "film page, 5 of 100 add a review",
            additions(catalogue, &slugs, WRITE_PERCENT),
        ),
        ("addReview, 2,000 films", additions(catalogue, &slugs, 100)),
        (
            "addReview, one film",
            additions(catalogue, &slugs[..1], 100),
        ),
    ] {
        load::wrk(&server.url, &requests, load::CONNECTIONS, load::WARM_UP);
        let before = catalogue.added();
        let measured = cpu::measure(server.id(), || {
            load::wrk(&server.url, &requests, load::CONNECTIONS, load::SECONDS)
        });
        assert_all_added(&measured.load, catalogue.added() - before);
        let mut row = Row::measured("mixed", name, &measured);
        if requests.writes == 100 {
            row.mode = "writes";
            row = row.with_statement_rate(inserts);
        }
        rows.push(row);
    }
    // No cached response is stale.
    catalogue.check(film_page, &slugs, &server.url);
    drop(server);
    catalogue.clean();
    rows
}

/// Asserts that each sent mutation has added a review. Exceptions are those in flight at the end, whose result is
/// unknown, and one for each thread of wrk, which generates a request at the start without sending it.
fn assert_all_added(load: &Load, added: u64) {
    let difference = load.mutations.abs_diff(added);
    assert!(
        added > 0 && difference <= u64::from(load::CONNECTIONS + 2),
        "{difference}"
    );
}

/// Returns requests for film pages, of which `writes` percent add a review to one of these films instead.
pub fn additions(catalogue: &Catalogue, slugs: &[String], writes: u32) -> Requests {
    Requests {
        queries: PAGES[0].requests(slugs),
        mutations: catalogue
            .ids(slugs)
            .iter()
            .map(|id| add_review_request(id))
            .collect(),
        writes,
        token: catalogue.0.token("editor"),
    }
}

fn add_review_request(film: &str) -> String {
    let document = "mutation Add($input: AddReviewInput!) {
        addReview(input: $input) { review { id } userErrors { message } } }";
    let input = serde_json::json!({ "film": film, "byline": "Bench", "score": 50 });
    serde_json::json!({ "query": document, "variables": { "input": input } }).to_string()
}

/// The server under test. Dropping it stops it, also during a panic.
pub struct Server<'a> {
    catalogue: &'a Catalogue,
    program: Option<std::process::Child>,
    pub url: String,
}

impl<'a> Server<'a> {
    pub fn of(catalogue: &'a Catalogue, settings: &[&str]) -> Self {
        let settings = [&["--rate-limit=0", "--token-rate-limit=0"], settings].concat();
        let (program, url) = program::serve(&catalogue.0.data, &settings);
        Self {
            catalogue,
            program: Some(program),
            url,
        }
    }

    pub fn id(&self) -> u32 {
        self.program.as_ref().unwrap().id()
    }

    /// Measures an operation between two measurements of its statement, because the load of the machine varies.
    fn measure_beside_statement(
        &self,
        mode: &'static str,
        operation: &Operation,
        clients: u32,
    ) -> Row {
        let before = self.catalogue.pgbench(operation, clients);
        let row = self.measure(mode, operation, clients);
        row.with_statement_rate(before.mean(self.catalogue.pgbench(operation, clients)))
    }

    /// Compares an operation's responses with SQL, and then measures it.
    pub fn measure(&self, mode: &'static str, operation: &Operation, connections: u32) -> Row {
        let slugs = self.catalogue.slugs(operation.subject);
        self.catalogue.check(operation, &slugs, &self.url);
        let requests = Requests::of(operation.requests(&slugs));
        load::wrk(&self.url, &requests, connections, load::WARM_UP);
        let measured = cpu::measure(self.id(), || {
            load::wrk(&self.url, &requests, connections, load::SECONDS)
        });
        Row::measured(mode, operation.name, &measured)
    }

    /// Returns the median size of an operation's response in bytes.
    fn body(&self, operation: &Operation) -> usize {
        let slugs = self.catalogue.slugs(operation.subject);
        self.catalogue.check(operation, &slugs, &self.url)
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        if let Some(program) = self.program.take() {
            program::stop(program);
        }
    }
}
