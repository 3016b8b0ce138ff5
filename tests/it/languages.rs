//! Labels in the language of a request.

mod caching;
mod plurals;
mod streams;

use std::collections::BTreeMap;

use marquee::{
    access::Role,
    translations::{MessageId, Translations},
};
use serde_json::{Value, json};

use crate::support::{TestServer, root};

/// The labels of a film, in the language of the request.
const LABELS: &str = "score { label verdictLabel }
    scoreDistribution { positive { name label } mixed { name label } negative { name label } unrated { name label } }";

/// The labels of a film in the language of an argument.
fn labels_in(locale: &str) -> String {
    let argument = format!("(locale: \"{locale}\")");
    LABELS
        .replace("label ", &format!("label{argument} "))
        .replace("verdictLabel ", &format!("verdictLabel{argument} "))
        .replace("name ", &format!("name{argument} "))
}

/// Queries the labels of a film, with an `Accept-Language` header.
pub async fn labels_by_header(server: &TestServer, slug: &str, header: &str) -> Value {
    let document = format!("{{ film(by: {{slug: \"{slug}\"}}) {{ {LABELS} }} }}");
    let request = json!({ "query": document });
    let headers = [("accept-language", header)];
    let mut response = server.send_with(&headers, request).await.body;
    assert_eq!(response.get("errors"), None, "{response}");
    response["data"]["film"].take()
}

/// Queries the labels of a film, with the argument `locale`.
pub async fn labels_by_argument(server: &TestServer, slug: &str, locale: &str) -> Value {
    let labels = labels_in(locale);
    let document = format!("{{ film(by: {{slug: \"{slug}\"}}) {{ {labels} }} }}");
    server.query(&document).await["film"].take()
}

const FILM: &str = "the-lighthouse-tax-2019";

#[tokio::test]
async fn labels_are_in_the_language_of_the_header_or_of_the_argument() {
    let server = TestServer::demo().await;
    let expected = json!({
        "score": { "label": "Überwiegend positiv – 20 Kritiken", "verdictLabel": "Überwiegend positiv" },
        "scoreDistribution": {
            "positive": { "name": "Positiv", "label": "16 von 21" },
            "mixed": { "name": "Gemischt", "label": "4 von 21" },
            "negative": { "name": "Negativ", "label": "1 von 21" },
            "unrated": { "name": "Ohne Wertung", "label": "0 von 21" },
        },
    });
    let german = labels_by_header(&server, FILM, "de-AT, en;q=0.5").await;
    let shape = |labels: &Value| -> Vec<String> {
        let distribution = labels["scoreDistribution"].as_object().unwrap();
        distribution
            .values()
            .map(|share| share["name"].to_string())
            .collect()
    };
    assert_eq!(german["score"], expected["score"]);
    assert_eq!(shape(&german), shape(&expected));
    assert_eq!(labels_by_argument(&server, FILM, "de").await, german);
    let french = labels_by_header(&server, FILM, "fr-CA").await;
    assert_eq!(
        french["score"]["label"],
        "Critiques généralement favorables – 20 critiques"
    );
    assert_eq!(labels_by_argument(&server, FILM, "FR").await, french);
    let english = labels_by_header(&server, FILM, "es, *;q=0.1").await;
    assert_eq!(
        english["score"]["label"],
        "Generally favorable reviews - based on 20 Critics"
    );
    assert_eq!(labels_by_argument(&server, FILM, "es").await, english);
    // The argument wins over the header.
    let document = format!(
        "{{ film(by: {{slug: \"{FILM}\"}}) {{ score {{ label(locale: \"fr\") none: label(locale: null) }} }} }}"
    );
    let headers = [("accept-language", "de")];
    let response = server
        .send_with(&headers, json!({ "query": document }))
        .await;
    let score = &response.body["data"]["film"]["score"];
    assert_eq!(score["label"], french["score"]["label"]);
    assert_eq!(score["none"], german["score"]["label"]);
}

#[tokio::test]
async fn lists_reviews_and_other_owners_have_labels_too() {
    let server = TestServer::demo().await;
    let document = "query($locale: Locale) { films(first: 100) { nodes { score { verdict label(locale: $locale) verdictLabel(locale: $locale) } } }
        critics(first: 1, orderBy: {field: REVIEW_COUNT}) { nodes { score { label(locale: $locale) reviewCount } } }
        reviews(first: 100) { nodes { sentiment sentimentLabel(locale: $locale) } } }";
    let request = json!({ "query": document, "variables": { "locale": "de" } });
    let response = server.send(request).await.body;
    assert_eq!(response.get("errors"), None, "{response}");
    let by_argument = &response["data"];
    let request = json!({ "query": document });
    let by_header = server
        .send_with(&[("accept-language", "de")], request)
        .await;
    assert_eq!(&by_header.body["data"], by_argument);
    for film in by_argument["films"]["nodes"].as_array().unwrap() {
        let score = &film["score"];
        let expected = match score["verdict"].as_str() {
            Some("UNIVERSAL_ACCLAIM") => json!("Einhelliges Lob"),
            Some("GENERALLY_FAVORABLE") => json!("Überwiegend positiv"),
            Some("MIXED_OR_AVERAGE") => json!("Gemischt"),
            Some("GENERALLY_UNFAVORABLE") => json!("Überwiegend negativ"),
            Some("OVERWHELMING_DISLIKE") => json!("Einhellige Ablehnung"),
            _ => json!(null),
        };
        assert_eq!(score["verdictLabel"], expected);
        let label = score["label"].as_str().unwrap();
        let start = expected.as_str().unwrap_or("Noch keine Wertung");
        assert!(label.starts_with(&format!("{start} – ")), "{label}");
    }
    let score = &by_argument["critics"]["nodes"][0]["score"];
    let count = &score["reviewCount"];
    let label = score["label"].as_str().unwrap();
    assert!(label.ends_with(&format!(" – {count} Kritiken")), "{label}");
    let reviews = by_argument["reviews"]["nodes"].as_array().unwrap();
    let mut seen = Vec::new();
    for review in reviews {
        let expected = match review["sentiment"].as_str() {
            Some("POSITIVE") => json!("Positiv"),
            Some("MIXED") => json!("Gemischt"),
            Some("NEGATIVE") => json!("Negativ"),
            _ => json!(null),
        };
        assert_eq!(review["sentimentLabel"], expected);
        if !seen.contains(&expected) {
            seen.push(expected);
        }
    }
    assert!(seen.len() >= 3, "{seen:?}");
}

#[tokio::test]
async fn a_label_without_a_score_says_how_many_reviews_count_and_are_needed() {
    let server = TestServer::demo().await;
    let document = "{ film(by: {slug: \"sourdough-a-reckoning-2025\"}) {
        score { label countedCount requiredCount }
        german: score { label(locale: \"de\") }
        strict: score(policy: {minimumReviews: 100, estimate: false}) { label countedCount requiredCount }
        one: score(policy: {minimumReviews: 1}, filter: {since: \"2999-01-01\"}) { label french: label(locale: \"fr\") verdictLabel } } }";
    let data = server.query(document).await;
    assert_eq!(
        data["film"],
        json!({
            "score": { "label": "No score yet - 1 of 4 reviews", "countedCount": 1, "requiredCount": 4 },
            "german": { "label": "Noch keine Wertung – 1 von 4 Kritiken" },
            "strict": { "label": "No score yet - 1 of 100 reviews", "countedCount": 1, "requiredCount": 100 },
            "one": { "label": "No score yet - 0 of 1 review", "french": "Pas encore de note – 0 critique sur 1", "verdictLabel": null },
        })
    );
}

#[tokio::test]
async fn an_invalid_locale_is_an_error_before_execution() {
    let server = TestServer::demo().await;
    for locale in [
        "",
        "d",
        "de_AT",
        "de-",
        "x".repeat(9).as_str(),
        "*",
        "de,fr",
    ] {
        let document = format!(
            "{{ film(by: {{slug: \"{FILM}\"}}) {{ title score {{ label(locale: \"{locale}\") }} }} }}"
        );
        let literal = server.send(json!({ "query": document })).await;
        let document = format!(
            "query($locale: Locale) {{ film(by: {{slug: \"{FILM}\"}}) {{ score {{ label(locale: $locale) }} }} }}"
        );
        let request = json!({ "query": document, "variables": { "locale": locale } });
        let variable = server.send(request).await;
        for response in [literal, variable] {
            assert_eq!(response.status, 400, "{locale}");
            assert_eq!(response.body.get("data"), None);
            let message = response.body["errors"][0]["message"].as_str().unwrap();
            let expected = "must be a language tag with hyphens, such as de, de-AT or zh-Hant";
            assert!(message.contains(expected), "{message}");
        }
    }
}

#[tokio::test]
async fn a_mutation_responds_in_the_language_of_its_request() {
    let server = TestServer::demo().await;
    let editor = server.database.token(Role::Editor, None).await;
    let authorization = format!("Bearer {editor}");
    let document = "mutation { addFilm(input: {title: \"Der Steg\"}) { film { score { label } } userErrors { message } } }";
    let headers = [
        ("authorization", authorization.as_str()),
        ("accept-language", "de"),
    ];
    let response = server
        .send_with(&headers, json!({ "query": document }))
        .await;
    assert_eq!(
        response.body["data"]["addFilm"],
        json!({ "film": { "score": { "label": "Noch keine Wertung – 0 von 4 Kritiken" } }, "userErrors": [] })
    );
}

#[test]
fn the_documented_texts_are_valid_and_all_messages_are_listed() {
    let text = std::fs::read_to_string(root().join("docs/languages.md")).unwrap();
    let blocks = text.split("```ftl\n").skip(1);
    let blocks: Vec<_> = blocks
        .map(|block| block.split("```").next().unwrap())
        .collect();
    let [changed, added] = blocks[..] else {
        panic!("{} examples", blocks.len());
    };
    let site = [("de", changed), ("nl", added)];
    let site: BTreeMap<_, _> = site
        .into_iter()
        .map(|(locale, text)| (locale.to_owned(), text.to_owned()))
        .collect();
    let translations = Translations::new(&site).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(translations.languages().count(), 4);
    let rows: Vec<_> = text
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|');
            Some((
                cells.next()?.trim_end().strip_suffix('`')?,
                cells.next()?.trim(),
            ))
        })
        .filter(|(name, _)| name.contains('-') || *name == "share")
        .collect();
    let expected = MessageId::ALL.map(|message| {
        let variables = message.variables().iter();
        let variables: Vec<_> = variables
            .map(|variable| format!("`${}`", variable.name()))
            .collect();
        (message.name(), variables.join(" "))
    });
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(name, variables)| (name, variables.to_owned()))
        .collect();
    assert_eq!(rows, expected);
}
