//! The outliers, the bias, the years and the quartiles of critics and publications.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{CATALOGUE, CHANGES, is_same, rows};
use crate::support::{TestDatabase, TestServer, test_rng::TestRng};

/// Each scored review of an owner with the rounded score of the other reviews of its film, by a join of the reviews.
/// `{minimum}`, `{middles}` and `{weight}` are the rules of the site.
const DIFFERENCES: &str = "
WITH rated AS (
    SELECT id, film_id, score, {weight} AS w, coalesce(score, CASE coalesce(sentiment, CASE WHEN recommended THEN 'positive' WHEN NOT recommended THEN 'negative' END)
        WHEN 'positive' THEN 80.5 WHEN 'mixed' THEN 50 WHEN 'negative' THEN 19.5 END) AS points
    FROM review
), compared AS (
    SELECT r.id, r.score, r.critic_id, r.publication_id, floor(0.5 + CASE
        WHEN count(o.score) >= {minimum} THEN sum(o.score * o.w)::numeric / nullif(sum(o.w) FILTER (WHERE o.score IS NOT NULL), 0)
        WHEN count(o.points) >= {minimum} THEN sum(o.points * o.w) / nullif(sum(o.w) FILTER (WHERE o.points IS NOT NULL), 0)
    END) AS film_score
    FROM review r LEFT JOIN rated o ON o.film_id = r.film_id AND o.id <> r.id WHERE r.score IS NOT NULL GROUP BY r.id
), difference AS (
    SELECT owner.slug, compared.id, film_score, compared.score - film_score AS difference
    FROM compared JOIN {owner} owner ON owner.id = {owner}_id WHERE film_score IS NOT NULL
)";

const OUTLIERS: &str = "
SELECT json_build_object('slug', slug, 'list', json_agg(json_build_object('review', json_build_object('version', version, 'score', review.score),
    'filmScore', film_score, 'difference', difference) ORDER BY abs(difference) DESC, difference.id))::text
FROM difference JOIN review USING (id) WHERE {condition} GROUP BY slug";

const BIAS: &str = "
SELECT json_build_object('slug', slug, 'mean', avg(difference), 'reviewCount', count(*))::text FROM difference GROUP BY slug";

const YEARS: &str = "
SELECT json_build_object('slug', slug, 'list', json_agg(json_build_object('year', year, 'reviewCount', reviews, 'scoredCount', scored, 'mean', mean) ORDER BY year))::text
FROM (
    SELECT owner.slug, date_part('year', reviewed_on) AS year, count(*) AS reviews, count(score) AS scored, avg(score) AS mean
    FROM review JOIN {owner} owner ON owner.id = {owner}_id WHERE reviewed_on IS NOT NULL GROUP BY 1, 2
) AS years GROUP BY slug";

const QUARTILES: &str = "
SELECT json_build_object('slug', slug, 'lowerQuartile', percentile_cont(0.25) WITHIN GROUP (ORDER BY score),
    'upperQuartile', percentile_cont(0.75) WITHIN GROUP (ORDER BY score))::text
FROM {owner} owner LEFT JOIN review ON {owner}_id = owner.id GROUP BY slug";

/// The rules of a site: the minimum number of reviews, and the weight of a review.
#[derive(Clone, Copy)]
struct Rules {
    minimum: u32,
    weight: &'static str,
}

fn document(owner: &str) -> String {
    let outlier = "review { version score } filmScore difference";
    format!(
        "{{ {owner}s(first: 20) {{ nodes {{ slug bias {{ mean reviewCount }} perYear {{ year reviewCount scoredCount mean }}
            score {{ lowerQuartile upperQuartile }}
            harshest: outliers(direction: HARSHEST, first: 100) {{ {outlier} }}
            kindest: outliers(direction: KINDEST, first: 100) {{ {outlier} }} }} }} }}"
    )
}

/// Returns the row of an owner, or a value if it has none.
fn of(rows: &[Value], slug: &str, none: Value) -> Value {
    let row = rows.iter().find(|row| row["slug"] == slug);
    let Some(mut row) = row.cloned() else {
        return none;
    };
    row.as_object_mut().unwrap().remove("slug");
    if row["list"].is_array() {
        row["list"].take()
    } else {
        row
    }
}

/// Compares the response of a server with the database, and returns the number of outliers.
async fn compare(server: &TestServer, owner: &str, rules: Rules) -> usize {
    let data = server.query(&document(owner)).await;
    let differences = DIFFERENCES
        .replace("{owner}", owner)
        .replace("{minimum}", &rules.minimum.to_string())
        .replace("{weight}", rules.weight);
    let with_differences = async |sql: &str| rows(server, &format!("{differences} {sql}")).await;
    let [harshest, kindest] = ["difference < 0", "difference > 0"]
        .map(|condition| OUTLIERS.replace("{condition}", condition));
    let expected = [
        ("harshest", with_differences(&harshest).await, json!([])),
        ("kindest", with_differences(&kindest).await, json!([])),
        ("bias", with_differences(BIAS).await, Value::Null),
        (
            "perYear",
            rows(server, &YEARS.replace("{owner}", owner)).await,
            json!([]),
        ),
        (
            "score",
            rows(server, &QUARTILES.replace("{owner}", owner)).await,
            Value::Null,
        ),
    ];
    let mut found = 0;
    for node in data[format!("{owner}s")]["nodes"].as_array().unwrap() {
        let lists = [&node["harshest"], &node["kindest"]];
        let lists = lists.iter().filter_map(|list| list.as_array());
        found += lists.map(Vec::len).sum::<usize>();
        let slug = node["slug"].as_str().unwrap();
        for (field, rows, none) in &expected {
            let expected = of(rows, slug, none.clone());
            assert!(
                is_same(&node[*field], &expected),
                "{slug}: {field}: {} instead of {expected}",
                node[*field]
            );
        }
    }
    found
}

#[tokio::test]
async fn outliers_bias_and_years_equal_those_of_sql_after_any_change() {
    let caches = ["--answer-cache=0", "--row-cache=0", "--max-cost=200000"];
    let server = TestServer::with_arguments(TestDatabase::empty().await, &caches);
    let plain = [caches.as_slice(), &["--review-index=false"]].concat();
    let plain = TestServer::sharing_database_with(&server, &plain);
    let connection = server.database.connect(1);
    connection.execute_unprepared(CATALOGUE).await.unwrap();
    server.clear_caches().await;
    let mut rng = TestRng::new(5, 1);
    let mut found = 0;
    for _ in 0..12 {
        for owner in ["critic", "publication"] {
            let rules = Rules {
                minimum: 4,
                weight: "weight",
            };
            found += compare(&server, owner, rules).await;
            found += compare(&plain, owner, rules).await;
        }
        let change = CHANGES[rng.below(CHANGES.len())].replace("{n}", &rng.below(1000).to_string());
        let notifications = server.notification_count().await;
        let changed = connection.execute_unprepared(&change).await.unwrap();
        if changed.rows_affected() > 0 {
            server.wait_for_notification(notifications).await;
        }
    }
    assert!(found > 2_000, "only {found} outliers");
    connection.close().await.unwrap();
}

#[tokio::test]
async fn outliers_follow_the_rules_of_the_site() {
    let server = TestServer::empty().await;
    server.database.execute(CATALOGUE).await;
    server.clear_caches().await;
    let admin = server
        .database
        .token(marquee::access::Role::Admin, None)
        .await;
    for (input, minimum) in [
        ("minimumReviews: 12", 12),
        ("minimumReviews: 1", 1),
        ("minimumReviews: 14", 14),
    ] {
        let mutation = format!(
            "mutation {{ updateSiteRules(input: {{{input}, weighting: EQUAL}}) {{ userErrors {{ message }} }} }}"
        );
        let response = server.send_as(&admin, json!({ "query": mutation })).await;
        let errors = &response.body["data"]["updateSiteRules"]["userErrors"];
        assert_eq!(*errors, json!([]), "{}", response.body);
        for owner in ["critic", "publication"] {
            let rules = Rules {
                minimum,
                weight: "100",
            };
            compare(&server, owner, rules).await;
        }
    }
}

#[tokio::test]
async fn outliers_and_years_of_a_list_cost_a_statement_each() {
    let caches = ["--answer-cache=0", "--row-cache=0", "--review-index=false"];
    let server = TestServer::with_arguments(TestDatabase::empty().await, &caches);
    server.database.execute(CATALOGUE).await;
    server.clear_caches().await;
    for (fields, statements) in [
        ("bias { mean }", 2),
        ("perYear { mean }", 2),
        // The reviews are read as well.
        ("outliers(direction: KINDEST) { difference }", 3),
    ] {
        for owners in ["critics", "publications"] {
            let document = format!("{{ {owners} {{ nodes {{ {fields} }} }} }}");
            assert_eq!(server.cost(&document).await.0, statements, "{document}");
        }
    }
}

#[tokio::test]
async fn a_cached_outlier_changes_with_the_other_reviews_of_its_film() {
    let server = TestServer::empty().await;
    server.database.execute(CATALOGUE).await;
    server.clear_caches().await;
    let document = "{ critic(by: {slug: \"critic-4\"}) { bias { mean } outliers(direction: HARSHEST, first: 3) { filmScore difference } } }";
    let before = server.query(document).await;
    assert_eq!(server.query(document).await, before);
    let change = "UPDATE review SET score = 100, score_rule = 'given' WHERE critic_id IS DISTINCT FROM (SELECT id FROM critic WHERE slug = 'critic-4')";
    server
        .after_notification(async || server.database.execute(change).await)
        .await;
    let after = server.query(document).await;
    for field in ["bias", "outliers"] {
        assert_ne!(after["critic"][field], before["critic"][field], "{field}");
    }
}
