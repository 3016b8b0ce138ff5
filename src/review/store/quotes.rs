//! Finds the reviews of films that are worth quoting.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{ActiveEnum, DbErr, FromQueryResult, Value};

use crate::{
    cache::tag::Tag,
    database::{session::Session, sql},
    film::FilmId,
    loader::key::LoaderKey,
    review::{ReviewId, owner::Owner, store::owner::owner_reviews_tag},
    score::{Sentiment, SentimentBands},
};

/// Which reviews of a film are returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuoteQuery {
    /// The sentiment of the reviews, with the bands of scores; `None` for any.
    pub sentiment: Option<(Sentiment, SentimentBands)>,
    /// The maximum number of reviews.
    pub first: usize,
}

/// The reviews of a film with an excerpt: those of top critics first, then those with the clearest score of the sentiment,
/// then the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuotesOf {
    /// The film.
    pub film: FilmId,
    /// Which reviews are returned.
    pub query: QuoteQuery,
}

#[derive(FromQueryResult)]
struct Row {
    film_id: i64,
    id: i64,
}

/// Returns the order of the scores of a sentiment: the highest, the lowest, or those next to the middle first.
const fn clearest(sentiment: Sentiment) -> &'static str {
    match sentiment {
        Sentiment::Positive => "score DESC NULLS LAST,",
        Sentiment::Mixed => "abs(2 * score - $3::bigint - $4::bigint) NULLS LAST,",
        Sentiment::Negative => "score NULLS LAST,",
    }
}

impl LoaderKey for QuotesOf {
    type Value = Arc<[ReviewId]>;
    type Group = QuoteQuery;

    fn group(&self) -> QuoteQuery {
        self.query
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(owner_reviews_tag(Owner::Film(self.film)));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some(query) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let films: Vec<i64> = keys.iter().map(|key| key.film.0).collect();
        let first = i64::try_from(query.first).unwrap_or(i64::MAX);
        let mut values: Vec<Value> = vec![films.into(), first.into()];
        let (condition, order) = match query.sentiment {
            Some((sentiment, bands)) => {
                let (lowest, highest) = bands.range(sentiment);
                let name = entity::review::Sentiment::from(sentiment).to_value();
                values.extend([
                    i64::from(lowest).into(),
                    i64::from(highest).into(),
                    name.into(),
                ]);
                let condition =
                    "AND (score BETWEEN $3::bigint AND $4::bigint OR implied_sentiment = $5)";
                (condition, clearest(sentiment))
            }
            None => ("", ""),
        };
        let sql = format!(
            "SELECT film_id, id FROM (
                SELECT film_id, id, row_number() OVER (
                    PARTITION BY film_id ORDER BY top_critic DESC, {order} reviewed_on DESC NULLS LAST, id DESC
                ) AS place
                FROM review WHERE film_id = ANY ($1::bigint[]) AND excerpt IS NOT NULL {condition}
            ) AS placed WHERE place <= $2::bigint ORDER BY film_id, place"
        );
        let rows: Vec<Row> = sql::all(session, &sql, values).await?;
        let mut quotes: HashMap<i64, Vec<ReviewId>> = HashMap::new();
        for row in &rows {
            quotes
                .entry(row.film_id)
                .or_default()
                .push(ReviewId(row.id));
        }
        let quotes = keys.into_iter().map(|key| {
            let of_film = quotes.remove(&key.film.0).unwrap_or_default();
            (key, of_film.into())
        });
        Ok(quotes.collect())
    }
}
