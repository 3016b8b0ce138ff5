//! The rating of a review in a history, and the SQL literals of its columns.

use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
pub struct Rating {
    score: Option<u8>,
    sentiment: Option<u8>,
    recommended: Option<bool>,
}

pub fn rating() -> impl Strategy<Value = Rating> {
    (
        prop::option::of(0..=100_u8),
        prop::option::of(0..3_u8),
        prop::option::of(any::<bool>()),
    )
        .prop_map(|(score, sentiment, recommended)| Rating {
            score,
            sentiment,
            recommended,
        })
}

impl Rating {
    /// Returns the values of `score, score_rule, sentiment, recommended`.
    pub fn values(self) -> [String; 4] {
        [
            literal(self.score),
            self.score.map_or("NULL", |_| "'given'").to_owned(),
            self.sentiment.map_or_else(
                || "NULL".to_owned(),
                |number| {
                    format!(
                        "'{}'",
                        ["positive", "mixed", "negative"][usize::from(number)]
                    )
                },
            ),
            literal(self.recommended),
        ]
    }

    /// Returns the assignments of an `UPDATE`.
    pub fn assignments(self) -> String {
        let [score, rule, sentiment, recommended] = self.values();
        format!(
            "score = {score}, score_rule = {rule}, sentiment = {sentiment}, recommended = {recommended}"
        )
    }
}

fn literal<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "NULL".to_owned(), |value| value.to_string())
}
