//! The history of a score: it equals the score as of each of its points, and a recount.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::{
    policies::random_change,
    reference::{Catalogue, Row, Rules, is_same},
};
use crate::support::{TestServer, eventually, test_rng::TestRng};

const POINT: &str =
    "date addedCount reviewCount scoredCount criticCount value mean verdict estimated
    distribution { total positive { count } mixed { count } negative { count } unrated { count } }";

/// Returns the last day of the interval of a day, by another way than the program.
fn last_day(interval: &str, day: &str) -> String {
    let is_same = |one: NaiveDate, other: NaiveDate| match interval {
        "WEEK" => one.iso_week() == other.iso_week(),
        "MONTH" => (one.year(), one.month()) == (other.year(), other.month()),
        _ => one.year() == other.year(),
    };
    let day: NaiveDate = day.parse().unwrap();
    let last = day
        .iter_days()
        .take_while(|other| is_same(day, *other))
        .last();
    last.unwrap().to_string()
}

/// Returns the points of a history by a recount.
fn expected(interval: &str, rules: &Rules, rows: &[&Row]) -> Vec<Value> {
    let mut added: BTreeMap<String, usize> = BTreeMap::new();
    for day in rules.days(rows) {
        *added.entry(last_day(interval, day)).or_default() += 1;
    }
    let points = added.into_iter().map(|(day, added)| {
        let as_of = Rules {
            as_of: Some(day.clone()),
            ..rules.clone()
        };
        let mut point = as_of.expected(rows);
        point["date"] = json!(day);
        point["addedCount"] = json!(added);
        point["distribution"] = json!(as_of.distribution(rows));
        point
    });
    points.collect()
}

/// Returns a point of a response in the form of a recount.
fn simplified(point: &Value) -> Value {
    let counts = ["positive", "mixed", "negative", "unrated"]
        .map(|share| point["distribution"][share]["count"].clone());
    assert_eq!(point["distribution"]["total"], point["reviewCount"]);
    let mut point = point.clone();
    point["distribution"] = json!(counts);
    point.as_object_mut().unwrap().remove("criticCount");
    point
}

fn are_same(points: &[Value], expected: &[Value]) -> bool {
    let is_same_point = |(point, expected): (&Value, &Value)| {
        let (point, expected) = (point.as_object().unwrap(), expected.as_object().unwrap());
        let mut members = expected.iter();
        point.len() == expected.len() && members.all(|(name, value)| is_same(&point[name], value))
    };
    points.len() == expected.len().min(100) && points.iter().zip(expected).all(is_same_point)
}

fn field(kind: &str) -> &'static str {
    if kind == "film" {
        "scoreHistory"
    } else {
        "timeline"
    }
}

/// Compares the histories of all owners with a recount, and returns a difference or the number of points.
async fn compare(
    server: &TestServer,
    catalogue: &Catalogue,
    (interval, rules): (&str, &Rules),
) -> Result<usize, String> {
    let mut points = 0;
    for kind in ["film", "critic", "publication"] {
        let (field, policy) = (field(kind), rules.policy());
        let document = format!(
            "{{ {kind}s(first: 100) {{ nodes {{ slug {field}(interval: {interval}, policy: {{{policy}}}, first: 100) {{ totalCount nodes {{ {POINT} }} }} }} }} }}"
        );
        let data = server.query(&document).await;
        for node in data[format!("{kind}s")]["nodes"].as_array().unwrap() {
            let reviews = catalogue.reviews_of(kind, node["slug"].as_str().unwrap());
            let expected = expected(interval, rules, &reviews);
            let found = node[field]["nodes"].as_array().unwrap();
            let found: Vec<_> = found.iter().map(simplified).collect();
            if !are_same(&found, &expected) {
                return Err(format!("{document}: {node}, not {}", json!(expected)));
            }
            if node[field]["totalCount"] != expected.len() {
                return Err(format!("{document}: {node}"));
            }
            points += found.len();
        }
    }
    Ok(points)
}

#[tokio::test]
async fn histories_under_every_kind_of_policy_equal_a_recount() {
    let server = Catalogue::random_server(4, 40).await;
    let catalogue = Catalogue::read(&server.database).await;
    for rules in Rules::samples(&catalogue) {
        // A history has no other end.
        let rules = Rules {
            as_of: None,
            ..rules
        };
        for interval in ["WEEK", "MONTH", "YEAR"] {
            let points = compare(&server, &catalogue, (interval, &rules))
                .await
                .unwrap();
            assert!(points > 30, "{interval}: {points}");
        }
    }
}

#[tokio::test]
async fn histories_equal_a_recount_after_each_random_change() {
    let server = Catalogue::random_server(6, 20).await;
    let mut rng = TestRng::new(25, 0);
    for round in 0..30 {
        let change = random_change(&mut rng);
        server.database.execute(&change).await;
        let catalogue = Catalogue::read(&server.database).await;
        let interval = ["WEEK", "MONTH", "YEAR"][round % 3];
        let rules = Rules::default();
        let is_recounted = async || {
            compare(&server, &catalogue, (interval, &rules))
                .await
                .is_ok()
        };
        eventually(&change, is_recounted).await;
    }
}

/// The law that the schema states, for everything that a point has, and with a policy of each kind.
#[tokio::test]
async fn each_point_equals_the_score_as_of_its_day() {
    let server = Catalogue::random_server(8, 30).await;
    let catalogue = Catalogue::read(&server.database).await;
    for rules in Rules::samples(&catalogue).into_iter().step_by(3) {
        let policy = rules.policy();
        let document = format!(
            "{{ films(first: 100) {{ nodes {{ slug scoreHistory(interval: MONTH, policy: {{{policy}}}, first: 100) {{ nodes {{ {POINT} }} }} }} }} }}"
        );
        let data = server.query(&document).await;
        for film in data["films"]["nodes"].as_array().unwrap().iter().step_by(4) {
            for point in film["scoreHistory"]["nodes"].as_array().unwrap() {
                let arguments = format!("(policy: {{{policy}}}, asOf: {})", point["date"]);
                let document = format!(
                    "{{ film(by: {{slug: {}}}) {{ score{arguments} {{ reviewCount scoredCount criticCount value mean verdict estimated }}
                        scoreDistribution{arguments} {{ total positive {{ count }} mixed {{ count }} negative {{ count }} unrated {{ count }} }} }} }}",
                    film["slug"]
                );
                let mut film = server.query(&document).await["film"].take();
                let mut score = film["score"].take();
                score["distribution"] = film["scoreDistribution"].take();
                score["date"] = point["date"].clone();
                score["addedCount"] = point["addedCount"].clone();
                assert_eq!(&score, point, "{document}");
            }
        }
    }
}

#[tokio::test]
async fn the_histories_of_a_page_of_100_films_cost_one_statement() {
    let server = Catalogue::random_server(2, 120).await;
    for films in [1, 20, 100] {
        let document = format!(
            "{{ films(first: {films}) {{ nodes {{ title scoreHistory(interval: WEEK, policy: {{topCriticsOnly: true}}) {{ totalCount pageInfo {{ hasNextPage }} nodes {{ {POINT} }} }} }} }} }}"
        );
        assert_eq!(server.cost(&document).await, (2, 2), "{films}");
    }
}

#[tokio::test]
async fn the_pages_of_a_history_have_each_point_once() {
    let server = Catalogue::random_server(2, 60).await;
    let document = |arguments: &str| {
        format!(
            "{{ publication(by: {{slug: \"paper-1\"}}) {{ timeline({arguments}) {{ totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} nodes {{ {POINT} }} }} }} }}"
        )
    };
    let timeline = async |arguments: &str| {
        let mut data = server.query(&document(arguments)).await;
        data["publication"]["timeline"].take()
    };
    let all = timeline("first: 100, interval: WEEK").await;
    let all = all["nodes"].as_array().unwrap();
    assert!(all.len() > 8, "{}", all.len());
    let (mut pages, mut after) = (Vec::new(), json!(null));
    loop {
        let page = timeline(&format!("first: 3, interval: WEEK, after: {after}")).await;
        assert_eq!(page["totalCount"], all.len());
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !pages.is_empty());
        pages.extend(page["nodes"].as_array().unwrap().clone());
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(&pages, all);
    let last = timeline("last: 2, interval: WEEK").await;
    assert_eq!(last["nodes"], json!(all[all.len() - 2..]));
    assert_eq!(last["pageInfo"]["hasPreviousPage"], true);
    let before = last["pageInfo"]["startCursor"].clone();
    let rest = timeline(&format!("last: 100, interval: WEEK, before: {before}")).await;
    assert_eq!(rest["nodes"], json!(all[..all.len() - 2]));
    assert_eq!(timeline("first: 0").await["nodes"], json!([]));
    assert_eq!(
        timeline("interval: null").await,
        timeline("interval: MONTH, first: 20").await
    );
    // A cursor belongs to its interval.
    let other = document(&format!("interval: YEAR, after: {before}"));
    assert_eq!(server.error_code(&other).await, "INVALID_CURSOR");
    assert_eq!(
        server.error_code(&document("first: 101")).await,
        "INVALID_PAGE"
    );
}
