//! Reviews as the API shows them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};

use crate::{
    critic::{Critic, CriticId, store::CriticById},
    database::fault::ReadError,
    error::{bad_input, code},
    film::{Film, store::FilmById},
    global_id::Kind,
    graphql::{
        budget::charge_text,
        connection::{
            Connection, ConnectionNode, Total, require_page, visit_node_fields, with_total,
        },
        constraint::{CURSOR, NOT_A_LIST, constraint},
        found, id, key, load, loader,
        order::OrderDirection,
        page_request,
        path::At,
        scalar::{Date, DateTime},
        selection::{FieldWriter, InlineFields, Inlined},
        types::{revision::revisions, score::Sentiment},
    },
    loader::data_loader::DataLoader,
    pagination::{Direction, PageArgs},
    publication::{Publication, PublicationId, store::PublicationById},
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
#[Object]
impl Review {
    /// The review's global id.
    pub(crate) async fn id(&self) -> ID {
        id(Kind::Review, self.id.0)
    }

    /// The film that it is about.
    async fn film(&self, ctx: &Context<'_>) -> Result<Inlined<Arc<Film>>> {
        let film = load(ctx, FilmById(self.film)).await.at(ctx)?;
        let gone = || {
            let message = "the film of this review has been deleted in between";
            bad_input(code::NOT_FOUND, message)
        };
        film.map(Inlined).ok_or_else(gone).at(ctx)
    }

    /// Who wrote it; null when nobody is named, or the source says that it isn't credited.
    async fn critic(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Critic>>>> {
        let key = CriticById(self.critic?);
        found(load(ctx, key).await)
    }

    /// Where it was published; null when the source doesn't say.
    async fn publication(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Publication>>>> {
        let key = PublicationById(self.publication?);
        found(load(ctx, key).await)
    }

    /// What stands after "Reviewed by", as its source has it, such as "Staff [Not Credited]"; empty when nothing does.
    fn byline(&self) -> &str {
        self.byline.as_deref().unwrap_or_default()
    }

    /// The score, 0 to 100; null when the review has none or it could not be read.
    fn score(&self) -> Option<i32> {
        self.score.map(i32::from)
    }

    /// The score as the critic wrote it, such as "3.5/5" or "B+"; null when it came as a plain number or there is none.
    fn original_score(&self) -> Option<&str> {
        self.original_score.as_deref()
    }

    /// By which rule the score was read; null when there is none.
    fn score_rule(&self) -> Option<ScoreRule> {
        self.score_rule.map(ScoreRule::from)
    }

    /// What the review says on the whole: of its score, else as declared, else of its recommendation; null when there is none of these.
    fn sentiment(&self) -> Option<Sentiment> {
        sentiment(self)
    }

    /// The critic's own yes or no, which no score tells; null when the source has neither.
    fn recommended(&self) -> Option<bool> {
        self.recommended
    }

    /// Whether the source counts the critic among its top ones.
    fn top_critic(&self) -> bool {
        self.top_critic
    }

    /// A passage of the review; null when there is none.
    fn excerpt(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        charge_text(ctx, self.excerpt.as_deref()).at(ctx)
    }

    /// The address of the whole review; null when there is none.
    fn url(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        charge_text(ctx, self.url.as_deref()).at(ctx)
    }

    /// The day of publication; null when the source doesn't say.
    fn reviewed_on(&self) -> Option<Date> {
        self.reviewed_on.map(Date)
    }

    /// Which of its states this is: 1 at first, and one more with each change, whoever makes it. What `expectedVersion` is for.
    fn version(&self) -> i32 {
        self.version
    }

    /// When Marquee got the review.
    fn created_at(&self) -> DateTime {
        DateTime(self.created_at)
    }

    /// When Marquee's copy of it changed last.
    fn updated_at(&self) -> DateTime {
        DateTime(self.updated_at)
    }

    /// What the review said before, the last state first.
    async fn revisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100. 20 unless said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what stands after this cursor.", directive = constraint::apply(CURSOR, NOT_A_LIST))]
        after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what stands before this cursor.", directive = constraint::apply(CURSOR, NOT_A_LIST))]
        before: Option<String>,
    ) -> Result<Inlined<Connection<ReviewRevision>>> {
        let page = PageArgs {
            first,
            after,
            last,
            before,
        };
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

impl InlineFields for Review {
    fn write_field(&self, name: &str, writer: FieldWriter<'_>) -> bool {
        match name {
            "id" => writer.value(id(Kind::Review, self.id.0)),
            "film" => writer.linked(Some(FilmById(self.film))),
            "critic" => writer.linked(self.critic.map(CriticById)),
            "publication" => writer.linked(self.publication.map(PublicationById)),
            "byline" => writer.value(self.byline.as_deref().unwrap_or_default()),
            "score" => writer.value(self.score),
            "originalScore" => writer.value(&self.original_score),
            "scoreRule" => writer.name(self.score_rule.map(ScoreRule::from)),
            "sentiment" => writer.name(sentiment(self)),
            "recommended" => writer.value(self.recommended),
            "topCritic" => writer.value(self.top_critic),
            "excerpt" => writer.text(self.excerpt.as_deref()),
            "url" => writer.text(self.url.as_deref()),
            "reviewedOn" => writer.value(self.reviewed_on),
            "version" => writer.value(self.version),
            "createdAt" => writer.value(DateTime(self.created_at).to_string()),
            "updatedAt" => writer.value(DateTime(self.updated_at).to_string()),
            _ => false,
        }
    }
}

/// The rule by which a score was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
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

/// What of a list's reviews is asked for. Of a field that isn't known here it is taken to be everything.
fn parts(ctx: &Context<'_>) -> Parts {
    let mut parts = Parts::LEAST;
    let is_known = visit_node_fields(ctx, |name| match name {
        "__typename" | "id" | "film" | "critic" | "publication" | "score" | "reviewedOn" => {}
        "byline" | "originalScore" | "excerpt" | "url" => parts.texts = true,
        "scoreRule" | "sentiment" | "recommended" | "topCritic" | "version" | "createdAt"
        | "updatedAt" => parts.details = true,
        _ => parts = Parts::ALL,
    });
    if is_known { parts } else { Parts::ALL }
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
