//! Reviews as the API shows them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Result};
use macros::{InlineEnum, object};

use crate::{
    critic::{CriticId, store::CriticById},
    database::fault::ReadError,
    error::{bad_input, code},
    film::{Film, store::FilmById},
    global_id::Kind,
    graphql::{
        connection::{
            Connection, ConnectionNode, Total, require_page, visit_node_fields, with_total,
        },
        id, key, load, loader,
        order::OrderDirection,
        page_request,
        path::At,
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
            AllReviews, Parts, ReviewById, ReviewCount, ReviewPage, ReviewQuery, ReviewTotal,
            tally::kept_tally,
        },
    },
    score::{self, Policy},
};

impl ConnectionNode for Review {
    type Total = ListTotal;
}

/// How many reviews a list holds.
#[derive(Debug)]
pub enum ListTotal {
    /// Those of an owner.
    Of(ReviewCount),
    /// All of them.
    All(ReviewTotal),
}

impl Total for ListTotal {
    async fn count(&self, loader: &DataLoader) -> Result<u64, ReadError> {
        match self {
            Self::Of(key) if key.filter.is_empty() => {
                let tally = kept_tally(key.owner, loader).await?;
                Ok(tally.map_or(0, |tally| tally.review_count().into()))
            }
            Self::Of(key) => key.count(loader).await,
            Self::All(key) => key.count(loader).await,
        }
    }
}

/// What a critic said of a film, as far as its source tells.
#[object(reads = Parts)]
impl Review {
    /// The review's global id.
    #[interface]
    #[reads(Parts::LEAST)]
    fn id(&self) -> ID {
        id(Kind::Review, self.id.0)
    }

    /// The film that it is about.
    #[reads(Parts::LEAST)]
    #[without_arguments(Linked(Some(FilmById(self.film))))]
    async fn film(&self, ctx: &Context<'_>) -> Result<Inlined<Arc<Film>>> {
        let film = load(ctx, FilmById(self.film)).await.at(ctx)?;
        let gone = || {
            let message = "the film of this review has been deleted in between";
            bad_input(code::NOT_FOUND, message)
        };
        film.map(Inlined).ok_or_else(gone).at(ctx)
    }

    /// Who wrote it; null when nobody is named, or the source says that it isn't credited.
    #[reads(Parts::LEAST)]
    fn critic(&self) -> Linked<CriticById> {
        Linked(self.critic.map(CriticById))
    }

    /// Where it was published; null when the source doesn't say.
    #[reads(Parts::LEAST)]
    fn publication(&self) -> Linked<PublicationById> {
        Linked(self.publication.map(PublicationById))
    }

    /// What stands after "Reviewed by", as its source has it, such as "Staff [Not Credited]"; empty when nothing does.
    #[reads(Parts::TEXTS)]
    fn byline(&self) -> &str {
        self.byline.as_deref().unwrap_or_default()
    }

    /// The score, 0 to 100; null when the review has none or it could not be read.
    #[reads(Parts::LEAST)]
    fn score(&self) -> Option<i32> {
        self.score.map(i32::from)
    }

    /// The score as the critic wrote it, such as "3.5/5" or "B+"; null when it came as a plain number or there is none.
    #[reads(Parts::TEXTS)]
    fn original_score(&self) -> Option<&str> {
        self.original_score.as_deref()
    }

    /// By which rule the score was read; null when there is none.
    #[reads(Parts::DETAILS)]
    fn score_rule(&self) -> Option<ScoreRule> {
        self.score_rule.map(ScoreRule::from)
    }

    /// What the review says on the whole: of its score, else as declared, else of its recommendation; null when there is none of these.
    #[reads(Parts::DETAILS)]
    fn sentiment(&self) -> Option<Sentiment> {
        sentiment(self)
    }

    /// The critic's own yes or no, which no score tells; null when the source has neither.
    #[reads(Parts::DETAILS)]
    fn recommended(&self) -> Option<bool> {
        self.recommended
    }

    /// Whether the source counts the critic among its top ones.
    #[reads(Parts::DETAILS)]
    fn top_critic(&self) -> bool {
        self.top_critic
    }

    /// A passage of the review; null when there is none.
    #[reads(Parts::TEXTS)]
    fn excerpt(&self) -> Text<'_> {
        Text(self.excerpt.as_deref())
    }

    /// The address of the whole review; null when there is none.
    #[reads(Parts::TEXTS)]
    fn url(&self) -> Text<'_> {
        Text(self.url.as_deref())
    }

    /// The day of publication; null when the source doesn't say.
    #[reads(Parts::LEAST)]
    fn reviewed_on(&self) -> Option<Date> {
        self.reviewed_on.map(Date)
    }

    /// Which of its states this is: 1 at first, and one more with each change, whoever makes it. What `expectedVersion` is for.
    #[reads(Parts::DETAILS)]
    fn version(&self) -> i32 {
        self.version
    }

    /// When Marquee got the review.
    #[reads(Parts::DETAILS)]
    fn created_at(&self) -> DateTime {
        DateTime(self.created_at)
    }

    /// When Marquee's copy of it changed last.
    #[reads(Parts::DETAILS)]
    fn updated_at(&self) -> DateTime {
        DateTime(self.updated_at)
    }

    /// What the review said before, the last state first.
    async fn revisions(
        &self,
        ctx: &Context<'_>,
        page: PageArgs,
    ) -> Result<Inlined<Connection<ReviewRevision>>> {
        Box::pin(revisions(ctx, self.id, &page)).await.at(ctx)
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

/// The rule by which a score was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::review::ScoreRule")]
pub enum ScoreRule {
    /// It was given as a whole number from 0 to 100.
    Given,
    /// So many out of so many, such as "3.5/5".
    Fraction,
    /// Stars, in digits, halves or asterisks.
    Stars,
    /// A school grade, such as "B+".
    Letter,
    /// Percent.
    Percent,
}

/// Which reviews a list is to hold. Everything given has to hold; what is null or left out says nothing.
#[derive(Clone, Debug, Default, InputObject)]
#[graphql(name = "ReviewFilter")]
pub struct ReviewFilterInput {
    /// Of one of these sentiments, by the default scoring policy. An empty list lets nothing through.
    sentiment: Option<Vec<Sentiment>>,
    /// By the critic of this id.
    critic: Option<ID>,
    /// In the publication of this id.
    publication: Option<ID>,
    /// True: with a score. False: without.
    scored: Option<bool>,
    /// True: with the critic's yes. False: with the critic's no.
    recommended: Option<bool>,
    /// Published on this day or later.
    since: Option<Date>,
    /// Published on this day or earlier.
    until: Option<Date>,
}

impl ReviewFilterInput {
    /// Reads a filter; none lets everything through.
    ///
    /// # Errors
    ///
    /// When an id in it is none of a critic's or publication's.
    pub fn parse(input: Option<Self>) -> Result<ReviewFilter> {
        let input = input.unwrap_or_default();
        let key = |id: Option<ID>, kind| id.map(|id| key(&id, kind)).transpose();
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

/// What reviews can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::review::ReviewOrderField")]
pub enum ReviewOrderField {
    /// When Marquee got them.
    Added,
    /// The score.
    Score,
    /// The day of publication.
    Date,
}

/// An order of reviews. Equals stand in the order in which they were added.
#[derive(Clone, Copy, Debug, InputObject)]
#[graphql(name = "ReviewOrder")]
pub struct ReviewOrderInput {
    /// What to sort by.
    field: ReviewOrderField,
    /// Which end comes first. Unless said, the newest or the highest.
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

/// Finds one review.
///
/// # Errors
///
/// When the id is none of a review, or the review could not be read.
pub async fn review(ctx: &Context<'_>, id: &ID) -> Result<Option<Arc<Review>>> {
    load(ctx, ReviewById(ReviewId(key(id, Kind::Review)?))).await
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
        parts: parts(ctx),
    })
}

/// The columns that the selected fields of a list's reviews read: all of them for a field without `#[reads]`.
fn parts(ctx: &Context<'_>) -> Parts {
    let mut parts = Parts::LEAST;
    let is_visited = visit_node_fields(ctx, |name| {
        if name != "__typename" {
            parts = parts.union(Review::reads_of(name).unwrap_or(Parts::ALL));
        }
    });
    if is_visited { parts } else { Parts::ALL }
}

/// Lists the reviews of an owner.
///
/// # Errors
///
/// When the page can't be, or could not be read.
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

/// Lists all reviews.
///
/// # Errors
///
/// When the page can't be, or could not be read.
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
