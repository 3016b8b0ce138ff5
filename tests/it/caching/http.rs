//! HTTP cache headers for browsers and reverse proxies.

use std::io::Read as _;

use marquee::access::Role;
use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderValue},
};

use super::with_caches;
use crate::support::{TestDatabase, TestServer};

const PAGE: &str = "{ films(first: 20) { nodes { title synopsis score { label } reviews(first: 10) { nodes { excerpt score critic { name } } } } } }";

struct HttpResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl HttpResponse {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

async fn get(server: &TestServer, document: &str, headers: &[(&str, &str)]) -> HttpResponse {
    let url = reqwest::Url::parse_with_params(&server.url("/graphql"), [("query", document)]);
    let mut request = server.client().get(url.unwrap());
    for (name, value) in headers {
        request = request.header(*name, HeaderValue::from_str(value).unwrap());
    }
    let response = request.send().await.unwrap();
    HttpResponse {
        status: response.status(),
        headers: response.headers().clone(),
        body: response.bytes().await.unwrap().to_vec(),
    }
}

#[tokio::test]
async fn a_get_response_is_revalidated_with_its_etag() {
    let server = with_caches(TestDatabase::demo().await).await;
    let first = get(&server, PAGE, &[]).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.header("cache-control"), Some("public, no-cache"));
    let vary = first.header("vary").unwrap();
    for name in ["accept", "accept-encoding", "authorization"] {
        assert!(vary.split(", ").any(|varies| varies == name), "{vary}");
    }
    let etag = first.header("etag").unwrap().to_owned();
    for (condition, status) in [
        (etag.as_str(), 304),
        ("*", 304),
        ("\"other\", W/\"another\"", 200),
        (&format!("\"other\", {etag}"), 304),
        ("nonsense", 200),
    ] {
        let again = get(&server, PAGE, &[("if-none-match", condition)]).await;
        assert_eq!(again.status, status, "{condition}");
        assert_eq!(again.header("etag"), Some(etag.as_str()));
        assert_eq!(again.body.is_empty(), status == 304);
    }
    server
        .after_notification(|| {
            server
                .database
                .execute("UPDATE film SET title = title || '!'")
        })
        .await;
    let changed = get(&server, PAGE, &[("if-none-match", &etag)]).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), Some(etag.as_str()));
}

#[tokio::test]
async fn the_etag_of_a_response_is_the_same_on_every_server() {
    let server = with_caches(TestDatabase::demo().await).await;
    let plain = TestServer::sharing_database_with(
        &server,
        &["--answer-cache=0", "--row-cache=0", "--max-age=60"],
    );
    let [cached, uncached] = [get(&server, PAGE, &[]).await, get(&plain, PAGE, &[]).await];
    assert_eq!(cached.header("etag"), uncached.header("etag"));
    assert_eq!(
        cached.header("surrogate-key"),
        uncached.header("surrogate-key")
    );
    assert_eq!(uncached.header("cache-control"), Some("public, max-age=60"));
}

/// A process that purges a reverse proxy LISTENs on the channel and purges the surrogate keys of each notification.
#[tokio::test]
async fn surrogate_keys_match_the_keys_of_change_notifications() {
    let server = with_caches(TestDatabase::demo().await).await;
    let keys = |got: &HttpResponse| -> Vec<String> {
        let keys = got.header("surrogate-key").unwrap();
        keys.split(' ').map(str::to_owned).collect()
    };
    let document = r#"{ film(by: {slug: "the-lighthouse-tax-2019"}) { title reviews(first: 1, orderBy: {field: SCORE}) { nodes { critic { name } } } } }"#;
    let id = server
        .database
        .texts("SELECT id::text FROM film WHERE slug = 'the-lighthouse-tax-2019'")
        .await;
    let critic = server
        .database
        .texts("SELECT critic_id::text FROM review JOIN film ON film.id = film_id WHERE slug = 'the-lighthouse-tax-2019' ORDER BY score DESC NULLS LAST, review.id LIMIT 1")
        .await;
    let expected = [
        format!("f{}", id[0]),
        format!("F{}", id[0]),
        format!("c{}", critic[0]),
    ];
    let mut actual = keys(&get(&server, document, &[]).await);
    actual.sort();
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(actual, expected);
    assert_eq!(
        keys(&get(&server, "{ critics { totalCount } }", &[]).await)[0],
        "c"
    );
}

#[tokio::test]
async fn responses_for_one_client_are_not_cacheable() {
    let server = with_caches(TestDatabase::demo().await).await;
    let token = server.database.token(Role::Admin, None).await;
    let bearer = format!("Bearer {token}");
    for (document, headers) in [
        ("{ viewer { role } }", &[][..]),
        ("{ rateLimit { remaining } films { nodes { title } } }", &[]),
        (PAGE, &[("authorization", bearer.as_str())]),
        (
            "{ tokens { nodes { name } } }",
            &[("authorization", bearer.as_str())],
        ),
        ("{ nothing }", &[]),
        ("{ films(first: 1000) { nodes { title } } }", &[]),
    ] {
        for _ in 0..2 {
            let got = get(&server, document, headers).await;
            assert_eq!(got.header("cache-control"), Some("no-store"), "{document}");
            assert_eq!(got.header("etag"), None, "{document}");
        }
    }
    // Of these, only the page has the same response for all callers of a role.
    assert_eq!(super::hits(&server).await, 1);
    let posted = server
        .client()
        .post(server.url("/graphql"))
        .json(&serde_json::json!({ "query": PAGE }))
        .send()
        .await
        .unwrap();
    assert_eq!(posted.headers()["cache-control"], "no-store");
    // The role is part of the cache key, and so is its absence.
    assert_eq!(super::hits(&server).await, 1);
}

#[tokio::test]
async fn responses_are_compressed_as_negotiated_when_that_is_smaller() {
    let server = with_caches(TestDatabase::demo().await).await;
    let plain = TestServer::sharing_database_with(&server, &["--answer-cache=0"]);
    let whole = get(&server, PAGE, &[]).await;
    assert_eq!(whole.header("content-encoding"), None);
    for server in [&server, &plain] {
        for (accepted, encoding) in [
            ("gzip", Some("gzip")),
            ("br", Some("br")),
            ("zstd", Some("zstd")),
            ("gzip, deflate, br, zstd", Some("br")),
            ("br;q=0.5, gzip;q=0.9", Some("gzip")),
            ("identity", None),
            ("deflate", None),
            ("br;q=0, zstd;q=0.1", Some("zstd")),
        ] {
            let got = get(server, PAGE, &[("accept-encoding", accepted)]).await;
            assert_eq!(got.header("content-encoding"), encoding, "{accepted}");
            assert_eq!(got.header("etag"), whole.header("etag"));
            let mut body = Vec::new();
            match encoding {
                Some("gzip") => {
                    let mut reader = flate2::read::GzDecoder::new(&got.body[..]);
                    reader.read_to_end(&mut body).unwrap();
                }
                Some("br") => {
                    let mut reader = brotli::Decompressor::new(&got.body[..], 4_096);
                    reader.read_to_end(&mut body).unwrap();
                }
                Some("zstd") => body = zstd::decode_all(&got.body[..]).unwrap(),
                _ => body.clone_from(&got.body),
            }
            assert_eq!(body, whole.body, "{accepted}");
            if encoding.is_some() {
                assert!(got.body.len() < whole.body.len() / 2);
            }
        }
        let small = get(server, "{ __typename }", &[("accept-encoding", "gzip")]).await;
        assert_eq!(small.header("content-encoding"), None);
    }
}
