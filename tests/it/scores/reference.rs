//! A recount of scores from the rows of reviews, written apart from the program's.

use std::{collections::BTreeSet, fmt::Write as _};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer};

/// A review with what a score depends on.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    film: String,
    critic: Option<String>,
    publication: Option<String>,
    publication_weight: i64,
    score: Option<i64>,
    sentiment: Option<String>,
    recommended: Option<bool>,
    top_critic: bool,
    /// As `YYYY-MM-DD`, which sorts like the days.
    reviewed_on: Option<String>,
}

/// All reviews of a database.
pub struct Catalogue(pub Vec<Row>);

/// Returns the statements that fill an empty database with random reviews of films.
pub fn random_reviews(seed: u32, films: u32) -> String {
    format!(
        "INSERT INTO film (slug, title) SELECT 'film-' || n, 'Film ' || n FROM generate_series(1, {films}) AS n;
         INSERT INTO critic (slug, name) SELECT 'critic-' || n, 'Critic ' || n FROM generate_series(1, 12) AS n;
         INSERT INTO publication (slug, name, weight) SELECT 'paper-' || n, 'Paper ' || n, CASE WHEN n % 2 = 0 THEN 100 ELSE 37 * n END FROM generate_series(1, 8) AS n;
         SELECT setseed(0.{seed});
         INSERT INTO review (film_id, critic_id, publication_id, score, score_rule, sentiment, recommended, top_critic, reviewed_on, source, external_id)
         SELECT film.id, CASE WHEN r[1] < 0.8 THEN 1 + floor(r[2] * 12) END, CASE WHEN r[3] < 0.8 THEN 1 + floor(r[4] * 8) END,
             score, CASE WHEN score IS NOT NULL THEN 'given' END,
             CASE WHEN r[7] < 0.5 THEN (ARRAY['positive', 'mixed', 'negative'])[1 + floor(r[8] * 3)] END,
             CASE WHEN r[9] < 0.3 THEN r[10] < 0.5 END, r[11] < 0.4,
             CASE WHEN r[12] < 0.85 THEN date '2019-12-20' + floor(r[13] * 500)::integer END, 'made', film.id || '/' || n
         FROM film, generate_series(1, 14) AS n,
             LATERAL (SELECT array_agg(random() ORDER BY i) AS r FROM generate_series(1, 13) AS i WHERE n <= film.id % 15) AS chance,
             LATERAL (SELECT CASE WHEN r[5] < 0.6 THEN floor(r[6] * 101)::integer END AS score) AS rating
         WHERE n <= film.id % 15"
    )
}

impl Catalogue {
    /// Starts a server with a random catalogue.
    pub async fn random_server(seed: u32, films: u32) -> TestServer {
        // The tests ask for more than a client may.
        let limits = ["--max-cost=200000", "--rate-limit=0"];
        let server = TestServer::with_arguments(TestDatabase::empty().await, &limits);
        server.database.execute(&random_reviews(seed, films)).await;
        server
    }

    pub async fn read(database: &TestDatabase) -> Self {
        let rows = database
            .texts(
                "SELECT json_build_object('film', film.slug, 'critic', critic.slug, 'publication', publication.slug,
                    'publication_weight', coalesce(publication.weight, 100), 'score', score, 'sentiment', sentiment,
                    'recommended', recommended, 'top_critic', top_critic, 'reviewed_on', reviewed_on)::text AS text
                 FROM review JOIN film ON film.id = film_id LEFT JOIN critic ON critic.id = critic_id LEFT JOIN publication ON publication.id = publication_id",
            )
            .await;
        Self(
            rows.iter()
                .map(|row| serde_json::from_str(row).unwrap())
                .collect(),
        )
    }

    /// Returns the reviews of a film, by a critic or in a publication.
    pub fn reviews_of(&self, kind: &str, slug: &str) -> Vec<&Row> {
        let is_owned = |row: &&Row| match kind {
            "film" => row.film == slug,
            "critic" => row.critic.as_deref() == Some(slug),
            _ => row.publication.as_deref() == Some(slug),
        };
        self.0.iter().filter(is_owned).collect()
    }
}

/// Returns whether values are equal. The parser of the tests reads numbers to within one unit of the last place.
pub fn is_same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.to_bits().abs_diff(other.to_bits()) <= 1,
        _ => one == other,
    }
}

/// The rules of a score.
#[derive(Clone, Debug)]
pub struct Rules {
    pub minimum: i64,
    /// The lowest scores of the verdicts but the worst.
    pub thresholds: [i64; 4],
    pub estimate: bool,
    pub is_equal: bool,
    /// Slugs with weights in hundredths.
    pub publication_weights: Vec<(String, i64)>,
    pub critic_weights: Vec<(String, i64)>,
    pub top_critics_only: bool,
    pub from: Option<String>,
    pub to: Option<String>,
    pub excluded: Option<String>,
    pub as_of: Option<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            minimum: 4,
            thresholds: [81, 61, 40, 20],
            estimate: true,
            is_equal: false,
            publication_weights: Vec::new(),
            critic_weights: Vec::new(),
            top_critics_only: false,
            from: None,
            to: None,
            excluded: None,
            as_of: None,
        }
    }
}

fn first_four(slugs: impl Iterator<Item = String>) -> Vec<String> {
    let slugs: BTreeSet<String> = slugs.collect();
    slugs.into_iter().take(4).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "the days of rules are optional")]
fn day(text: &str) -> Option<String> {
    Some(text.to_owned())
}

const VERDICTS: [&str; 5] = [
    "UNIVERSAL_ACCLAIM",
    "GENERALLY_FAVORABLE",
    "MIXED_OR_AVERAGE",
    "GENERALLY_UNFAVORABLE",
    "OVERWHELMING_DISLIKE",
];

impl Rules {
    /// Returns rules of each kind, and many together.
    pub fn samples(catalogue: &Catalogue) -> Vec<Self> {
        let publications = first_four(catalogue.0.iter().filter_map(|row| row.publication.clone()));
        let critics = first_four(catalogue.0.iter().filter_map(|row| row.critic.clone()));
        let weights = |slugs: &[String], hundredths: [i64; 4]| {
            slugs.iter().cloned().zip(hundredths).collect::<Vec<_>>()
        };
        let mut samples = Self::without_weights(critics.first().cloned());
        samples.push(Self {
            publication_weights: weights(&publications, [1, 333, 10_000, 50]),
            ..Self::default()
        });
        samples.push(Self {
            critic_weights: weights(&critics, [700, 5, 100, 9_999]),
            is_equal: true,
            ..Self::default()
        });
        samples.push(Self {
            publication_weights: weights(&publications, [1, 333, 10_000, 50]),
            critic_weights: weights(&critics, [700, 5, 100, 9_999]),
            minimum: 2,
            from: day("2020-01-01"),
            as_of: day("2020-11-30"),
            excluded: critics.last().cloned(),
            thresholds: [85, 65, 45, 25],
            ..Self::default()
        });
        samples
    }

    fn without_weights(excluded: Option<String>) -> Vec<Self> {
        let default = Self::default;
        vec![
            default(),
            Self {
                is_equal: true,
                minimum: 2,
                ..default()
            },
            Self {
                estimate: false,
                thresholds: [90, 70, 50, 30],
                ..default()
            },
            Self {
                top_critics_only: true,
                minimum: 1,
                ..default()
            },
            Self {
                from: day("2020-02-03"),
                to: day("2020-12-31"),
                minimum: 3,
                ..default()
            },
            Self {
                excluded,
                ..default()
            },
            Self {
                as_of: day("2020-08-15"),
                minimum: 2,
                ..default()
            },
        ]
    }

    /// Returns the fields of the policy.
    pub fn policy(&self) -> String {
        let [acclaim, positive, mixed, dislike] = self.thresholds;
        let weighting = if self.is_equal {
            "EQUAL"
        } else {
            "BY_PUBLICATION"
        };
        let mut policy = format!(
            "minimumReviews: {}, acclaimFrom: {acclaim}, positiveFrom: {positive}, mixedFrom: {mixed}, dislikeBelow: {dislike}, estimate: {}, weighting: {weighting}",
            self.minimum, self.estimate
        );
        for (field, noun, weights) in [
            (
                "publicationWeights",
                "publication",
                &self.publication_weights,
            ),
            ("criticWeights", "critic", &self.critic_weights),
        ] {
            let weights = weights.iter().map(|(slug, hundredths)| {
                format!(
                    "{{{noun}: {{slug: \"{slug}\"}}, weight: {}.{:02}}}",
                    hundredths / 100,
                    hundredths % 100
                )
            });
            let weights: Vec<_> = weights.collect();
            if !weights.is_empty() {
                let _ = write!(policy, ", {field}: [{}]", weights.join(", "));
            }
        }
        if self.top_critics_only {
            policy.push_str(", topCriticsOnly: true");
        }
        for (field, day) in [("reviewedFrom", &self.from), ("reviewedTo", &self.to)] {
            if let Some(day) = day {
                let _ = write!(policy, ", {field}: \"{day}\"");
            }
        }
        if let Some(slug) = &self.excluded {
            let _ = write!(policy, ", excludeCritic: {{slug: \"{slug}\"}}");
        }
        policy
    }

    /// Returns the arguments of a score.
    pub fn arguments(&self) -> String {
        let as_of = self.as_of.iter().map(|day| format!(", asOf: \"{day}\""));
        format!(
            "(policy: {{{}}}{})",
            self.policy(),
            as_of.collect::<String>()
        )
    }

    fn counts(&self, row: &Row) -> bool {
        let is_within = |day: &Option<String>, is_first: bool| match (day, &row.reviewed_on) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(bound), Some(day)) if is_first => day >= bound,
            (Some(bound), Some(day)) => day <= bound,
        };
        is_within(&self.from, true)
            && is_within(&self.to, false)
            && is_within(&self.as_of, false)
            && (row.top_critic || !self.top_critics_only)
            && (self.excluded.is_none() || row.critic != self.excluded)
    }

    fn weight(&self, row: &Row) -> i64 {
        let given = |weights: &[(String, i64)], slug: &Option<String>| {
            let found = weights.iter().find(|(of, _)| Some(of) == slug.as_ref());
            found.map(|(_, weight)| *weight)
        };
        given(&self.critic_weights, &row.critic)
            .or_else(|| given(&self.publication_weights, &row.publication))
            .unwrap_or(if self.is_equal {
                100
            } else {
                row.publication_weight
            })
    }

    /// Returns the sentiment of a review, as the index of its band: 0 is positive.
    pub fn sentiment(&self, row: &Row) -> Option<usize> {
        let [_, positive, mixed, _] = self.thresholds;
        match (row.score, row.sentiment.as_deref(), row.recommended) {
            (Some(score), ..) => Some(if score >= positive {
                0
            } else if score >= mixed {
                1
            } else {
                2
            }),
            (None, Some("positive"), _) | (None, None, Some(true)) => Some(0),
            (None, Some("mixed"), _) => Some(1),
            (None, Some("negative"), _) | (None, None, Some(false)) => Some(2),
            _ => None,
        }
    }

    /// Returns what a score has for the reviews of an owner.
    pub fn expected(&self, rows: &[&Row]) -> Value {
        let counted: Vec<_> = rows.iter().filter(|row| self.counts(row)).collect();
        let scored = counted.iter().filter(|row| row.score.is_some()).count();
        let rated = counted
            .iter()
            .filter(|row| self.sentiment(row).is_some())
            .count();
        let minimum = usize::try_from(self.minimum).unwrap();
        let is_estimated = scored < minimum && self.estimate && rated >= minimum;
        let [_, positive, mixed, _] = self.thresholds;
        let middles = [positive + 100, mixed + positive - 1, mixed - 1];
        let (mut sum, mut weights) = (0, 0);
        for row in &counted {
            let doubled = match (row.score, self.sentiment(row)) {
                (Some(score), _) => 2 * score,
                (None, Some(sentiment)) if is_estimated => middles[sentiment],
                _ => continue,
            };
            sum += doubled * self.weight(row);
            weights += 2 * self.weight(row);
        }
        let has_value = scored >= minimum || is_estimated;
        let value = has_value.then(|| (2 * sum + weights).div_euclid(2 * weights));
        let verdict = value.map(|value| {
            let above = self
                .thresholds
                .iter()
                .filter(|threshold| value < **threshold);
            VERDICTS[above.count()]
        });
        #[expect(clippy::cast_precision_loss, reason = "the sums are small")]
        let mean = has_value.then(|| sum as f64 / weights as f64);
        json!({
            "value": value, "mean": mean, "verdict": verdict, "estimated": is_estimated,
            "reviewCount": counted.len(), "scoredCount": scored,
        })
    }

    /// Returns the days of the reviews that count.
    pub fn days<'r>(&self, rows: &[&'r Row]) -> Vec<&'r str> {
        let counted = rows.iter().filter(|row| self.counts(row));
        counted
            .filter_map(|row| row.reviewed_on.as_deref())
            .collect()
    }

    /// Returns the numbers of positive, mixed, negative and unrated reviews.
    pub fn distribution(&self, rows: &[&Row]) -> [usize; 4] {
        let mut counts = [0; 4];
        for row in rows.iter().filter(|row| self.counts(row)) {
            counts[self.sentiment(row).unwrap_or(3)] += 1;
        }
        counts
    }

    /// Compares a score with that of the rows, and returns a difference.
    pub fn compare(&self, rows: &[&Row], score: &Value, what: &str) -> Result<(), String> {
        let expected = self.expected(rows);
        let mut expected = expected.as_object().unwrap().iter();
        match expected.find(|(name, value)| !is_same(&score[name.as_str()], value)) {
            Some((name, value)) => Err(format!("{name} is not {value} in {what}: {score}")),
            None => Ok(()),
        }
    }
}
