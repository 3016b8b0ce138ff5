//! A recount of all tallies in Rust.

use std::collections::HashMap;

use entity::{critic_tally, film_tally, publication, publication_tally, review};
use marquee::{
    review::store::tally::recount,
    score::{Points, ScoreInput, Sentiment, Tally, TallyParts, Weight},
};
use sea_orm::{DatabaseConnection, EntityTrait};

/// Returns the stored tally of a row of any of the three tables.
macro_rules! stored_tally {
    ($row:expr) => {
        stored_tally!($row, 0)
    };
    ($row:expr, $repeated:expr) => {
        Tally::from_parts(&TallyParts {
            counts: &$row.score_counts,
            unscored_positive: $row.unscored_positive,
            unscored_positive_weight: $row.unscored_positive_weight,
            unscored_mixed: $row.unscored_mixed,
            unscored_mixed_weight: $row.unscored_mixed_weight,
            unscored_negative: $row.unscored_negative,
            unscored_negative_weight: $row.unscored_negative_weight,
            unrated: $row.unrated,
            recommended: $row.recommended,
            not_recommended: $row.not_recommended,
            weighted_sum: $row.weighted_sum,
            weight: $row.weight,
            repeated: $repeated,
        })
    };
}
pub(super) use stored_tally;

type Tallies = HashMap<i64, Tally>;

/// Counts the reviews in Rust. Returns the tallies of films, of critics and of publications.
async fn count_reviews(connection: &DatabaseConnection) -> (Tallies, Tallies, Tallies) {
    let weights: HashMap<i64, i32> = publication::Entity::find()
        .all(connection)
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.id, row.weight))
        .collect();
    let mut films: Tallies = HashMap::new();
    let mut critics: Tallies = HashMap::new();
    let mut publications: Tallies = HashMap::new();
    let mut reviews_by_film: HashMap<i64, HashMap<i64, u32>> = HashMap::new();
    for row in review::Entity::find().all(connection).await.unwrap() {
        let weight = row.publication_id.map_or(100, |id| weights[&id]);
        let input = ScoreInput {
            points: row.score.and_then(Points::new),
            declared: row.sentiment.map(Sentiment::from),
            recommended: row.recommended,
            weight: Weight::from_hundredths(weight).unwrap(),
        };
        films.entry(row.film_id).or_default().add(input);
        if let Some(id) = row.critic_id {
            let reviews = reviews_by_film.entry(row.film_id).or_default();
            *reviews.entry(id).or_default() += 1;
            critics.entry(id).or_default().add(input);
        }
        if let Some(id) = row.publication_id {
            publications.entry(id).or_default().add(input);
        }
    }
    for (film, reviews) in reviews_by_film {
        let repeated = reviews.values().map(|count| count - 1).sum();
        let tally = films.remove(&film).unwrap_or_default();
        films.insert(film, tally.with_repeated(repeated));
    }
    (films, critics, publications)
}

/// Compares the stored tallies with a recount in SQL and one in Rust.
pub async fn assert_recounted(connection: &DatabaseConnection) {
    assert_eq!(recount(connection).await.unwrap(), []);
    let (mut films, mut critics, mut publications) = count_reviews(connection).await;
    macro_rules! compare {
        ($tallies:ident, $id:ident, $counted:ident, |$row:ident| $repeated:expr) => {
            for $row in $tallies::Entity::find().all(connection).await.unwrap() {
                let counted = $counted.remove(&$row.$id).unwrap_or_default();
                let stored = stored_tally!($row, $repeated);
                assert_eq!(
                    stored,
                    Ok(counted.clone()),
                    "{} {}",
                    stringify!($tallies),
                    $row.$id
                );
                assert_eq!(
                    i64::from($row.review_count),
                    i64::from(counted.review_count())
                );
                assert_eq!(
                    i64::from($row.scored_count),
                    i64::from(counted.scored_count())
                );
            }
            assert!($counted.is_empty(), "no tally for {:?}", $counted.keys());
        };
    }
    compare!(film_tally, film_id, films, |row| row.repeated);
    compare!(critic_tally, critic_id, critics, |_row| 0);
    compare!(publication_tally, publication_id, publications, |_row| 0);
}
