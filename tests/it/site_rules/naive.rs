//! A naive recount of reviews under any rules: the definitions of the documentation, one review at a time.

use marquee::score::{Policy, PolicyDraft, Weighting};
use sea_orm::{DatabaseConnection, FromQueryResult, Statement};

use crate::support::test_rng::TestRng;

/// A review, as its row has it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Review {
    pub id: i64,
    pub film_id: i64,
    pub critic_id: Option<i64>,
    pub publication_id: Option<i64>,
    pub score: Option<i16>,
    pub sentiment: Option<String>,
    pub recommended: Option<bool>,
    /// The weight of the publication, in hundredths.
    pub weight: i32,
}

/// Reads all reviews.
pub async fn reviews(connection: &DatabaseConnection) -> Vec<Review> {
    let sql = "SELECT review.id, film_id, critic_id, publication_id, score, sentiment, recommended,
            coalesce(publication.weight, 100) AS weight
        FROM review LEFT JOIN publication ON publication.id = publication_id ORDER BY review.id";
    let statement = Statement::from_string(sea_orm::DbBackend::Postgres, sql);
    let rows = Review::find_by_statement(statement).all(connection);
    rows.await.unwrap()
}

impl Review {
    /// Returns the name of the sentiment in the API.
    pub fn sentiment(&self, rules: &PolicyDraft) -> Option<&'static str> {
        if let Some(score) = self.score {
            let score = i64::from(score);
            return Some(if score >= rules.positive_from {
                "POSITIVE"
            } else if score >= rules.mixed_from {
                "MIXED"
            } else {
                "NEGATIVE"
            });
        }
        match (self.sentiment.as_deref(), self.recommended) {
            (Some("positive"), _) | (None, Some(true)) => Some("POSITIVE"),
            (Some("mixed"), _) => Some("MIXED"),
            (Some("negative"), _) | (None, Some(false)) => Some("NEGATIVE"),
            _ => None,
        }
    }
}

/// Returns the score of reviews, rounded half up; `None` if they are too few.
pub fn score(reviews: &[&Review], rules: &PolicyDraft) -> Option<i64> {
    let weight = |review: &Review| match rules.weighting {
        Weighting::ByPublication => i64::from(review.weight),
        Weighting::Equal => 1,
    };
    let scored: Vec<(i64, i64)> = reviews
        .iter()
        .filter_map(|review| Some((2 * i64::from(review.score?), weight(review))))
        .collect();
    let minimum = usize::try_from(rules.minimum_reviews).unwrap();
    let counted = if scored.len() >= minimum {
        scored
    } else if rules.estimate {
        let unscored = reviews.iter().filter(|review| review.score.is_none());
        let estimated = unscored.filter_map(|review| {
            let doubled = match review.sentiment(rules)? {
                "POSITIVE" => rules.positive_from + 100,
                "MIXED" => rules.mixed_from + rules.positive_from - 1,
                _ => rules.mixed_from - 1,
            };
            Some((doubled, weight(review)))
        });
        scored.into_iter().chain(estimated).collect()
    } else {
        return None;
    };
    if counted.len() < minimum {
        return None;
    }
    let sum: i64 = counted.iter().map(|(value, weight)| value * weight).sum();
    let weights: i64 = counted.iter().map(|(_, weight)| weight).sum();
    // Half up: floor(sum / 2w + 1 / 2).
    Some((sum + weights).div_euclid(2 * weights))
}

/// Returns the name of a score's verdict in the API.
pub fn verdict(score: i64, rules: &PolicyDraft) -> &'static str {
    if score >= rules.acclaim_from {
        "UNIVERSAL_ACCLAIM"
    } else if score >= rules.positive_from {
        "GENERALLY_FAVORABLE"
    } else if score >= rules.mixed_from {
        "MIXED_OR_AVERAGE"
    } else if score >= rules.dislike_below {
        "GENERALLY_UNFAVORABLE"
    } else {
        "OVERWHELMING_DISLIKE"
    }
}

/// Returns random valid rules.
pub fn random_rules(rng: &mut TestRng) -> PolicyDraft {
    let mut thresholds = [0_i64; 4];
    loop {
        for threshold in &mut thresholds {
            *threshold = i64::try_from(1 + rng.below(100)).unwrap();
        }
        thresholds.sort_unstable();
        let [dislike_below, mixed_from, positive_from, acclaim_from] = thresholds;
        let draft = PolicyDraft {
            minimum_reviews: i64::try_from(1 + rng.below(8)).unwrap(),
            acclaim_from,
            positive_from,
            mixed_from,
            dislike_below,
            estimate: !rng.one_in(3),
            weighting: if rng.one_in(2) {
                Weighting::Equal
            } else {
                Weighting::ByPublication
            },
        };
        if Policy::new(draft).is_ok() {
            return draft;
        }
    }
}

/// Returns the statement that sets rules.
pub fn set_rules(rules: &PolicyDraft) -> String {
    let weighting = match rules.weighting {
        Weighting::ByPublication => "by_publication",
        Weighting::Equal => "equal",
    };
    let PolicyDraft {
        minimum_reviews,
        acclaim_from,
        positive_from,
        mixed_from,
        dislike_below,
        estimate,
        ..
    } = rules;
    format!(
        "UPDATE site_rules SET minimum_reviews = {minimum_reviews}, acclaim_from = {acclaim_from},
            positive_from = {positive_from}, mixed_from = {mixed_from}, dislike_below = {dislike_below},
            estimate = {estimate}, weighting = '{weighting}'"
    )
}
