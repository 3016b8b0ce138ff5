//! Imports a page, and reads it back with the API.

mod names;
mod seed;

use chrono::Utc;
use marquee::import::{
    FilmName, ImportSummary,
    page::{Order, parse},
    store::page::{PageFilm, PageImport, store_page},
};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};

use crate::{
    languages::{labels_by_argument, labels_by_header},
    support::{TestDatabase, TestServer},
};

/// A page in invented words with peculiarities of real ones: no-break spaces, a score without a name, and a byline that
/// credits no critic.
const PAGE: &str = include_str!("fixtures/page.txt");

async fn import(text: &str, dry_run: bool, connection: &DatabaseConnection) -> ImportSummary {
    let film = FilmName::new(" The Quiet Ferry ", Some(2001)).unwrap();
    let import = PageImport {
        film: PageFilm::Named(&film),
        source: "page",
        dry_run,
        now: Utc::now(),
    };
    store_page(
        &parse(
            text,
            Order::BestToWorst,
            &marquee::site_rules::SiteRules::default(),
        )
        .unwrap(),
        &import,
        connection,
    )
    .await
    .unwrap()
    .unwrap()
}

async fn film(server: &TestServer, slug: &str) -> Value {
    let document = format!(
        "{{ film(by: {{slug: \"{slug}\"}}) {{ title year
            score {{ value verdict label estimated reviewCount }}
            scoreDistribution {{ total positive {{ count label }} mixed {{ count label }} negative {{ count label }} histogram(width: 20) {{ from to count }} }}
            publishedScores {{ source kind value label reviewCount positiveCount mixedCount negativeCount agrees }}
            reviews(first: 20) {{ totalCount nodes {{ byline score scoreRule sentiment reviewedOn excerpt critic {{ name slug }} film {{ title }} }} }} }} }}"
    );
    server.query(&document).await["film"].take()
}

#[tokio::test]
async fn a_page_is_shown_in_the_language_of_the_request() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    import(PAGE, false, &connection).await;
    let server = TestServer::with_database(database);
    for (locale, label, positive) in [
        ("de", "Überwiegend positiv – 5 Kritiken", "3 von 5"),
        (
            "fr",
            "Critiques généralement favorables – 5 critiques",
            "3 sur 5",
        ),
        (
            "en",
            "Generally favorable reviews - based on 5 Critics",
            "3 out of 5",
        ),
    ] {
        let slug = "the-quiet-ferry-2001";
        let by_header = labels_by_header(&server, slug, locale).await;
        assert_eq!(by_header["score"]["label"], label);
        let share = &by_header["scoreDistribution"]["positive"];
        assert_eq!(share["label"], positive);
        let by_argument = labels_by_argument(&server, slug, locale).await;
        assert_eq!(by_argument, by_header);
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_page_is_returned_in_its_order() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    let summary = import(PAGE, false, &connection).await;
    assert_eq!(
        (summary.film_slug.as_str(), summary.reviews.new),
        ("the-quiet-ferry-2001", 5)
    );
    let server = TestServer::with_database(database);
    insta::assert_json_snapshot!(film(&server, "the-quiet-ferry-2001").await);
    assert_eq!(
        marquee::review::store::tally::recount(&connection)
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn importing_again_changes_nothing() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    assert!(import(PAGE, false, &connection).await.has_changes());
    let again = import(PAGE, false, &connection).await;
    assert!(!again.has_changes(), "{again:?}");
    assert_eq!(
        (
            again.reviews.same,
            again.critics.same,
            again.films.same,
            again.published_scores.same
        ),
        (5, 3, 1, 1)
    );
}

#[tokio::test]
async fn a_changed_page_updates_only_what_differs() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    import(PAGE, false, &connection).await;
    let corrected = PAGE
        .replace("Jul 2, 2001", "Jul 4, 2001")
        .replace("  2. 85", "  2. 83");
    let summary = import(&corrected, false, &connection).await;
    assert_eq!(
        (
            summary.reviews.new,
            summary.reviews.changed,
            summary.reviews.same,
            summary.missing
        ),
        (0, 3, 2, 0)
    );
    assert!(!summary.published_scores.has_changes() && !summary.critics.has_changes());
    assert_eq!(
        marquee::review::store::tally::recount(&connection)
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn a_dry_run_stores_nothing() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    let summary = import(PAGE, true, &connection).await;
    assert_eq!(summary.reviews.new, 5);
    let server = TestServer::with_database(database);
    assert_eq!(film(&server, "the-quiet-ferry-2001").await, Value::Null);
    let data = server
        .query("{ critics { totalCount } films { totalCount } reviews { totalCount } }")
        .await;
    assert_eq!(
        data,
        json!({ "critics": { "totalCount": 0 }, "films": { "totalCount": 0 }, "reviews": { "totalCount": 0 } })
    );
}

#[tokio::test]
async fn concurrent_imports_of_a_page_store_it_once() {
    let database = TestDatabase::empty().await;
    let (one, other) = (database.connect(2), database.connect(2));
    let (first, second) = tokio::join!(import(PAGE, false, &one), import(PAGE, false, &other));
    assert_eq!(first.reviews.new + second.reviews.new, 5);
    assert_eq!(first.reviews.same + second.reviews.same, 5);
}

#[tokio::test]
async fn critics_whose_names_share_a_slug_get_unique_slugs() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    import(PAGE, false, &connection).await;
    // The same letters without accents, for another critic.
    let other = PAGE.replace("Renée Ashgrove", "Renee Ashgrove");
    let summary = import(&other, false, &connection).await;
    assert_eq!(summary.critics.new, 1);
    let server = TestServer::with_database(database);
    let data = server
        .query("{ critics(filter: {name: \"Ashgrove\"}) { nodes { name slug } } }")
        .await;
    assert_eq!(
        data["critics"]["nodes"],
        json!([{ "name": "Renee Ashgrove", "slug": "renee-ashgrove-2" }, { "name": "Renée Ashgrove", "slug": "renee-ashgrove" }])
    );
}

#[tokio::test]
async fn films_whose_titles_share_a_slug_stay_apart() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    let page = parse(
        PAGE,
        Order::BestToWorst,
        &marquee::site_rules::SiteRules::default(),
    )
    .unwrap();
    let mut slugs = Vec::new();
    for title in ["Who?", "Who!", "Who?", "???"] {
        let film = FilmName::new(title, Some(1999)).unwrap();
        let import = PageImport {
            film: PageFilm::Named(&film),
            source: "page",
            dry_run: false,
            now: Utc::now(),
        };
        slugs.push(
            store_page(&page, &import, &connection)
                .await
                .unwrap()
                .unwrap()
                .film_slug,
        );
    }
    assert_eq!(slugs, ["who-1999", "who-1999-2", "who-1999", "1999"]);
}

#[tokio::test]
async fn a_page_of_thousands_of_reviews_is_stored_whole() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    let reviews: Vec<String> = (1..=7000)
        .map(|n| {
            format!(
                "{n}. Reviewed by: Critic {}\nGood, for the {n}th time.\n",
                n % 50
            )
        })
        .collect();
    let page = format!(
        "Universal acclaim - based on 7000 Critics\n\nPositive: 7000 out of 7000\n\nCritic Reviews\n{}",
        reviews.concat()
    );
    let summary = import(&page, false, &connection).await;
    assert_eq!(summary.reviews.new, 7000);
    assert_eq!(
        marquee::review::store::tally::recount(&connection)
            .await
            .unwrap(),
        []
    );
}
