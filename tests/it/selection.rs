//! Two executors of selections: Marquee's own, and async-graphql's if each field is traced. Their responses must be
//! identical to the byte.

use std::collections::BTreeSet;

use marquee::access::Role;
use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer, test_rng::TestRng};

/// Makes async-graphql execute every field. Nothing is exported, since the program sets up the exporter and not the
/// server.
const TRACED: &str = "--otlp-endpoint=http://127.0.0.1:9";

/// Two servers on one database, one for each executor.
struct ExecutorPair {
    ours: TestServer,
    traced: TestServer,
}

impl ExecutorPair {
    fn with_database(database: TestDatabase) -> Self {
        Self::with_arguments(database, &[])
    }

    fn with_arguments(database: TestDatabase, more: &[&str]) -> Self {
        let ours = TestServer::with_arguments(database, more);
        let traced = TestServer::sharing_database_with(&ours, &[&[TRACED], more].concat());
        Self { ours, traced }
    }

    /// Returns the response of both servers, which must be equal.
    async fn compare(&self, document: &str) -> String {
        self.compare_as(None, document).await
    }

    /// Does the same for the caller with a token.
    async fn compare_as(&self, token: Option<&str>, document: &str) -> String {
        let ours = text(&self.ours, token, document).await;
        let traced = text(&self.traced, token, document).await;
        assert!(
            split_response(&ours) == split_response(&traced),
            "{document}\n{ours}\n{traced}"
        );
        ours
    }

    /// Returns the types of the schema, from a server without a limit of the response size.
    async fn types(&self) -> Vec<Value> {
        types(&TestServer::sharing_database(&self.ours)).await
    }
}

/// Splits a response into its errors and its data. Sibling fields fail in any order, so the errors are sorted. Beyond
/// the limit of errors, only their number is compared.
fn split_response(response: &str) -> (Vec<String>, &str) {
    let Some((errors, data)) = response.split_once(r#"],"data":"#) else {
        return (Vec::new(), response);
    };
    let errors = errors.strip_prefix(r#"{"errors":"#).unwrap();
    let errors: Vec<Value> = serde_json::from_str(&format!("{errors}]")).unwrap();
    let mut errors: Vec<String> = errors.iter().map(Value::to_string).collect();
    if errors
        .last()
        .is_some_and(|last| last.contains("TOO_MANY_ERRORS"))
    {
        errors.drain(..errors.len() - 1);
    }
    errors.sort();
    (errors, data)
}

async fn text(server: &TestServer, token: Option<&str>, document: &str) -> String {
    let mut request = server.client().post(server.url("/graphql"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let request = request.json(&json!({ "query": document }));
    request.send().await.unwrap().text().await.unwrap()
}

/// Returns the types of the schema.
async fn types(server: &TestServer) -> Vec<Value> {
    let document = "{ __schema { types { name kind fields { name
        args { name type { kind } } type { name kind ofType { name kind ofType { name kind ofType { name kind } } } } } } } }";
    let mut response = server.query(document).await;
    serde_json::from_value(response["__schema"]["types"].take()).unwrap()
}

fn of_name<'a>(types: &'a [Value], name: &str) -> &'a Value {
    types.iter().find(|ty| ty["name"] == name).unwrap()
}

/// Returns the name of a type without lists and non-null markers.
fn base(of: &Value) -> &str {
    match of["name"].as_str() {
        Some(name) => name,
        None => base(&of["ofType"]),
    }
}

/// Selects every field without required arguments, down to a depth.
fn select_all(types: &[Value], name: &str, depth: u32) -> String {
    let mut selected = vec!["__typename".to_owned()];
    for field in of_name(types, name)["fields"].as_array().unwrap() {
        let args = field["args"].as_array().unwrap();
        if args.iter().any(|arg| arg["type"]["kind"] == "NON_NULL") {
            continue;
        }
        let first = args.iter().any(|arg| arg["name"] == "first");
        let call = format!(
            "{}{}",
            field["name"].as_str().unwrap(),
            if first { "(first: 2)" } else { "" }
        );
        let below = base(&field["type"]);
        match of_name(types, below)["kind"].as_str() {
            Some("OBJECT") if depth == 0 => {}
            Some("OBJECT") => {
                let below = select_all(types, below, depth - 1);
                selected.push(format!("{call} {below}"));
            }
            _ => selected.push(call),
        }
    }
    format!("{{ {} }}", selected.join(" "))
}

/// Adds the object types that a selection of all fields reaches within a depth.
fn reach(types: &[Value], name: &str, depth: u32, reached: &mut BTreeSet<String>) {
    for field in of_name(types, name)["fields"].as_array().unwrap() {
        let below = base(&field["type"]);
        let args = field["args"].as_array().unwrap();
        let is_required = |arg: &Value| arg["type"]["kind"] == "NON_NULL";
        let is_object = of_name(types, below)["kind"] == "OBJECT";
        if depth > 0 && is_object && !args.iter().any(is_required) {
            reached.insert(below.to_owned());
            reach(types, below, depth - 1, reached);
        }
    }
}

const LISTS: [(&str, &str); 4] = [
    ("films", "Film"),
    ("critics", "Critic"),
    ("publications", "Publication"),
    ("reviews", "Review"),
];

#[tokio::test]
async fn both_executors_return_the_same_for_every_object_type_below_the_query() {
    let database = TestDatabase::demo().await;
    let token = database.token(Role::Admin, None).await;
    let both = ExecutorPair::with_arguments(database, &["--max-cost=100000"]);
    let types = both.types().await;
    let [mut all, mut compared] = [BTreeSet::new(), BTreeSet::new()];
    reach(&types, "Query", 6, &mut all);
    let fields = of_name(&types, "Query")["fields"].as_array().unwrap();
    for field in fields {
        // The quota of the caller changes with each request.
        if field["name"] != "rateLimit" {
            let mut types = types.clone();
            types.retain(|ty| ty["name"] != "Query");
            types.push(json!({ "name": "Query", "fields": [field] }));
            reach(&types, "Query", 4, &mut compared);
            let selection = select_all(&types, "Query", 4);
            let response = both.compare_as(Some(&token), &selection).await;
            assert!(
                response.starts_with(r#"{"data":"#),
                "{selection}\n{response}"
            );
        }
    }
    compared.insert("RateLimit".to_owned());
    assert_eq!(compared, all);
}

#[tokio::test]
async fn both_executors_return_the_same_for_every_field() {
    let both = ExecutorPair::with_database(TestDatabase::demo().await);
    let types = both.types().await;
    let mut bytes = 0;
    for (list, name) in LISTS {
        let shallow = select_all(&types, name, 1);
        bytes += both
            .compare(&format!("{{ {list}(first: 100) {{ nodes {shallow} }} }}"))
            .await
            .len();
        let deep = select_all(&types, name, 3);
        bytes += both.compare(&format!("{{ {list}(first: 1) {{ edges {{ cursor node {deep} }} pageInfo {{ endCursor hasNextPage }} }} }}")).await.len();
    }
    assert!(bytes > 100_000, "{bytes} bytes");
}

#[tokio::test]
async fn both_executors_return_null_for_missing_objects() {
    let database = TestDatabase::empty().await;
    database
        .execute(
            r#"INSERT INTO film (slug, title, synopsis) VALUES ('bare', 'Bare', NULL), ('quoted', E'"\\\u0001\u2028', repeat('é"', 300));
               INSERT INTO critic (slug, name) VALUES ('c', 'C');
               INSERT INTO publication (slug, name, weight) VALUES ('p', 'P', 33);
               INSERT INTO review (film_id) SELECT id FROM film;
               INSERT INTO review (film_id, critic_id, publication_id, sentiment, byline) SELECT film.id, critic.id, publication.id, 'mixed', 'B'
                   FROM film, critic, publication"#,
        )
        .await;
    let both = ExecutorPair::with_database(database);
    let types = both.types().await;
    for (list, name) in LISTS {
        let selected = select_all(&types, name, 2);
        let response = both
            .compare(&format!(
                "{{ {list}(first: 5) {{ totalCount nodes {selected} }} }}"
            ))
            .await;
        assert!(response.starts_with(r#"{"data":"#), "{response}");
    }
}

#[tokio::test]
async fn both_executors_return_the_same_errors() {
    let both = ExecutorPair::with_database(TestDatabase::demo().await);
    for document in [
        "{ films(first: 2) { nodes { title reviews(first: 0) { totalCount } } } }",
        "{ films(first: 2) { nodes { title bad: score(policy: {minimumReviews: 0}) { value } reviews(first: 2) { nodes { excerpt } } } } }",
        r#"{ film(by: {slug: "the-lighthouse-tax-2019"}) { slug reviews(first: 1) { nodes { byline revisions(first: 101) { totalCount } } } } films(first: 1) { nodes { slug } } }"#,
        r#"{ film(by: {slug: "nobody's"}) { title } node(id: "x") { id } films(first: 1) { nodes { reviews(after: "x") { totalCount } } } }"#,
        r#"{ a: film(by: {id: "x"}) { title } b: critic(by: {slug: "\u0000"}) { name } __typename }"#,
    ] {
        let response = both.compare(document).await;
        assert!(
            response.contains(r#""path":["#) || response.contains("null"),
            "{response}"
        );
    }
}

#[tokio::test]
async fn both_executors_return_the_same_for_ids_of_any_kind() {
    let both = ExecutorPair::with_database(TestDatabase::demo().await);
    let types = both.types().await;
    let found = both.ours.query("{ films(first: 2) { nodes { id } } critics(first: 2) { nodes { id } } publications(first: 2) { nodes { id } } reviews(first: 2) { nodes { id } } }").await;
    let ids: Vec<&Value> = LISTS
        .iter()
        .flat_map(|(list, _)| found[list]["nodes"].as_array().unwrap())
        .map(|node| &node["id"])
        .collect();
    let fragments = LISTS.map(|(_, name)| format!("... on {name} {}", select_all(&types, name, 1)));
    // One kind at a time, since fields with the same response name must have the same type.
    for fragment in fragments {
        both.compare(&format!(
            "{{ nodes(ids: {}) {{ __typename id {fragment} }} }}",
            json!(ids)
        ))
        .await;
    }
}

/// Returns random arguments for a field, valid or not.
fn arguments(field: &Value, chance: &mut TestRng) -> String {
    let mut given = Vec::new();
    for arg in field["args"].as_array().unwrap() {
        let value = match arg["name"].as_str().unwrap() {
            "first" => ["2", "2", "1", "0"][chance.below(4)],
            "width" => ["20", "7", "0"][chance.below(3)],
            "policy" if chance.one_in(3) => "{ minimumReviews: 1 }",
            "filter" if chance.one_in(3) => "{}",
            _ => continue,
        };
        given.push(format!("{}: {value}", arg["name"].as_str().unwrap()));
    }
    if given.is_empty() {
        String::new()
    } else {
        format!("({})", given.join(", "))
    }
}

/// Selects random fields of a type, with aliases, fragments, directives and duplicates.
fn select_random(types: &[Value], name: &str, depth: u32, chance: &mut TestRng) -> String {
    let mut selected = vec!["__typename".to_owned()];
    for field in of_name(types, name)["fields"].as_array().unwrap() {
        if !chance.one_in(3) {
            continue;
        }
        let below = base(&field["type"]);
        let below = match of_name(types, below)["kind"].as_str() {
            Some("OBJECT") if depth == 0 => continue,
            Some("OBJECT") => select_random(types, below, depth - 1, chance),
            _ => String::new(),
        };
        let condition = [
            "",
            "",
            "",
            " @skip(if: false)",
            " @include(if: $no)",
            " @skip(if: $no)",
        ];
        let condition = condition[chance.below(6)];
        // Fields with the same response name must have the same arguments, so each field gets a unique alias.
        let alias = format!("a{}", chance.below(1 << 30));
        let call = format!(
            "{alias}: {}{}{condition} {below}",
            field["name"].as_str().unwrap(),
            arguments(field, chance)
        );
        match chance.below(5) {
            0 => selected.push(format!("... on {name} {{ {call} }}")),
            1 => selected.push(format!("{call} ... {{ {call} }}")),
            _ => selected.push(call),
        }
    }
    format!("{{ {} }}", selected.join(" "))
}

async fn compare_random_selections(
    both: &ExecutorPair,
    seed: u64,
    rounds: usize,
    depth: u32,
) -> (u64, u64) {
    let types = both.types().await;
    let mut chance = TestRng::new(seed, 0);
    let (mut whole, mut failed) = (0, 0);
    for round in 0..rounds {
        let (list, name) = LISTS[round % 4];
        let first = 1 + chance.below(40);
        let nodes = select_random(&types, name, depth, &mut chance);
        let edges = select_random(&types, name, depth / 2, &mut chance);
        let document = format!(
            "query($no: Boolean = false) {{ {list}(first: {first}) {{ nodes {nodes} edges {{ cursor node {edges} }} }} __typename @include(if: $no) }}"
        );
        let response = both.compare(&document).await;
        if response.contains(r#""errors":["#) {
            failed += 1;
        } else {
            whole += 1;
        }
    }
    (whole, failed)
}

#[tokio::test]
async fn both_executors_return_the_same_for_random_selections() {
    let both = ExecutorPair::with_database(TestDatabase::demo().await);
    let (whole, failed) = compare_random_selections(&both, 1, 200, 3).await;
    assert!(whole > 20 && failed > 20, "{whole} whole, {failed} failed");
}

#[tokio::test]
async fn both_executors_measure_the_same_response_size() {
    let both =
        ExecutorPair::with_arguments(TestDatabase::demo().await, &["--max-response-bytes=3000"]);
    // Only fields without I/O: otherwise the size at which a response is rejected depends on the order in which fields
    // resolve.
    let (whole, failed) = compare_random_selections(&both, 2, 100, 0).await;
    assert!(whole > 5 && failed > 20, "{whole} whole, {failed} failed");
}

#[tokio::test]
async fn errors_below_lists_have_their_path() {
    let both = ExecutorPair::with_database(TestDatabase::demo().await);
    let document =
        "{ films(first: 2) { nodes { slug scoreDistribution { histogram(width: 0) { from } } } } }";
    let response: Value = serde_json::from_str(&both.compare(document).await).unwrap();
    let path = json!(["films", "nodes", 0, "scoreDistribution", "histogram"]);
    assert_eq!(response["errors"][0]["path"], path);
    let document = "{ films(first: 1) { edges { node { reviews(first: 0) { totalCount } } } } }";
    let response: Value = serde_json::from_str(&both.compare(document).await).unwrap();
    assert_eq!(
        response["errors"][0]["path"],
        json!(["films", "edges", 0, "node", "reviews"])
    );
}
