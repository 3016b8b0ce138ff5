//! The demo catalogue covers every case that a front end must handle.

use entity::{critic, film, film_tally, publication, review};
use marquee::demo;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::support::TestDatabase;

#[tokio::test]
async fn the_demo_has_12_films_15_critics_8_publications_and_150_reviews() {
    let database = TestDatabase::demo().await;
    let connection = database.connect(1);
    assert_eq!(film::Entity::find().count(&connection).await.unwrap(), 12);
    assert_eq!(critic::Entity::find().count(&connection).await.unwrap(), 15);
    assert_eq!(
        publication::Entity::find()
            .count(&connection)
            .await
            .unwrap(),
        8
    );
    assert_eq!(
        review::Entity::find().count(&connection).await.unwrap(),
        150
    );
}

#[tokio::test]
async fn the_demo_covers_every_case() {
    let database = TestDatabase::demo().await;
    let connection = database.connect(1);
    let tallies = film_tally::Entity::find().all(&connection).await.unwrap();
    let has = |case: &dyn Fn(&film_tally::Model) -> bool| tallies.iter().any(case);
    assert!(has(&|tally| tally.review_count == 0));
    assert!(has(&|tally| tally.review_count == 1));
    assert!(has(&|tally| tally.score.is_some_and(|score| score >= 81)));
    assert!(has(&|tally| tally.score.is_some_and(|score| score <= 19)));
    assert!(
        has(&|tally| tally.scored_count < 4 && tally.score.is_some()),
        "an estimated score"
    );

    let reviews = review::Entity::find().all(&connection).await.unwrap();
    let has = |case: &dyn Fn(&review::Model) -> bool| reviews.iter().any(case);
    assert!(has(
        &|review| review.score.is_none() && review.sentiment.is_some()
    ));
    assert!(has(&|review| review.score.is_none()
        && review.sentiment.is_none()
        && review.recommended.is_some()));
    assert!(
        has(&|review| review.score.is_none() && review.implied_sentiment.is_none()),
        "unrated"
    );
    assert!(has(&|review| review.byline.as_deref()
        == Some("Staff [Not Credited]")
        && review.critic_id.is_none()));
    assert!(has(&|review| review.byline.is_none()));
    assert!(has(
        &|review| review.critic_id.is_some() && review.publication_id.is_none()
    ));
    assert!(has(
        &|review| review.critic_id.is_none() && review.publication_id.is_some()
    ));
    assert!(has(&|review| review.reviewed_on.is_none()));
    assert!(has(&|review| review.excerpt.is_none()));
    for edge in [0, 19, 20, 39, 40, 60, 61, 80, 81, 100] {
        assert!(has(&|review| review.score == Some(edge)), "{edge}");
    }

    let titles = film::Entity::find().all(&connection).await.unwrap();
    assert!(titles.iter().filter(|film| !film.title.is_ascii()).count() >= 3);
}

#[tokio::test]
async fn the_demo_is_loaded_into_an_empty_database_only() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    assert_eq!(demo::load_if_empty(&connection).await.unwrap(), Some(150));
    assert_eq!(demo::load_if_empty(&connection).await.unwrap(), None);
    let of_demo = review::Entity::find().filter(review::Column::Source.eq(demo::SOURCE));
    assert_eq!(of_demo.count(&connection).await.unwrap(), 150);
    assert_eq!(
        marquee::review::store::tally::recount(&connection)
            .await
            .unwrap(),
        []
    );
}
