//! Under any rules every score, order, filter and distribution equals a recount.

use std::collections::BTreeMap;

use marquee::{
    global_id::{GlobalId, Kind},
    score::{PolicyDraft, Weighting},
};
use serde_json::{Value, json};

use super::naive::{self, Review, random_rules, set_rules};
use crate::support::{TestServer, eventually, test_rng::TestRng};

/// The reviews by film, with the title of each film.
type Films = BTreeMap<i64, Vec<Review>>;

/// Waits until the server answers by the current rules of the database.
async fn wait_until_current(server: &TestServer) {
    let sql = "SELECT generation::text FROM site_rules";
    let generation: i64 = server.database.texts(sql).await[0].parse().unwrap();
    eventually("the server has the rules", async || {
        let data = server.query("{ siteRules { generation } }").await;
        data["siteRules"]["generation"] == generation
    })
    .await;
}

/// Returns the nodes of all pages of a connection of the root.
async fn all_nodes(server: &TestServer, list: &str, arguments: &str, fields: &str) -> Vec<Value> {
    let mut nodes = Vec::new();
    let mut after = "null".to_owned();
    loop {
        let document = format!(
            "{{ {list}({arguments}, first: 100, after: {after}) {{ totalCount nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let data = server.query(&document).await;
        let connection = &data[list];
        nodes.extend(connection["nodes"].as_array().unwrap().iter().cloned());
        if connection["pageInfo"]["hasNextPage"] == false {
            assert_eq!(connection["totalCount"], nodes.len());
            return nodes;
        }
        after = connection["pageInfo"]["endCursor"].to_string();
    }
}

fn id(kind: Kind, key: i64) -> Value {
    json!(GlobalId { kind, key }.encode())
}

async fn check_films(server: &TestServer, films: &Films, rules: &PolicyDraft) {
    let nodes = all_nodes(
        server,
        "films",
        "orderBy: {field: SCORE, direction: DESC}",
        "id score { value verdict } scoreDistribution { positive { count } mixed { count } negative { count } unrated { count } }
            mixed: reviews(filter: {sentiment: [MIXED]}, first: 1) { totalCount nodes { sentiment } }",
    )
    .await;
    assert_eq!(nodes.len(), films.len());
    let expected: BTreeMap<String, (Option<i64>, &Vec<Review>)> = films
        .iter()
        .map(|(key, reviews)| {
            let all: Vec<&Review> = reviews.iter().collect();
            (
                id(Kind::Film, *key).to_string(),
                (naive::score(&all, rules), reviews),
            )
        })
        .collect();
    let mut scores = Vec::new();
    for node in &nodes {
        let (score, reviews) = &expected[&node["id"].to_string()];
        assert_eq!(node["score"]["value"], json!(score), "{node} {rules:?}");
        let verdict = score.map(|score| naive::verdict(score, rules));
        assert_eq!(node["score"]["verdict"], json!(verdict));
        let count = |sentiment| {
            let with = reviews
                .iter()
                .filter(|review| review.sentiment(rules) == sentiment);
            with.count()
        };
        let distribution = &node["scoreDistribution"];
        assert_eq!(distribution["positive"]["count"], count(Some("POSITIVE")));
        assert_eq!(distribution["mixed"]["count"], count(Some("MIXED")));
        assert_eq!(distribution["negative"]["count"], count(Some("NEGATIVE")));
        assert_eq!(distribution["unrated"]["count"], count(None));
        assert_eq!(node["mixed"]["totalCount"], count(Some("MIXED")));
        scores.push(*score);
    }
    // Films without a score come last.
    assert!(
        scores.is_sorted_by_key(|score| std::cmp::Reverse(*score)),
        "{rules:?}"
    );
    let (from, to) = (rules.mixed_from, rules.positive_from);
    let filter = format!("filter: {{score: {{from: {from}, to: {to}}}}}");
    let found = all_nodes(server, "films", &filter, "id").await;
    let is_within = |score: &Option<i64>| score.is_some_and(|score| (from..=to).contains(&score));
    assert_eq!(
        found.len(),
        scores.iter().filter(|score| is_within(score)).count()
    );
    for node in found {
        assert!(is_within(&expected[&node["id"].to_string()].0));
    }
}

async fn check_reviews(server: &TestServer, films: &Films, rules: &PolicyDraft) {
    let reviews: Vec<&Review> = films.values().flatten().collect();
    for sentiment in ["POSITIVE", "MIXED", "NEGATIVE"] {
        for (filter, is_match) in [
            ("", (|_| true) as fn(&Review) -> bool),
            ("scored: true", |review| review.score.is_some()),
            ("scored: false, recommended: true", |review| {
                review.score.is_none() && review.recommended == Some(true)
            }),
        ] {
            let matching: Vec<i64> = reviews
                .iter()
                .filter(|review| review.sentiment(rules) == Some(sentiment) && is_match(review))
                .map(|review| review.id)
                .collect();
            let filter = format!("filter: {{sentiment: [{sentiment}], {filter}}}");
            let order = format!("{filter}, orderBy: {{field: ADDED, direction: ASC}}");
            let found = all_nodes(server, "reviews", &order, "id sentiment").await;
            let mut matching: Vec<Value> = matching
                .into_iter()
                .map(|key| id(Kind::Review, key))
                .collect();
            let mut ids: Vec<Value> = found.iter().map(|node| node["id"].clone()).collect();
            matching.sort_by_key(ToString::to_string);
            ids.sort_by_key(ToString::to_string);
            assert_eq!(ids, matching, "{filter} {rules:?}");
            assert!(found.iter().all(|node| node["sentiment"] == sentiment));
        }
    }
}

async fn check_authors(server: &TestServer, films: &Films, rules: &PolicyDraft) {
    let reviews: Vec<&Review> = films.values().flatten().collect();
    for (list, kind, key) in [
        (
            "critics",
            Kind::Critic,
            (|review| review.critic_id) as fn(&Review) -> Option<i64>,
        ),
        ("publications", Kind::Publication, |review| {
            review.publication_id
        }),
    ] {
        let fields = "id score { value } positive: score(filter: {sentiment: [POSITIVE]}) { value reviewCount }
            reviews(filter: {sentiment: [NEGATIVE]}) { totalCount }";
        for node in all_nodes(server, list, "filter: {}", fields).await {
            let own: Vec<&Review> = reviews
                .iter()
                .filter(|review| key(review).is_some_and(|key| id(kind, key) == node["id"]))
                .copied()
                .collect();
            assert_eq!(node["score"]["value"], json!(naive::score(&own, rules)));
            let of = |sentiment| -> Vec<&Review> {
                let with = own
                    .iter()
                    .filter(|review| review.sentiment(rules) == Some(sentiment));
                with.copied().collect()
            };
            let positive = of("POSITIVE");
            assert_eq!(node["positive"]["reviewCount"], positive.len());
            assert_eq!(
                node["positive"]["value"],
                json!(naive::score(&positive, rules))
            );
            assert_eq!(node["reviews"]["totalCount"], of("NEGATIVE").len());
        }
    }
}

#[tokio::test]
async fn under_any_rules_the_answers_equal_a_recount() {
    let server = TestServer::demo().await;
    let connection = server.database.connect(1);
    generate(&server).await;
    let mut films: Films = BTreeMap::new();
    for film in server.database.texts("SELECT id::text FROM film").await {
        films.insert(film.parse().unwrap(), Vec::new());
    }
    for review in naive::reviews(&connection).await {
        films.get_mut(&review.film_id).unwrap().push(review);
    }
    let mut rng = TestRng::new(23, 1);
    let extreme = PolicyDraft {
        minimum_reviews: 1,
        acclaim_from: 4,
        positive_from: 3,
        mixed_from: 2,
        dislike_below: 1,
        estimate: true,
        weighting: Weighting::Equal,
    };
    let random = std::iter::repeat_with(|| random_rules(&mut rng)).take(5);
    for rules in [PolicyDraft::default(), extreme].into_iter().chain(random) {
        server.database.execute(&set_rules(&rules)).await;
        wait_until_current(&server).await;
        check_films(&server, &films, &rules).await;
        check_reviews(&server, &films, &rules).await;
        check_authors(&server, &films, &rules).await;
    }
    connection.close().await.unwrap();
}

/// Adds reviews of many kinds.
async fn generate(server: &TestServer) {
    server
        .database
        .execute(
            "SELECT setseed(0.25);
             INSERT INTO review (film_id, critic_id, publication_id, score, score_rule, sentiment, recommended, reviewed_on)
             SELECT (SELECT id FROM film ORDER BY random() + n LIMIT 1), (SELECT id FROM critic ORDER BY random() + n LIMIT 1),
                 (SELECT id FROM publication ORDER BY random() + n LIMIT 1),
                 score, CASE WHEN score IS NOT NULL THEN 'given' END,
                 CASE WHEN score IS NULL AND random() < 0.6 THEN (ARRAY['positive', 'mixed', 'negative'])[1 + floor(random() * 3)] END,
                 CASE WHEN random() < 0.3 THEN random() < 0.5 END, date '2020-01-01' + n
             FROM generate_series(1, 400) AS n, LATERAL (SELECT CASE WHEN random() < 0.6 + 0 * n THEN floor(random() * 101) END AS score) AS rating
             ON CONFLICT DO NOTHING",
        )
        .await;
}
