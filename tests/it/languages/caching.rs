//! Cached responses never mix languages.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::FILM;
use crate::support::{TestDatabase, TestServer};

/// A response to a GET.
struct Got {
    status: u16,
    headers: HeaderMap,
    body: Option<Value>,
}

impl Got {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn label(&self) -> &str {
        let body = self.body.as_ref().unwrap();
        body["data"]["film"]["score"]["label"].as_str().unwrap()
    }

    fn varies_by_language(&self) -> bool {
        let vary = self.header("vary").unwrap();
        vary.split(", ").any(|name| name == "accept-language")
    }
}

async fn get(server: &TestServer, document: &str, language: &str, etag: Option<&str>) -> Got {
    let url = reqwest::Url::parse_with_params(&server.url("/graphql"), [("query", document)]);
    let mut request = server.client().get(url.unwrap());
    request = request.header("accept-language", language);
    if let Some(etag) = etag {
        request = request.header("if-none-match", etag);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.unwrap();
    Got {
        status,
        headers,
        body: serde_json::from_slice(&bytes).ok(),
    }
}

async fn with_cache() -> TestServer {
    let database = TestDatabase::demo().await;
    let server = TestServer::with_arguments(database, &["--answer-cache=8", "--row-cache=8"]);
    server.clear_caches().await;
    server
}

async fn hits(server: &TestServer) -> u64 {
    server.metric("marquee_answer_cache_hits_total").await
}

fn document(label: &str) -> String {
    format!("{{ film(by: {{slug: \"{FILM}\"}}) {{ title score {{ {label} }} }} }}")
}

/// The language that comes first must not decide what the others get, so each order is tried.
#[tokio::test]
async fn languages_in_a_row_never_mix() {
    let starts = [
        ("en", "Generally favorable reviews"),
        ("de-AT, fr;q=0.5", "Überwiegend positiv"),
        ("fr", "Critiques généralement favorables"),
        ("es", "Generally favorable reviews"),
        ("de", "Überwiegend positiv"),
    ];
    for first in 0..starts.len() {
        let server = with_cache().await;
        let mut etags: Vec<(String, String)> = Vec::new();
        for round in 0..3 {
            for step in 0..starts.len() {
                let (header, start) = starts[(first + step) % starts.len()];
                let got = get(&server, &document("label"), header, None).await;
                assert!(got.label().starts_with(start), "{header}: {}", got.label());
                let language = got.header("content-language").unwrap();
                assert_eq!(language, &start_language(start));
                assert!(got.varies_by_language());
                let etag = got.header("etag").unwrap().to_owned();
                for (other, of_other) in &etags {
                    assert_eq!(*of_other == etag, other == language);
                }
                etags.push((language.to_owned(), etag));
            }
            // Each of the three languages is computed once.
            let requests = (round + 1) * starts.len() as u64;
            assert_eq!(hits(&server).await, requests - 3);
        }
        // A response in one language never validates that of another.
        for (language, etag) in &etags {
            for header in ["en", "de", "fr"] {
                let got = get(&server, &document("label"), header, Some(etag)).await;
                let status = if header == language { 304 } else { 200 };
                assert_eq!(got.status, status, "{header} {language}");
                assert_eq!(got.header("content-language"), Some(header));
                assert!(got.varies_by_language());
            }
        }
    }
}

fn start_language(start: &str) -> String {
    let first = start.chars().next().unwrap();
    match first {
        'G' => "en",
        'Ü' => "de",
        _ => "fr",
    }
    .to_owned()
}

#[tokio::test]
async fn a_response_without_labels_in_the_requests_language_is_cached_once() {
    let without_label = document("value");
    let with_argument = document("label(locale: \"de\") verdictLabel(locale: \"fr\")");
    let without_selection = document("value label @skip(if: true)");
    for document in [without_label, with_argument, without_selection] {
        let server = with_cache().await;
        let mut bodies = Vec::new();
        for header in ["fr", "de", "en", "de-CH", "es"] {
            let got = get(&server, &document, header, None).await;
            assert_eq!(got.header("content-language"), None, "{document}");
            assert!(!got.varies_by_language(), "{document}");
            bodies.push(got.body);
        }
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{document}");
        assert_eq!(hits(&server).await, 4, "{document}");
    }
}

#[tokio::test]
async fn a_change_invalidates_all_languages() {
    let server = with_cache().await;
    for header in ["de", "en", "fr", "de"] {
        get(&server, &document("label"), header, None).await;
    }
    server
        .after_notification(|| {
            server.database.execute(
                "DELETE FROM review WHERE id = (SELECT min(review.id) FROM review JOIN film ON film.id = film_id WHERE slug = 'the-lighthouse-tax-2019')",
            )
        })
        .await;
    for (header, expected) in [
        ("de", " – 20 Kritiken"),
        ("en", " - based on 20 Critics"),
        ("fr", " – 20 critiques"),
    ] {
        let got = get(&server, &document("label"), header, None).await;
        assert!(got.label().ends_with(expected), "{}", got.label());
    }
}

/// Concurrent requests for one document share a response only within a language.
#[tokio::test]
async fn concurrent_requests_of_several_languages_never_mix() {
    let server = with_cache().await;
    let request = json!({ "query": document("label") });
    for _ in 0..20 {
        server.clear_caches().await;
        let headers = ["de", "en", "fr", "de", "es", "fr"];
        let sending = headers.map(|header| {
            let request = request.clone();
            let server = &server;
            async move {
                let headers = [("accept-language", header)];
                server.send_with(&headers, request).await.body
            }
        });
        let responses = futures_util::future::join_all(sending).await;
        for (header, response) in headers.iter().zip(responses) {
            let label = response["data"]["film"]["score"]["label"].as_str().unwrap();
            let noun = match *header {
                "de" => "Kritiken",
                "fr" => "critiques",
                _ => "Critics",
            };
            assert!(label.ends_with(noun), "{header}: {label}");
        }
    }
}
