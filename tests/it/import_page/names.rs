//! The names on a page that differ in case from those of the catalogue.

use chrono::Utc;
use marquee::import::{
    FilmName, ImportSummary,
    page::{Order, parse},
    store::page::{PageFilm, PageImport, PageRefusal, store_page},
};
use marquee::site_rules::SiteRules;
use sea_orm::DatabaseConnection;

use super::PAGE;
use crate::support::TestDatabase;

async fn import(
    title: &str,
    text: &str,
    connection: &DatabaseConnection,
) -> Result<ImportSummary, PageRefusal> {
    import_of(title, Some(2001), text, connection).await
}

async fn import_of(
    title: &str,
    year: Option<i16>,
    text: &str,
    connection: &DatabaseConnection,
) -> Result<ImportSummary, PageRefusal> {
    let film = FilmName::new(title, year).unwrap();
    let import = PageImport {
        film: PageFilm::Named(&film),
        source: "page",
        dry_run: false,
        now: Utc::now(),
    };
    let page = parse(text, Order::BestToWorst, &SiteRules::default()).unwrap();
    store_page(&page, &import, connection).await.unwrap()
}

#[tokio::test]
async fn names_in_any_case_mean_the_existing_film_and_critics() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    database
        .execute(
            "INSERT INTO film (slug, title, year) VALUES ('ferry', 'THE QUIET FERRY', 2001);
             INSERT INTO critic (slug, name) VALUES ('renee', 'RENÉE ASHGROVE'), ('orla-1', 'Orla Quill'), ('orla-2', 'orla quill')",
        )
        .await;
    // The page names a new critic in two ways.
    let text = PAGE.replace("Staff [Not Credited]", "TOMÁŠ VRBA");
    let summary = import("The Quiet Ferry", &text, &connection).await.unwrap();
    assert_eq!(summary.film_slug, "ferry");
    assert_eq!((summary.critics.new, summary.critics.same), (1, 2));
    let folded: Vec<_> = summary
        .folded_names
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        folded,
        [
            "critic \"Renée Ashgrove\" → \"RENÉE ASHGROVE\", 1 review",
            "critic \"Tomáš Vrba\" → \"TOMÁŠ VRBA\", 1 review",
            "film \"The Quiet Ferry\" → \"THE QUIET FERRY\", 5 reviews",
        ]
    );
    let reviews = "SELECT concat_ws(' ', critic.slug, byline) FROM review LEFT JOIN critic ON critic.id = critic_id ORDER BY review.id";
    let stored = database.texts(reviews).await;
    assert_eq!(
        stored,
        [
            "renee Renée Ashgrove",
            "",
            "tomas-vrba TOMÁŠ VRBA",
            "tomas-vrba Tomáš Vrba",
            "orla-1 Orla Quill",
        ]
    );
    let again = import("the quiet ferry", &text, &connection).await.unwrap();
    assert!(!again.has_changes(), "{again:?}");
    assert_eq!(database.texts(reviews).await, stored);
}

#[tokio::test]
async fn an_ambiguous_name_stores_nothing_and_lists_its_candidates() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    database
        .execute(
            "INSERT INTO film (slug, title, year) VALUES ('quay-a', 'Quay', 2001), ('quay-b', 'Quay', 2001);
             INSERT INTO critic (slug, name) VALUES ('orla-1', 'Orla Quill'), ('orla-2', 'Orla Quill')",
        )
        .await;
    let refusal = import("QUAY", PAGE, &connection).await.unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "several films have this title: \"Quay\" (quay-a), \"Quay\" (quay-b); give the year, or a slug to the mutation `importPage`"
    );
    let refusal = import("Ferry", PAGE, &connection).await.unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "line 20: several critics have the name \"Orla Quill\": \"Orla Quill\" (orla-1), \"Orla Quill\" (orla-2); merge them, or rename all but one"
    );
    let counts = "SELECT concat_ws(' ', (SELECT count(*) FROM film), (SELECT count(*) FROM critic), (SELECT count(*) FROM review))";
    assert_eq!(database.texts(counts).await, ["2 2 0"]);
}

#[tokio::test]
async fn a_namesake_who_is_added_later_does_not_take_the_reviews_of_a_page() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    import("Ferry", PAGE, &connection).await.unwrap();
    database
        .execute("INSERT INTO critic (slug, name) VALUES ('orla-2', 'Orla Quill')")
        .await;
    let again = import("Ferry", PAGE, &connection).await.unwrap();
    assert!(!again.has_changes(), "{again:?}");
}

#[tokio::test]
async fn a_title_without_a_year_means_the_only_film_of_this_title() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    database
        .execute(
            "INSERT INTO film (slug, title, year) VALUES
                ('ferry-2001', 'The Ferry', 2001), ('quay-1950', 'Quay', 1950), ('quay-2011', 'Quay', 2011)",
        )
        .await;
    let summary = import_of("the ferry", None, PAGE, &connection)
        .await
        .unwrap();
    assert_eq!(summary.film_slug, "ferry-2001");
    assert_eq!((summary.films.new, summary.films.same), (0, 1));
    let refusal = import_of("Quay", None, PAGE, &connection)
        .await
        .unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "several films have this title: \"Quay\" (quay-1950), \"Quay\" (quay-2011); give the year, or a slug to the mutation `importPage`"
    );
    let summary = import_of("Moth", None, PAGE, &connection).await.unwrap();
    assert_eq!((summary.film_slug.as_str(), summary.films.new), ("moth", 1));
}

#[tokio::test]
async fn new_names_that_are_similar_to_stored_ones_are_listed() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(2);
    database
        .execute(
            "INSERT INTO film (slug, title, year) VALUES ('ferry', 'The Quiet-Ferry', 2001);
             INSERT INTO critic (slug, name) VALUES ('renee', 'Renee Ashgrove'), ('orla', 'O. Quill')",
        )
        .await;
    let summary = import("The Quiet Ferry", PAGE, &connection).await.unwrap();
    let similar = summary.similar_names.iter().map(ToString::to_string);
    assert_eq!(
        similar.collect::<Vec<_>>(),
        [
            "film \"The Quiet Ferry\" is new; similar to \"The Quiet-Ferry\" (ferry)",
            "critic \"Renée Ashgrove\" is new; similar to \"Renee Ashgrove\" (renee)",
        ]
    );
    // They are not new any more.
    let again = import("The Quiet Ferry", PAGE, &connection).await.unwrap();
    assert_eq!(again.similar_names, []);
}
