//! The page of the quiet client, and the operations of the callers.

use serde_json::{Value, json};

/// The page of a film, as a site shows it.
pub const FILM_PAGE: &str = "query($slug: String!) { film(by: {slug: $slug}) { title year score { value label }
    scoreDistribution { positive { count } mixed { count } negative { count } }
    reviews(first: 10, orderBy: {field: DATE}) { nodes { score excerpt critic { name } publication { name } } } } }";

/// Returns the most expensive operations that the limits allow: those that a search has found, with different values.
pub fn expensive() -> Vec<Value> {
    let mut documents = Vec::new();
    for year in 1950..2024 {
        documents.push(format!(
            "{{ publications(first: 100, orderBy: {{field: REVIEW_COUNT}}) {{ nodes {{
                score(filter: {{sentiment: [POSITIVE, NEGATIVE], since: \"{year}-01-01\"}}) {{ value }} }} }} }}"
        ));
        documents.push(format!(
            "{{ critics(first: 100, orderBy: {{field: REVIEW_COUNT}}) {{ nodes {{
                scoreDistribution(filter: {{since: \"{year}-01-01\", scored: true}}) {{ total }} }} }} }}"
        ));
    }
    for day in 1..29 {
        let counts: Vec<String> = (0..40)
            .map(|year| {
                format!(
                    "a{year}: reviews(filter: {{sentiment: [POSITIVE], since: \"{}-03-{day:02}\", scored: true}}) {{ totalCount }}",
                    1980 + year
                )
            })
            .collect();
        documents.push(format!("{{ {} }}", counts.join(" ")));
        documents.push(format!(
            "{{ films(first: 100, filter: {{title: \"e\", minimumReviews: {day}}}) {{ totalCount nodes {{ title synopsis
                reviews(first: 100, orderBy: {{field: SCORE}}) {{ nodes {{ excerpt score critic {{ name }} publication {{ name }} }} }} }} }} }}"
        ));
        documents.push(format!(
            "{{ publications(first: 100, orderBy: {{field: REVIEW_COUNT}}) {{ nodes {{
                reviews(first: {day}, filter: {{scored: false, recommended: true, sentiment: [NEGATIVE]}}) {{ totalCount nodes {{ id }} }} }} }} }}"
        ));
    }
    let requests = documents.into_iter().map(|query| json!({"query": query}));
    requests.collect()
}

/// Returns a mutation that adds a review.
pub fn add_review(number: usize) -> Value {
    let document = "mutation($input: AddReviewInput!) { addReview(input: $input) { review { id } userErrors { message } } }";
    let film = marquee::global_id::GlobalId {
        kind: marquee::global_id::Kind::Film,
        key: 1 + i64::try_from(number % 1_000).unwrap(),
    };
    let input = json!({"film": film.encode(), "byline": "Bench", "score": 50});
    json!({"query": document, "variables": {"input": input}})
}
