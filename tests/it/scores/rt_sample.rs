//! Scores of real reviews under policies and as of dates, against SQL that is written apart from the store's.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::explanation::assert_shares_add_up;
use crate::support::{
    TestDatabase, TestServer,
    program::{marquee, run, url},
    shared_file,
};

/// Starts a server with the sample; `None` without it.
pub async fn server() -> Option<TestServer> {
    let names = ["movies.csv", "critic_reviews.csv"];
    let [films, reviews] = names.map(|name| shared_file(&format!("data/rt_sample/{name}")));
    let [films, reviews] =
        [films?, reviews?].map(|path| path.canonicalize().unwrap().display().to_string());
    let database = TestDatabase::empty().await;
    let mut import = marquee(&["import", "rt", "--films", &films, "--reviews", &reviews]);
    import.args(["--database-url", &url(&database.options())]);
    tokio::task::spawn_blocking(|| run(import).output())
        .await
        .unwrap();
    Some(TestServer::with_arguments(
        database,
        &["--max-cost=200000", "--rate-limit=0"],
    ))
}

/// Returns the statement for the value, the number of reviews and the number of scores of each film, from the reviews
/// that match a condition, by a weight. Fewer than four scores are estimated.
fn sql(condition: &str, weight: &str) -> String {
    format!(
        "WITH counted AS (
            SELECT review.film_id, review.score, {weight} AS w,
                CASE coalesce(sentiment, CASE WHEN recommended THEN 'positive' WHEN NOT recommended THEN 'negative' END)
                    WHEN 'positive' THEN 80.5 WHEN 'mixed' THEN 50 WHEN 'negative' THEN 19.5 END AS middle
            FROM review LEFT JOIN critic ON critic.id = critic_id LEFT JOIN publication ON publication.id = publication_id
            WHERE {condition}
        ), summed AS (
            SELECT film.slug, count(counted.film_id) AS reviews, count(score) AS scores,
                sum(score * w) / sum(w) FILTER (WHERE score IS NOT NULL) AS mean,
                count(coalesce(score, middle)) AS rated, sum(coalesce(score, middle) * w) / sum(w) FILTER (WHERE coalesce(score, middle) IS NOT NULL) AS estimate
            FROM film LEFT JOIN counted ON counted.film_id = film.id GROUP BY film.slug
        )
        SELECT json_build_object('slug', slug, 'reviewCount', reviews, 'scoredCount', scores,
            'value', floor(CASE WHEN scores >= 4 THEN mean WHEN rated >= 4 THEN estimate END + 0.5))::text FROM summed"
    )
}

async fn expected(server: &TestServer, sql: &str) -> HashMap<String, Value> {
    let rows = server.database.texts(sql).await;
    let rows = rows
        .iter()
        .map(|row| serde_json::from_str::<Value>(row).unwrap());
    rows.map(|row| (row["slug"].as_str().unwrap().to_owned(), row))
        .collect()
}

#[tokio::test]
async fn scores_of_the_sample_under_policies_and_as_of_dates_equal_sql() {
    let Some(server) = server().await else { return };
    let busiest = server
        .database
        .texts("SELECT critic.slug FROM critic JOIN critic_tally ON critic_id = id ORDER BY review_count DESC, id LIMIT 1")
        .await;
    let critic = &busiest[0];
    let as_critic = format!("critic.slug = '{critic}'");
    for (arguments, condition, weight) in [
        (
            "policy: {topCriticsOnly: true}".to_owned(),
            "top_critic".to_owned(),
            "1.0".to_owned(),
        ),
        (
            "asOf: \"2010-06-30\"".to_owned(),
            "reviewed_on <= '2010-06-30'".to_owned(),
            "1.0".to_owned(),
        ),
        (
            "policy: {reviewedFrom: \"2005-01-01\", reviewedTo: \"2015-12-31\"}".to_owned(),
            "reviewed_on BETWEEN '2005-01-01' AND '2015-12-31'".to_owned(),
            "1.0".to_owned(),
        ),
        (
            format!("policy: {{excludeCritic: {{slug: \"{critic}\"}}}}"),
            format!("({as_critic}) IS NOT TRUE"),
            "1.0".to_owned(),
        ),
        (
            format!(
                "policy: {{criticWeights: [{{critic: {{slug: \"{critic}\"}}, weight: 20}}]}}, filter: {{recommended: true}}"
            ),
            "recommended".to_owned(),
            format!("CASE WHEN {as_critic} THEN 20.0 ELSE 1.0 END"),
        ),
    ] {
        let document = format!(
            "{{ films(first: 100) {{ nodes {{ slug score({arguments}) {{ value mean reviewCount scoredCount explanation(first: 100) {{ totalCount nodes {{ score weight share {{ numerator denominator }} }} }} }} }} }} }}"
        );
        let data = server.query(&document).await;
        let expected = expected(&server, &sql(&condition, &weight)).await;
        let films = data["films"]["nodes"].as_array().unwrap();
        assert_eq!(films.len(), 100);
        let mut explained = 0;
        for film in films {
            let slug = film["slug"].as_str().unwrap();
            let row = &expected[slug];
            for name in ["value", "reviewCount", "scoredCount"] {
                assert_eq!(film["score"][name], row[name], "{slug}: {arguments}");
            }
            // A page has at most 100 reviews.
            let is_whole = film["score"]["scoredCount"].as_u64() <= Some(100);
            explained += usize::from(is_whole && assert_shares_add_up(&film["score"]));
        }
        assert!(explained > 20, "{arguments}: {explained}");
    }
}

#[tokio::test]
async fn histories_of_the_sample_equal_sql_at_each_point() {
    let Some(server) = server().await else { return };
    let document = "{ films(first: 100) { nodes { slug scoreHistory(interval: YEAR, first: 100) { nodes { date value reviewCount scoredCount } } } } }";
    let data = server.query(document).await;
    let mut years: HashMap<String, HashMap<String, Value>> = HashMap::new();
    let mut points = 0;
    for film in data["films"]["nodes"].as_array().unwrap() {
        for point in film["scoreHistory"]["nodes"].as_array().unwrap() {
            let day = point["date"].as_str().unwrap().to_owned();
            if !years.contains_key(&day) {
                let sql = sql(&format!("reviewed_on <= '{day}'"), "1.0");
                years.insert(day.clone(), expected(&server, &sql).await);
            }
            let row = &years[&day][film["slug"].as_str().unwrap()];
            let of =
                |value: &Value| json!([value["value"], value["reviewCount"], value["scoredCount"]]);
            assert_eq!(of(point), of(row), "{}: {day}", film["slug"]);
            points += 1;
        }
    }
    assert!(points > 500, "{points}");
}
