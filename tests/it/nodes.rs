//! Global ids and single objects: `node`, `nodes`, and the fields that find one object by id or slug.

use crate::support::TestServer;

const THING: [(&str, &str); 3] = [
    ("film", "the-lighthouse-tax-2019"),
    ("critic", "kirihara-suzume"),
    ("publication", "cormorant-quay-gazette"),
];

#[tokio::test]
async fn every_object_is_found_by_its_id() {
    let server = TestServer::demo().await;
    for (field, slug) in THING {
        let data = server
            .query(&format!(
                "{{ {field}(by: {{slug: \"{slug}\"}}) {{ id slug }} }}"
            ))
            .await;
        assert_eq!(data[field]["slug"], slug);
        let id = data[field]["id"].as_str().unwrap();
        let again = server
            .query(&format!("{{ {field}(by: {{id: \"{id}\"}}) {{ slug }} node(id: \"{id}\") {{ __typename id }} }}"))
            .await;
        assert_eq!(again[field]["slug"], slug);
        assert_eq!(again["node"]["id"], id);
        assert_eq!(
            again["node"]["__typename"].as_str().unwrap().to_lowercase(),
            field
        );
    }
    let data = server
        .query("{ reviews(first: 1) { nodes { id excerpt } } }")
        .await;
    let review = &data["reviews"]["nodes"][0];
    let id = review["id"].as_str().unwrap();
    let again = server
        .query(&format!("{{ review(id: \"{id}\") {{ excerpt }} node(id: \"{id}\") {{ ... on Review {{ excerpt }} }} }}"))
        .await;
    assert_eq!(again["review"]["excerpt"], review["excerpt"]);
    assert_eq!(again["node"]["excerpt"], review["excerpt"]);
}

#[tokio::test]
async fn nodes_preserves_the_order_with_null_for_missing_objects() {
    let server = TestServer::demo().await;
    let data = server
        .query("{ films(first: 2) { nodes { id title } } critics(first: 1) { nodes { id name } } }")
        .await;
    let id = |list: &str, place: usize| data[list]["nodes"][place]["id"].as_str().unwrap();
    // Encodes "Film:999999999".
    let missing = "RmlsbTo5OTk5OTk5OTk";
    let document = format!(
        "{{ nodes(ids: [\"{}\", \"{missing}\", \"{}\", \"{}\", \"{}\"]) {{ id ... on Film {{ title }} ... on Critic {{ name }} }} }}",
        id("films", 1),
        id("critics", 0),
        id("films", 0),
        id("films", 1)
    );
    let nodes = server.query(&document).await["nodes"].take();
    assert_eq!(nodes[0]["title"], data["films"]["nodes"][1]["title"]);
    assert!(nodes[1].is_null());
    assert_eq!(nodes[2]["name"], data["critics"]["nodes"][0]["name"]);
    assert_eq!(nodes[3]["title"], data["films"]["nodes"][0]["title"]);
    assert_eq!(nodes[4], nodes[0]);
    // One statement for all films of a request, and one for the critic.
    assert_eq!(server.cost(&document).await, (2, 1));
}

#[tokio::test]
async fn missing_objects_are_null_and_invalid_ids_are_rejected() {
    let server = TestServer::demo().await;
    let data = server
        .query(r#"{ film(by: {slug: "nowhere"}) { id } critic(by: {slug: ""}) { id } publication(by: {slug: "A B"}) { id } review(id: "UmV2aWV3Ojk5OTk5OTk5") { id } node(id: "RmlsbTo5OTk5OTk5OTk") { id } }"#)
        .await;
    assert!(
        data.as_object()
            .unwrap()
            .values()
            .all(serde_json::Value::is_null),
        "{data}"
    );
    for document in [
        r#"{ node(id: "") { id } }"#,
        r#"{ node(id: "nonsense") { id } }"#,
        r#"{ nodes(ids: ["RmlsbTox", "x"]) { id } }"#,
        // The id of a film instead of a critic's.
        r#"{ critic(by: {id: "RmlsbTox"}) { id } }"#,
        r#"{ review(id: "RmlsbTox") { id } }"#,
        r#"{ reviews(filter: {critic: "RmlsbTox"}) { totalCount } }"#,
    ] {
        assert_eq!(
            server.error_code(document).await,
            "INVALID_ID",
            "{document}"
        );
    }
    let nodes = |ids: &[String]| format!("{{ nodes(ids: [{}]) {{ id }} }}", ids.join(","));
    let many: Vec<_> = (1..=101).map(|id| format!("\"film-{id}\"")).collect();
    assert_eq!(server.error_code(&nodes(&many)).await, "TOO_MANY_VALUES");
    // Duplicates count once.
    let same = vec!["\"RmlsbTox\"".to_owned(); 101];
    let found = server.query(&nodes(&same)).await;
    assert_eq!(found["nodes"].as_array().unwrap().len(), 101);
}

#[tokio::test]
async fn exactly_one_of_id_and_slug_is_accepted() {
    let server = TestServer::demo().await;
    for by in ["{}", "{id: \"RmlsbTox\", slug: \"x\"}", "{slug: null}"] {
        let response = server
            .send(serde_json::json!({ "query": format!("{{ film(by: {by}) {{ id }} }}") }))
            .await;
        assert!(
            response.body["errors"][0]["extensions"]["code"].is_string(),
            "{by}: {}",
            response.body
        );
    }
}
