//! The prices of the operations that took the most time per unit, or the most time, in searches by `benches/price`.

use std::sync::Arc;

use chrono::{Months, NaiveDate};

use super::{pipeline, plan};
use crate::{
    review::statistics::{CurrentStatistics, ReviewClass, Statistics},
    score::{Sentiment, Weighting},
};

/// The time that a unit takes in the median, in microseconds.
const MEDIAN: f64 = 0.6;

/// The most time that a unit may take, as a multiple of the median.
const MAX_RATIO: f64 = 30.0;

/// Statistics like those of the generated catalogue of a million reviews: of 30 years, with few unscored reviews, and
/// hardly any that contradict their recommendation.
fn statistics() -> Statistics {
    let first = NaiveDate::from_ymd_opt(1995, 1, 1).unwrap();
    let months = (0..360).map(|month| first + Months::new(month));
    let classes = months.flat_map(|month| {
        [
            (Sentiment::Positive, true, Some(true), 1_600),
            (Sentiment::Mixed, true, None, 700),
            (Sentiment::Negative, true, Some(false), 450),
            (Sentiment::Negative, false, Some(true), 2),
        ]
        .map(|(sentiment, is_scored, recommended, reviews)| ReviewClass {
            month: Some(month),
            sentiment: Some(sentiment),
            is_scored,
            recommended,
            reviews,
        })
    });
    Statistics {
        films: 50_000,
        critics: 5_000,
        publications: 500,
        of_films: (0..100).map(|rank| 2_400 / (rank + 3)).collect(),
        of_critics: (0..100).map(|rank| 20_000 / (rank + 2)).collect(),
        of_publications: (0..100).map(|rank| 60_000 / (rank + 3)).collect(),
        classes: classes.collect(),
        weighting: Weighting::ByPublication,
        has_review_index: false,
    }
}

/// The operations, each with its time in microseconds for a single client, without caches.
const FOUND: [(&str, f64); 20] = [
    ("{ rateLimit { limit } }", 470.0),
    ("{ films { pageInfo { hasPreviousPage } } }", 800.0),
    ("{ films(last: 10) { edges { cursor } } }", 870.0),
    (
        "{ critics(filter: {}, last: 100) { pageInfo { endCursor } } }",
        1_790.0,
    ),
    ("{ publications(first: 20) { nodes { url } } }", 800.0),
    (
        "{ critics { totalCount } critics2: critics(last: 100) { nodes { version } } }",
        12_400.0,
    ),
    (r#"{ nodes(ids: ["a", "b", "c", "d"]) { id } }"#, 3_260.0),
    (r#"{ films(filter: {title: "e"}) { totalCount } }"#, 1_400.0),
    (
        "{ films(filter: {minimumReviews: 1, score: {to: 100}, year: {to: 1996}}) { pageInfo { endCursor } } }",
        2_010.0,
    ),
    (
        r#"{ reviews(filter: {sentiment: [POSITIVE], since: "1998-02-05", scored: true}) { totalCount } }"#,
        1_500.0,
    ),
    (
        r#"{ reviews(filter: {recommended: false, scored: true, since: "9999-12-31"}, first: 1) { nodes { id } } }"#,
        1_200.0,
    ),
    (
        r#"{ reviews(filter: {recommended: true, sentiment: [NEGATIVE], since: "0001-01-01"}, last: 10) { nodes { id } } }"#,
        2_640.0,
    ),
    (
        "{ reviews(filter: {scored: false, recommended: true, sentiment: [NEGATIVE]}) { nodes { id } } }",
        740.0,
    ),
    (
        r#"{ reviews(filter: {until: "1995-03-01"}, orderBy: {field: SCORE}, first: 100) { nodes { id } } }"#,
        16_790.0,
    ),
    (
        r#"{ reviews(filter: {publication: "UHVibGljYXRpb246MTI3"}, orderBy: {field: SCORE, direction: ASC}) { nodes { id } } }"#,
        1_140.0,
    ),
    (
        r#"{ reviews(filter: {critic: "Q3JpdGljOjI2NA", scored: false}) { totalCount nodes { scoreRule } } }"#,
        34_060.0,
    ),
    (
        "{ critics(first: 100, orderBy: {field: REVIEW_COUNT}) { nodes { reviews(orderBy: {field: DATE, direction: ASC}, first: 1) { nodes { id } } } } }",
        4_790.0,
    ),
    (
        r#"{ publications(first: 100, orderBy: {field: REVIEW_COUNT}) { nodes { score(filter: {since: "2000-01-01"}) { value } } } }"#,
        117_000.0,
    ),
    (
        r#"{ critics(first: 100, orderBy: {field: REVIEW_COUNT}) { nodes { scoreDistribution(filter: {since: "2000-01-01", scored: true}) { total } } } }"#,
        66_000.0,
    ),
    (
        "{ publications(first: 100, orderBy: {field: REVIEW_COUNT}) { nodes { reviews(first: 20, filter: {scored: false, recommended: true, sentiment: [NEGATIVE]}) { totalCount nodes { id } } } } }",
        90_000.0,
    ),
];

#[test]
fn what_searches_have_found_costs_as_much_as_it_takes() {
    let current = CurrentStatistics::default();
    current.store(Arc::new(statistics()));
    let pipeline = pipeline(&crate::graphql::schema::sdl()).with_statistics(Arc::new(current));
    for (document, microseconds) in FOUND {
        let cost = plan(&pipeline, document, None, "{}").unwrap().cost.total;
        let cost = f64::from(u32::try_from(cost).unwrap());
        let ratio = microseconds / cost / MEDIAN;
        assert!(
            ratio <= MAX_RATIO,
            "{ratio:.0} times the median: {document}"
        );
        // It must not cost much more than it takes either.
        assert!(ratio >= 0.01, "{ratio:.3} times the median: {document}");
    }
}
