//! Each range of numbers that the schema documents is the one that the server accepts.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{InputValueDefinition, TypeKind, TypeSystemDefinition},
};
use serde_json::{Value, json};

use super::{Fixture, merged, request};

/// Returns the range that a description begins with or contains, such as `1 to 86,400`.
fn range_in(description: &str) -> Option<(f64, f64)> {
    let number = |word: &str| {
        let digits = word
            .trim_end_matches([';', ':', '.', ',', ')'])
            .replace(',', "");
        digits.parse::<f64>().ok()
    };
    let words: Vec<_> = description.split_whitespace().collect();
    words.windows(3).find_map(|words| match words {
        [from, "to", to] => Some((number(from)?, number(to)?)),
        _ => None,
    })
}

/// Returns the documented ranges of numbers by the type and the name of the input, or the field and its argument. Each
/// connection has the same arguments, so those of `Query.films` stand for all.
fn documented_ranges() -> BTreeMap<String, (f64, f64)> {
    let document = parse_schema(marquee::graphql::schema::sdl()).unwrap();
    let mut ranges = BTreeMap::new();
    let mut add = |owner: &str, input: &InputValueDefinition| {
        let ty = input.ty.node.to_string();
        let is_number = ["Int", "Float"].contains(&ty.trim_end_matches('!'));
        let description = input.description.as_ref().map(|text| text.node.as_str());
        if let Some(range) = description.filter(|_| is_number).and_then(range_in) {
            ranges.insert(format!("{owner}.{}", input.name.node), range);
        }
    };
    for definition in document.definitions {
        let TypeSystemDefinition::Type(ty) = definition else {
            continue;
        };
        let name = ty.node.name.node.as_str();
        match &ty.node.kind {
            TypeKind::InputObject(inputs) => {
                for input in &inputs.fields {
                    add(name, &input.node);
                }
            }
            TypeKind::Object(object) => {
                for field in &object.fields {
                    for argument in &field.node.arguments {
                        add(&format!("{name}.{}", field.node.name.node), &argument.node);
                    }
                }
            }
            _ => {}
        }
    }
    ranges
}

/// Returns a query for scores with the weight `#` of a critic or a publication.
fn weighted(fixture: &Fixture, input: &str) -> String {
    let (field, noun, id) = match input {
        "CriticWeightInput" => ("criticWeights", "critic", &fixture.ann),
        _ => ("publicationWeights", "publication", &fixture.post),
    };
    format!(
        "{{ films {{ nodes {{ score(policy: {{{field}: [{{{noun}: {{id: \"{id}\"}}, weight: #}}]}}) {{ value }} }} }} }}"
    )
}

/// Returns the input of a film whose poster has a number in a field.
fn with_poster(field: &str, number: &Value) -> Value {
    let slug = format!("poster-{field}-{number}").replace(['.', '-'], "x");
    let poster = json!({ "url": "https://films.example/1.jpg", (field): number });
    json!({ "title": "Range", "slug": slug.to_lowercase(), "poster": poster })
}

/// Returns a request that sets an input to a number.
fn request_with(fixture: &Fixture, review: &Value, input: &str, number: f64) -> Value {
    // Both are exact: the ranges are whole or have two decimal places.
    let whole = format!("{number:.0}").parse::<i64>().ok();
    let number = match whole.filter(|_| number.fract() == 0.0) {
        Some(whole) => json!(whole),
        None => json!(number),
    };
    let payload = "userErrors { code }";
    let query = |document: &str| json!({ "query": document.replace('#', &number.to_string()) });
    let (owner, field) = input.rsplit_once('.').unwrap();
    // The slug makes each film another one.
    let title = json!({ "title": "Range", "slug": format!("range-{}", number.to_string().replace(['.', '-'], "x")) });
    let name = json!({ "name": format!("Range {number}") });
    let set = |more: Value| merged(more, json!({ (field): number }));
    match owner {
        "AddFilmInput" => request("addFilm", payload, &set(title)),
        "UpdateFilmInput" => request("updateFilm", payload, &set(json!({ "id": fixture.film }))),
        "PosterInput" => request("addFilm", payload, &with_poster(field, &number)),
        "UpdateSiteRulesInput" => request("updateSiteRules", payload, &set(json!({}))),
        "AddReviewInput" => request("addReview", payload, &set(json!({ "film": fixture.film }))),
        "UpdateReviewInput" => request("updateReview", payload, &set(json!({ "id": review }))),
        "AddPublicationInput" => request("addPublication", payload, &set(name)),
        "UpdatePublicationInput" => request(
            "updatePublication",
            payload,
            &set(json!({ "id": fixture.post })),
        ),
        "TitleInput" => {
            let titled = set(json!({ "title": "Nothing" }));
            let page = json!({ "text": include_str!("../fixtures/page.txt"), "film": { "titled": titled }, "dryRun": true });
            request("importPage", payload, &page)
        }
        "ImportFileInput" => {
            let content = json!({ "text": "Film,Critic,Rating\nLamp,Ann,1\n" });
            let file = set(json!({ "content": content, "dryRun": true }));
            request("importFile", payload, &file)
        }
        "ScoringPolicyInput" => query(&format!(
            "{{ films {{ nodes {{ score(policy: {{{field}: #}}) {{ value }} }} }} }}"
        )),
        "PublicationWeightInput" | "CriticWeightInput" => query(&weighted(fixture, owner)),
        "ScoreDistribution.histogram" => {
            query("{ films { nodes { scoreDistribution { histogram(width: #) { count } } } } }")
        }
        "Critic.closestCritics"
        | "Critic.furthestCritics"
        | "Critic.outliers"
        | "Publication.outliers"
        | "Film.similarFilms"
        | "Film.topQuotes" => query(&query_of_comparison(owner, field)),
        "Film.jsonLd" => query("{ films { nodes { jsonLd(first: #) } } }"),
        "Review.excerptText" => query("{ reviews { nodes { excerptText(maxLength: #) } } }"),
        "Query.search" => query(&format!(
            "{{ search(text: \"x\", {field}: #) {{ nodes {{ id }} }} }}"
        )),
        list => query(&query_of_list(list, field)),
    }
}

/// Returns the query for a list that is no connection with a placeholder for one of its arguments.
fn query_of_comparison(list: &str, argument: &str) -> String {
    let (parent, list) = list.split_once('.').unwrap();
    let more = if list == "outliers" {
        "direction: KINDEST, "
    } else {
        ""
    };
    let parents = parent.to_lowercase();
    format!("{{ {parents}s {{ nodes {{ {list}({more}{argument}: #) {{ __typename }} }} }} }}")
}

/// Returns the query for a list with a placeholder for one of its arguments.
fn query_of_list(list: &str, argument: &str) -> String {
    let (parent, list) = list.split_once('.').unwrap();
    let list = format!("{list}({argument}: #) {{ totalCount }}");
    match parent {
        "Query" => format!("{{ {list} }}"),
        "Film" => format!("{{ films {{ nodes {{ {list} }} }} }}"),
        "Critic" => format!("{{ critics {{ nodes {{ {list} }} }} }}"),
        "Publication" => format!("{{ publications {{ nodes {{ {list} }} }} }}"),
        "Score" => format!("{{ films {{ nodes {{ score {{ {list} }} }} }} }}"),
        "Review" => format!("{{ reviews {{ nodes {{ {list} }} }} }}"),
        other => panic!("no request for {other}"),
    }
}

#[tokio::test]
async fn the_ends_of_each_documented_range_are_valid_and_the_numbers_beyond_are_not() {
    let fixture = Fixture::new().await;
    let review = fixture.add_review(json!({ "score": 50 })).await["id"].take();
    let admin = fixture
        .database()
        .token(marquee::access::Role::Admin, None)
        .await;
    let ranges = documented_ranges();
    assert!(ranges.len() >= 20, "{ranges:?}");
    for (input, (from, to)) in ranges {
        let step = if from.fract() == 0.0 { 1.0 } else { 0.01 };
        for (number, is_valid) in [
            (from - step, false),
            (from, true),
            (to, true),
            (to + step, false),
        ] {
            let number = (number * 100.0).round() / 100.0;
            let request = request_with(&fixture, &review, &input, number);
            let response = fixture.server.send_as(&admin, request).await;
            let body = &response.body;
            let user_errors = body["data"]
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(_, payload)| payload["userErrors"].as_array());
            let is_refused = body.get("errors").is_some()
                || user_errors.into_iter().any(|errors| !errors.is_empty());
            assert_eq!(!is_refused, is_valid, "{input}: {number}: {body}");
        }
    }
}
