//! Objects are executed by code of ours where nobody watches, and by async-graphql where a trace is made of each field. Both have to say
//! the same, byte by byte.

use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer};

/// Makes async-graphql execute everything. Nothing is sent there: that is set up by the program, not by the server.
const WATCHED: &str = "--otlp-endpoint=http://127.0.0.1:9";

/// Two servers over one database, of which the second is watched.
struct Both {
    ours: TestServer,
    watched: TestServer,
}

impl Both {
    fn over(database: TestDatabase) -> Self {
        let ours = TestServer::over(database);
        let watched = TestServer::beside_with(&ours, &[WATCHED]);
        Self { ours, watched }
    }

    /// What both say, which has to be the same.
    async fn say(&self, document: &str) -> String {
        let [ours, watched] = [&self.ours, &self.watched].map(|server| text(server, document));
        let (ours, watched) = (ours.await, watched.await);
        assert_eq!(ours, watched, "{document}");
        ours
    }
}

async fn text(server: &TestServer, document: &str) -> String {
    let request = server.client().post(server.url("/graphql"));
    let request = request.json(&json!({ "query": document }));
    request.send().await.unwrap().text().await.unwrap()
}

/// The types of the schema by their names.
async fn types(server: &TestServer) -> Vec<Value> {
    let document = "{ __schema { types { name kind fields { name
        args { name type { kind } } type { name kind ofType { name kind ofType { name kind ofType { name kind } } } } } } } }";
    let mut answer = server.query(document).await;
    serde_json::from_value(answer["__schema"]["types"].take()).unwrap()
}

/// The name of a type, without lists and exclamation marks.
fn base(of: &Value) -> &str {
    match of["name"].as_str() {
        Some(name) => name,
        None => base(&of["ofType"]),
    }
}

/// Selects every field of a type that can be asked for without arguments, down to a depth.
fn everything(types: &[Value], name: &str, depth: u32) -> String {
    let of_name = |name: &str| types.iter().find(|ty| ty["name"] == name).unwrap();
    let mut selected = vec!["__typename".to_owned()];
    for field in of_name(name)["fields"].as_array().unwrap() {
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
        match of_name(below)["kind"].as_str() {
            Some("OBJECT") if depth == 0 => {}
            Some("OBJECT") => {
                let below = everything(types, below, depth - 1);
                selected.push(format!("{call} {below}"));
            }
            _ => selected.push(call),
        }
    }
    format!("{{ {} }}", selected.join(" "))
}

const LISTS: [(&str, &str); 4] = [
    ("films", "Film"),
    ("critics", "Critic"),
    ("publications", "Publication"),
    ("reviews", "Review"),
];

#[tokio::test]
async fn every_field_says_the_same_whoever_executes_it() {
    let both = Both::over(TestDatabase::demo().await);
    let types = types(&both.ours).await;
    let mut bytes = 0;
    for (list, name) in LISTS {
        let shallow = everything(&types, name, 1);
        bytes += both
            .say(&format!("{{ {list}(first: 100) {{ nodes {shallow} }} }}"))
            .await
            .len();
        let deep = everything(&types, name, 3);
        bytes += both.say(&format!("{{ {list}(first: 1) {{ edges {{ cursor node {deep} }} pageInfo {{ endCursor hasNextPage }} }} }}")).await.len();
    }
    assert!(bytes > 100_000, "{bytes} bytes");
}

#[tokio::test]
async fn what_is_not_there_is_null_whoever_executes_it() {
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
    let both = Both::over(database);
    let types = types(&both.ours).await;
    for (list, name) in LISTS {
        let selected = everything(&types, name, 2);
        let said = both
            .say(&format!(
                "{{ {list}(first: 5) {{ totalCount nodes {selected} }} }}"
            ))
            .await;
        assert!(said.starts_with(r#"{"data":"#), "{said}");
    }
}

#[tokio::test]
async fn what_fails_fails_the_same_whoever_executes_it() {
    let both = Both::over(TestDatabase::demo().await);
    for document in [
        "{ films(first: 2) { nodes { title reviews(first: 0) { totalCount } } } }",
        "{ films(first: 2) { nodes { title bad: score(policy: {minimumReviews: 0}) { value } reviews(first: 2) { nodes { excerpt } } } } }",
        r#"{ film(by: {slug: "the-lighthouse-tax-2019"}) { slug reviews(first: 1) { nodes { byline revisions(first: 101) { totalCount } } } } films(first: 1) { nodes { slug } } }"#,
        r#"{ film(by: {slug: "nobody's"}) { title } node(id: "x") { id } films(first: 1) { nodes { reviews(after: "x") { totalCount } } } }"#,
        r#"{ a: film(by: {id: "x"}) { title } b: critic(by: {slug: "\u0000"}) { name } __typename }"#,
    ] {
        let said = both.say(document).await;
        assert!(
            said.contains(r#""path":["#) || said.contains("null"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn ids_of_any_kind_say_the_same_whoever_executes_them() {
    let both = Both::over(TestDatabase::demo().await);
    let types = types(&both.ours).await;
    let found = both.ours.query("{ films(first: 2) { nodes { id } } critics(first: 2) { nodes { id } } publications(first: 2) { nodes { id } } reviews(first: 2) { nodes { id } } }").await;
    let ids: Vec<&Value> = LISTS
        .iter()
        .flat_map(|(list, _)| found[list]["nodes"].as_array().unwrap())
        .map(|node| &node["id"])
        .collect();
    let fragments = LISTS.map(|(_, name)| format!("... on {name} {}", everything(&types, name, 1)));
    // One kind at a time: fields of one name have to be of one type.
    for fragment in fragments {
        both.say(&format!(
            "{{ nodes(ids: {}) {{ __typename id {fragment} }} }}",
            json!(ids)
        ))
        .await;
    }
}
