//! The type `Review`, and its filter and order.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Result};
use macros::{InlineEnum, object};

use crate::{
    critic::{CriticId, store::CriticById},
    database::error::ReadError,
    error::{code, error_with_code},
    film::{Film, store::FilmById},
    global_id::Kind,
    graphql::{
        connection::{
            Connection, ConnectionNode, Total, require_page, visit_node_fields, with_total,
        },
        decode_id, encode_id, load, loader,
        order::OrderDirection,
        page_request,
        path::WithPath,
        scalar::{Date, DateTime},
        selection::{Inlined, Linked, Text},
        types::{revision::revisions, score::Sentiment},
    },
    loader::data_loader::DataLoader,
    pagination::{Direction, PageArgs},
    publication::{PublicationId, store::PublicationById},
    review::{
        Owner, Review, ReviewFilter, ReviewId, ReviewOrder, ReviewRevision,
        store::{
            ReviewById, ReviewColumns,
            count::{ReviewCount, ReviewTotal},
            page::{AllReviews, ReviewPage, ReviewQuery},
            tally::stored_tally,
        },
    },
    score::{self, Policy},
};

impl ConnectionNode for Review {
    type Total = ListTotal;
}

/// The key of the total count of a list of reviews.
#[derive(Debug)]
pub enum ListTotal {
    /// The reviews of an owner.
    Of(ReviewCount),
    /// All reviews.
    All(ReviewTotal),
}

impl Total for ListTotal {
    async fn count(&self, loader: &DataLoader) -> Result<u64, ReadError> {
        match self {
            Self::Of(key) if key.filter.is_empty() => {
                let tally = stored_tally(key.owner, loader).await?;
                Ok(tally.map_or(0, |tally| tally.review_count().into()))
            }
            Self::Of(key) => key.count(loader).await,
            Self::All(key) => key.count(loader).await,
        }
    }
}

/// A critic's review of a film.
#[object(reads = ReviewColumns)]
impl Review {
    /// The global ID of the review.
    #[interface]
    #[reads(ReviewColumns::MINIMAL)]
    fn id(&self) -> ID {
        encode_id(Kind::Review, self.id.0)
    }

    /// The reviewed film.
    #[reads(ReviewColumns::MINIMAL)]
    #[without_arguments(Linked(Some(FilmById(self.film))))]
    async fn film(&self, ctx: &Context<'_>) -> Result<Inlined<Arc<Film>>> {
        let film = load(ctx, FilmById(self.film)).await.with_path(ctx)?;
        let not_found = || {
            let message =
                "the film of this review was deleted during the request; fetch the review again";
            error_with_code(code::NOT_FOUND, message)
        };
        film.map(Inlined).ok_or_else(not_found).with_path(ctx)
    }

    /// The critic who wrote the review; null if it is uncredited or the critic is unknown.
    #[reads(ReviewColumns::MINIMAL)]
    fn critic(&self) -> Linked<CriticById> {
        Linked(self.critic.map(CriticById))
    }

    /// The publication; null if unknown.
    #[reads(ReviewColumns::MINIMAL)]
    fn publication(&self) -> Linked<PublicationById> {
        Linked(self.publication.map(PublicationById))
    }

    /// The byline: the text after "Reviewed by" in the source, such as "Staff [Not Credited]"; empty if there is none.
    #[reads(ReviewColumns::TEXT_COLUMNS)]
    fn byline(&self) -> &str {
        self.byline.as_deref().unwrap_or_default()
    }

    /// The score, 0 to 100; null if the review has none, or if `originalScore` can't be converted.
    #[reads(ReviewColumns::MINIMAL)]
    fn score(&self) -> Option<i32> {
        self.score.map(i32::from)
    }

    /// The score as the critic wrote it, such as "3.5/5" or "B+"; null if the score was given as a number, or if there
    /// is none.
    #[reads(ReviewColumns::TEXT_COLUMNS)]
    fn original_score(&self) -> Option<&str> {
        self.original_score.as_deref()
    }

    /// The rule by which the score was converted; null if there is no score.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn score_rule(&self) -> Option<ScoreRule> {
        self.score_rule.map(ScoreRule::from)
    }

    /// The sentiment of the score under the default policy. Without a score, the declared sentiment; without that, the
    /// one of `recommended`. Null if the review has none of these.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn sentiment(&self) -> Option<Sentiment> {
        sentiment(self)
    }

    /// Whether the critic recommends the film; null if unknown. It is never derived from the score.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn recommended(&self) -> Option<bool> {
        self.recommended
    }

    /// Whether the source lists the critic as a top critic.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn top_critic(&self) -> bool {
        self.top_critic
    }

    /// An excerpt of the review; null if there is none.
    #[reads(ReviewColumns::TEXT_COLUMNS)]
    fn excerpt(&self) -> Text<'_> {
        Text(self.excerpt.as_deref())
    }

    /// The URL of the full review; null if there is none.
    #[reads(ReviewColumns::TEXT_COLUMNS)]
    fn url(&self) -> Text<'_> {
        Text(self.url.as_deref())
    }

    /// The date of publication; null if unknown.
    #[reads(ReviewColumns::MINIMAL)]
    fn reviewed_on(&self) -> Option<Date> {
        self.reviewed_on.map(Date)
    }

    /// The version of the review: 1 at first, and one higher after each change. Mutations compare it with
    /// `expectedVersion`.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn version(&self) -> i32 {
        self.version
    }

    /// The time at which the review was added to Marquee.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn created_at(&self) -> DateTime {
        DateTime(self.created_at)
    }

    /// The time of the last change in Marquee.
    #[reads(ReviewColumns::DETAIL_COLUMNS)]
    fn updated_at(&self) -> DateTime {
        DateTime(self.updated_at)
    }

    /// The previous versions of the review, latest first.
    async fn revisions(
        &self,
        ctx: &Context<'_>,
        page: PageArgs,
    ) -> Result<Inlined<Connection<ReviewRevision>>> {
        Box::pin(revisions(ctx, self.id, &page))
            .await
            .with_path(ctx)
    }
}

fn sentiment(review: &Review) -> Option<Sentiment> {
    let sentiment = score::Sentiment::of_review(
        review.score,
        review.declared_sentiment,
        review.recommended,
        &Policy::default(),
    );
    sentiment.map(Sentiment::from)
}

/// The rule by which a score was converted to the range 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::review::ScoreRule")]
pub enum ScoreRule {
    /// Not converted: the score was given as a whole number from 0 to 100.
    Given,
    /// A fraction, such as "3.5/5".
    Fraction,
    /// Stars, in digits, words or asterisks.
    Stars,
    /// A school grade, such as "B+".
    Letter,
    /// A percentage, such as "85%".
    Percent,
}

/// A filter of reviews. A review must match all fields that aren't null.
#[derive(Clone, Debug, Default, InputObject)]
#[graphql(name = "ReviewFilter")]
pub struct ReviewFilterInput {
    /// Only reviews with one of these sentiments, under the default policy. An empty list matches no review.
    sentiment: Option<Vec<Sentiment>>,
    /// Only reviews by the critic with this global ID.
    critic: Option<ID>,
    /// Only reviews in the publication with this global ID.
    publication: Option<ID>,
    /// Only reviews with a score if true, without a score if false.
    scored: Option<bool>,
    /// Only reviews that recommend the film if true, that advise against it if false.
    recommended: Option<bool>,
    /// Only reviews published on this date or later.
    since: Option<Date>,
    /// Only reviews published on this date or earlier.
    until: Option<Date>,
}

impl ReviewFilterInput {
    /// Parses a filter. `None` matches all reviews.
    ///
    /// # Errors
    ///
    /// `INVALID_ID` if an ID isn't the ID of a critic or of a publication.
    pub fn parse(input: Option<Self>) -> Result<ReviewFilter> {
        let input = input.unwrap_or_default();
        let key = |id: Option<ID>, kind| id.map(|id| decode_id(&id, kind)).transpose();
        Ok(ReviewFilter {
            sentiment: input
                .sentiment
                .map(|sentiments| sentiments.into_iter().map(score::Sentiment::from).collect()),
            critic: key(input.critic, Kind::Critic)?.map(CriticId),
            publication: key(input.publication, Kind::Publication)?.map(PublicationId),
            scored: input.scored,
            recommended: input.recommended,
            since: input.since.map(|day| day.0),
            until: input.until.map(|day| day.0),
        })
    }
}

/// The sort keys of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::review::ReviewOrderField")]
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

/// Loads a review; `None` if it doesn't exist.
///
/// # Errors
///
/// `INVALID_ID` if the ID isn't the ID of a review; `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn review(ctx: &Context<'_>, id: &ID) -> Result<Option<Arc<Review>>> {
    load(ctx, ReviewById(ReviewId(decode_id(id, Kind::Review)?))).await
}

fn query(
    ctx: &Context<'_>,
    filter: Option<ReviewFilterInput>,
    order_by: Option<ReviewOrderInput>,
    page: &PageArgs,
) -> Result<ReviewQuery> {
    let order = order_by.map_or(ReviewOrder::DEFAULT, ReviewOrder::from);
    Ok(ReviewQuery {
        filter: ReviewFilterInput::parse(filter)?,
        order,
        page: page_request(page, order.tag())?,
        columns: selected_columns(ctx),
    })
}

/// Returns the columns that the selected fields of a list's reviews read; all columns if a field has no `#[reads]`.
fn selected_columns(ctx: &Context<'_>) -> ReviewColumns {
    let mut columns = ReviewColumns::MINIMAL;
    let is_complete = visit_node_fields(ctx, |name| {
        if name != "__typename" {
            columns = columns.union(Review::reads_of(name).unwrap_or(ReviewColumns::ALL));
        }
    });
    if is_complete {
        columns
    } else {
        ReviewColumns::ALL
    }
}

/// Loads a page of an owner's reviews.
///
/// # Errors
///
/// When the filter or the paging arguments are invalid, or the statement fails.
pub async fn reviews_of(
    ctx: &Context<'_>,
    owner: Owner,
    filter: Option<ReviewFilterInput>,
    order_by: Option<ReviewOrderInput>,
    page: &PageArgs,
) -> Result<Inlined<Connection<Review>>> {
    let query = query(ctx, filter, order_by, page)?;
    let order = query.order.tag();
    let total = ListTotal::Of(ReviewCount {
        owner,
        filter: query.filter.clone(),
    });
    let page = loader(ctx)?.load(ReviewPage { owner, query });
    let page = require_page(with_total(ctx, &total, page).await?)?;
    Ok(Connection::of(page, order, total))
}

/// Loads a page of all reviews.
///
/// # Errors
///
/// When the filter or the paging arguments are invalid, or the statement fails.
pub async fn reviews(
    ctx: &Context<'_>,
    filter: Option<ReviewFilterInput>,
    order_by: Option<ReviewOrderInput>,
    page: &PageArgs,
) -> Result<Inlined<Connection<Review>>> {
    let query = query(ctx, filter, order_by, page)?;
    let total = ListTotal::All(ReviewTotal(query.filter.clone()));
    let order = query.order.tag();
    let page = loader(ctx)?.load(AllReviews(query));
    let page = require_page(with_total(ctx, &total, page).await?)?;
    Ok(Connection::of(page, order, total))
}
