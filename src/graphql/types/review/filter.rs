//! The filter and the order of a list of reviews.

use async_graphql::{Context, Enum, ID, InputObject, Result};

use crate::{
    critic::CriticId,
    error::{code, error_with_code},
    global_id::Kind,
    graphql::{
        constraint::{NAME, NOT_A_LIST, constraint},
        decode_id,
        filter::exact,
        lookup::{NO_ROW, look_up},
        order::OrderDirection,
        scalar::Date,
        types::{
            critic::reference::CriticBy, publication::reference::PublicationBy, score::Sentiment,
        },
    },
    pagination::Direction,
    publication::PublicationId,
    review::{
        filter::{ReviewFilter, SentimentFilter, UnindexedFilter},
        order::ReviewOrder,
    },
    score::{self, SentimentBands},
};

/// A filter of reviews. A review must match all fields that aren't null.
#[derive(Clone, Debug, Default, InputObject)]
#[graphql(name = "ReviewFilter")]
pub struct ReviewFilterInput {
    /// Only reviews with one of these sentiments, under the rules of the site. An empty list matches no review.
    sentiment: Option<Vec<Sentiment>>,
    /// Only reviews by the critic with this global ID.
    critic: Option<ID>,
    /// Only reviews by this critic; none if it doesn't exist. It can't be combined with `critic`.
    critic_by: Option<CriticBy>,
    /// Only reviews in the publication with this global ID.
    publication: Option<ID>,
    /// Only reviews in this publication; none if it doesn't exist. It can't be combined with `publication`.
    publication_by: Option<PublicationBy>,
    /// Only reviews with a score if true, without a score if false.
    scored: Option<bool>,
    /// Only reviews that recommend the film if true, that advise against it if false.
    recommended: Option<bool>,
    /// Only reviews published on this date or later.
    since: Option<Date>,
    /// Only reviews published on this date or earlier.
    until: Option<Date>,
    /// Only reviews by top critics if true, by others if false.
    top_critic: Option<bool>,
    /// Only reviews with an excerpt if true, without one if false.
    has_text: Option<bool>,
    /// Only reviews of films of this genre, in the same spelling and case, ignoring blanks around it; at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    film_genre: Option<String>,
}

impl ReviewFilterInput {
    /// Parses a filter, and looks up the critic and the publication. `None` matches all reviews. `bands` are those of the
    /// rules of the site.
    ///
    /// # Errors
    ///
    /// `INVALID_ID` if an ID isn't the ID of a critic or of a publication; `AMBIGUOUS` if several have a name;
    /// `INVALID_VALUE` if two forms of a reference are given; `UNAVAILABLE` or `INTERNAL` if a statement fails.
    pub async fn resolve(
        ctx: &Context<'_>,
        input: Option<Self>,
        bands: SentimentBands,
    ) -> Result<ReviewFilter> {
        let Some(mut input) = input else {
            return Ok(ReviewFilter::default());
        };
        let (critic, publication) = (input.critic_by.take(), input.publication_by.take());
        let mut filter = Self::parse(Some(input), bands)?;
        if let Some(critic) = critic {
            require_one_form(filter.critic.is_some(), "critic")?;
            filter.critic = Some(CriticId(Box::pin(look_up(ctx, critic)).await?));
        }
        if let Some(publication) = publication {
            require_one_form(filter.publication.is_some(), "publication")?;
            filter.publication = Some(PublicationId(Box::pin(look_up(ctx, publication)).await?));
        }
        Ok(filter)
    }

    /// Returns how many rows the filter has to look up.
    #[must_use]
    pub fn lookups(&self) -> u64 {
        u64::from(self.critic_by.is_some()) + u64::from(self.publication_by.is_some())
    }

    /// Parses a filter without looking up rows: any critic or publication stands for the one that a reference means.
    ///
    /// # Errors
    ///
    /// `INVALID_ID` if an ID isn't the ID of a critic or of a publication; `INVALID_VALUE` if the genre can't be stored.
    pub fn parse(input: Option<Self>, bands: SentimentBands) -> Result<ReviewFilter> {
        let input = input.unwrap_or_default();
        let key = |id: Option<ID>, is_looked_up: bool, kind| match id {
            Some(id) => decode_id(&id, kind).map(Some),
            None => Ok(is_looked_up.then_some(NO_ROW)),
        };
        Ok(ReviewFilter {
            sentiment: input.sentiment.map(|sentiments| SentimentFilter {
                sentiments: sentiments.into_iter().map(score::Sentiment::from).collect(),
                bands,
            }),
            critic: key(input.critic, input.critic_by.is_some(), Kind::Critic)?.map(CriticId),
            publication: key(
                input.publication,
                input.publication_by.is_some(),
                Kind::Publication,
            )?
            .map(PublicationId),
            scored: input.scored,
            recommended: input.recommended,
            since: input.since.map(|day| day.0),
            until: input.until.map(|day| day.0),
            rest: UnindexedFilter {
                top_critic: input.top_critic,
                has_excerpt: input.has_text,
                film_genre: exact("filmGenre", input.film_genre)?,
            },
        })
    }
}

/// Returns an error if the other form of a reference is given as well.
fn require_one_form(has_id: bool, field: &str) -> Result<()> {
    if has_id {
        let message = format!("`{field}By` can't be combined with `{field}`");
        return Err(error_with_code(code::INVALID_VALUE, message));
    }
    Ok(())
}

/// The sort keys of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::review::order::ReviewOrderField")]
pub enum ReviewOrderField {
    /// The order in which the reviews were added to Marquee.
    Added,
    /// The score.
    Score,
    /// The date of publication.
    Date,
}

/// An order of reviews. Reviews with equal sort keys are in the order of their addition.
#[derive(Clone, Copy, Debug, InputObject)]
#[graphql(name = "ReviewOrder")]
pub struct ReviewOrderInput {
    /// The sort key.
    field: ReviewOrderField,
    /// The direction; descending when null.
    direction: Option<OrderDirection>,
}

impl From<ReviewOrderInput> for ReviewOrder {
    fn from(ReviewOrderInput { field, direction }: ReviewOrderInput) -> Self {
        Self {
            field: field.into(),
            direction: direction.map_or(Direction::Descending, Direction::from),
        }
    }
}
