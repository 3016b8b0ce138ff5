//! The real page that the rules were first built for.

use chrono::Utc;
use marquee::import::{
    FilmName,
    page::{Order, parse},
    store::page::{PageFilm, PageImport, store_page},
};
use serde_json::{Value, json};

use super::film;
use crate::languages::{labels_by_argument, labels_by_header};
use crate::support::{TestDatabase, TestServer, shared_file};

/// Stores the real page that the rules were first built for. Returns its text and the film, or `None` without the file.
async fn seed_page() -> Option<(String, Value)> {
    let (text, server) = serve_seed_page().await?;
    Some((text, film(&server, "pusher-1996").await))
}

/// Serves the real page. Returns its text and the server, or `None` without the file.
async fn serve_seed_page() -> Option<(String, TestServer)> {
    let text = std::fs::read_to_string(shared_file("seed/pusher.txt")?).unwrap();
    let page = parse(
        &text,
        Order::BestToWorst,
        &marquee::site_rules::SiteRules::default(),
    )
    .unwrap();
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    let name = FilmName::new("Pusher", Some(1996)).unwrap();
    let import = PageImport {
        film: PageFilm::Named(&name),
        source: "page",
        dry_run: false,
        now: Utc::now(),
    };
    store_page(&page, &import, &connection)
        .await
        .unwrap()
        .unwrap();
    Some((text, TestServer::with_database(database)))
}

#[tokio::test]
async fn the_seed_page_is_reproduced_exactly() {
    let Some((_, film)) = seed_page().await else {
        return;
    };
    assert_eq!(film["title"], "Pusher");
    assert_eq!(
        film["score"],
        json!({ "value": 75, "verdict": "GENERALLY_FAVORABLE", "label": "Generally favorable reviews - based on 11 Critics", "estimated": true, "reviewCount": 11 })
    );
    let distribution = &film["scoreDistribution"];
    assert_eq!(distribution["total"], 11);
    assert_eq!(
        distribution["positive"],
        json!({ "count": 9, "label": "9 out of 11" })
    );
    assert_eq!(
        distribution["mixed"],
        json!({ "count": 2, "label": "2 out of 11" })
    );
    assert_eq!(
        distribution["negative"],
        json!({ "count": 0, "label": "0 out of 11" })
    );
    assert_eq!(
        distribution["histogram"][4],
        json!({ "from": 80, "to": 100, "count": 1 })
    );
    assert_eq!(film["publishedScores"][0]["agrees"], true);
}

#[tokio::test]
async fn the_seed_page_is_shown_in_german_and_french() {
    let Some((_, server)) = serve_seed_page().await else {
        return;
    };
    let share = |name: &str, label: &str| json!({ "name": name, "label": label });
    for (locale, expected) in [
        (
            "de",
            json!({
                "score": { "label": "Überwiegend positiv – 11 Kritiken", "verdictLabel": "Überwiegend positiv" },
                "scoreDistribution": {
                    "positive": share("Positiv", "9 von 11"),
                    "mixed": share("Gemischt", "2 von 11"),
                    "negative": share("Negativ", "0 von 11"),
                    "unrated": share("Ohne Wertung", "0 von 11"),
                },
            }),
        ),
        (
            "fr",
            json!({
                "score": { "label": "Critiques généralement favorables – 11 critiques", "verdictLabel": "Critiques généralement favorables" },
                "scoreDistribution": {
                    "positive": share("Positives", "9 sur 11"),
                    "mixed": share("Mitigées", "2 sur 11"),
                    "negative": share("Négatives", "0 sur 11"),
                    "unrated": share("Sans avis", "0 sur 11"),
                },
            }),
        ),
    ] {
        let by_header = labels_by_header(&server, "pusher-1996", locale).await;
        assert_eq!(by_header, expected);
        let by_argument = labels_by_argument(&server, "pusher-1996", locale).await;
        assert_eq!(by_argument, expected);
    }
}

#[tokio::test]
async fn the_reviews_of_the_seed_page_are_reproduced_in_order() {
    let Some((text, film)) = seed_page().await else {
        return;
    };
    let reviews = film["reviews"]["nodes"].as_array().unwrap();
    assert_eq!(
        (film["reviews"]["totalCount"].as_u64(), reviews.len()),
        (Some(11), 11)
    );
    let (second, third, sixth) = (&reviews[1], &reviews[2], &reviews[5]);
    assert_eq!(
        (
            second["score"].as_u64(),
            second["critic"].is_null(),
            second["reviewedOn"].is_null()
        ),
        (Some(80), true, true)
    );
    assert_eq!(
        (third["byline"].as_str(), third["critic"].is_null()),
        (Some("Staff [Not Credited]"), true)
    );
    assert_eq!(
        (sixth["byline"].as_str(), sixth["critic"]["name"].as_str()),
        (Some("Gunnar Rehlin"), Some("Gunnar Rehlin"))
    );
    let sentiments: Vec<_> = reviews
        .iter()
        .map(|review| review["sentiment"].as_str().unwrap())
        .collect();
    assert_eq!(
        sentiments,
        [["POSITIVE"; 9].as_slice(), &["MIXED"; 2]].concat()
    );
    // The excerpts appear in the text in the order of the response.
    let flat = text.replace('\u{a0}', " ");
    let places: Vec<_> = reviews
        .iter()
        .map(|review| flat.find(review["excerpt"].as_str().unwrap()).unwrap())
        .collect();
    assert!(places.is_sorted(), "{places:?}");
}
