//! The reviews that a mean is computed from, each with its weight.

use std::{collections::HashMap, sync::Arc};

use entity::{critic_tally, film_tally, publication_tally, review};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, JoinType, Query, SelectStatement},
};

use super::{
    ReviewColumns,
    counting::{condition, join_weights, weight},
    filter::visit_filter_tags,
    owner::{owner_column, owner_reviews_tag},
    rows::parse_review,
};
use crate::{
    cache::tag::Tag,
    database::{column_reader::ColumnReader, keyset::Keyset, session::Session, sql},
    loader::{
        key::LoaderKey,
        page_key::{PageKey, PageValue},
    },
    pagination::{Page, PageRequest},
    review::{
        Review,
        counting::Counting,
        order::ReviewOrder,
        owner::{Owner, OwnerKind},
    },
    score::{MeanParts, Weight},
};

/// The order of the reviews: the default one of lists.
pub const ORDER: ReviewOrder = ReviewOrder::DEFAULT;

/// A page of the reviews that the mean of an owner's reviews is computed from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExplanationPage {
    /// The owner of the reviews.
    pub owner: Owner,
    /// Whether unscored reviews with a sentiment count.
    pub is_estimated: bool,
    /// Which reviews are read, and their page.
    pub query: ExplanationQuery,
}

/// A query for a page of the reviews that a mean is computed from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExplanationQuery {
    /// Which reviews count, and by which weights.
    pub counting: Counting,
    /// Whether all reviews count alike that have no custom weight.
    pub is_equal: bool,
    /// The page.
    pub page: PageRequest,
}

/// A review that counts, with its weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightedReview {
    /// The review.
    pub review: Arc<Review>,
    /// The weight by which it counts.
    pub weight: Weight,
}

/// A page of reviews, with the sums over all reviews that count. Both are of one snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WeightedReviews {
    /// The page.
    pub page: Page<WeightedReview>,
    /// The sums; `None` if nothing was read.
    pub parts: Option<MeanParts>,
}

impl PageValue for Arc<WeightedReviews> {
    fn has_more(&self) -> bool {
        self.page.has_more
    }
}

impl PageKey for ExplanationPage {
    fn page(&self) -> &PageRequest {
        &self.query.page
    }

    fn with_page(self, page: PageRequest) -> Self {
        let query = ExplanationQuery { page, ..self.query };
        Self { query, ..self }
    }
}

impl LoaderKey for ExplanationPage {
    type Value = Arc<WeightedReviews>;
    type Group = (OwnerKind, ExplanationQuery);

    fn group(&self) -> Self::Group {
        (self.owner.kind(), self.query.clone())
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(owner_reviews_tag(self.owner));
        visit_filter_tags(&self.query.counting.filter, visit);
    }

    /// Reads the pages of all owners of a kind by one statement.
    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some((kind, query)) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let owners = keys.iter().map(|key| (key.owner.key(), key.is_estimated));
        let statement = sql::build(&pages_statement(kind, owners.unzip(), &query));
        let mut read: HashMap<(i64, bool), OwnerRows> = HashMap::new();
        for row in session.query_all_raw(statement).await? {
            let mut cells = ColumnReader::new(&row)?;
            let key = (cells.next()?, cells.next()?);
            let rows = read.entry(key).or_default();
            rows.add(&mut cells)?;
        }
        let pages = keys.into_iter().map(|key| {
            let rows = read.remove(&(key.owner.key(), key.is_estimated));
            let rows = rows.unwrap_or_default();
            let value = Arc::new(rows.page(&query.page));
            (key, value)
        });
        Ok(pages.collect())
    }
}

/// The rows of an owner, with or without its unscored reviews.
#[derive(Debug, Default)]
struct OwnerRows {
    parts: MeanParts,
    reviews: Vec<WeightedReview>,
}

impl OwnerRows {
    /// Adds a row: the sums of the owner, and a review if there is one.
    fn add(&mut self, cells: &mut ColumnReader<'_>) -> Result<(), DbErr> {
        let mut sum = || cells.next().map(i64::unsigned_abs);
        self.parts = MeanParts {
            weighted_sum: sum()?,
            weight: sum()?,
            unscored_weights: [sum()?, sum()?, sum()?],
        };
        let Some(hundredths): Option<i32> = cells.next()? else {
            return Ok(());
        };
        let weight = Weight::from_hundredths(hundredths)
            .ok_or_else(|| DbErr::Type(format!("the weight {hundredths} is invalid")))?;
        let review = Arc::new(parse_review(cells, ReviewColumns::ALL)?);
        self.reviews.push(WeightedReview { review, weight });
        Ok(())
    }

    fn page(self, request: &PageRequest) -> WeightedReviews {
        let reviews = self.reviews.into_iter().map(|row| {
            let position = ORDER.position(&row.review);
            (row, position)
        });
        WeightedReviews {
            page: Page::from_unsorted_rows(reviews.collect(), request, ORDER.tag()),
            parts: Some(self.parts),
        }
    }
}

/// Returns the statement for the pages of several owners, each with or without its unscored reviews. There is at least one
/// row for each of them: that of the sums.
fn pages_statement(
    kind: OwnerKind,
    (owners, are_estimated): (Vec<i64>, Vec<bool>),
    query: &ExplanationQuery,
) -> SelectStatement {
    let sums = if query.counting.is_default() && !query.is_equal {
        stored_sums(kind)
    } else {
        counted_sums(kind, query)
    };
    let mut page = Query::select()
        .column((review::Entity, Asterisk))
        .expr_as(weight(&query.counting, query.is_equal), "counted_weight")
        .from(review::Entity)
        .cond_where(of_owner(kind))
        .cond_where(condition(&query.counting))
        .cond_where(has_share())
        .take();
    join_weights(&mut page, &query.counting);
    let keyset = Keyset {
        key: None,
        is_nullable: true,
        is_index_descending: true,
        key_range: None,
        id: Expr::col((review::Entity, review::Column::Id)),
        direction: ORDER.direction,
    };
    let page = keyset.page(page, &query.page);
    let columns = ReviewColumns::ALL.column_list();
    let columns = format!(
        r#""owner"."owner", "owner"."is_estimated", "sums"."weighted_sum", "sums"."weight", "sums"."positive", "sums"."mixed", "sums"."negative", "review"."counted_weight", {columns}"#
    );
    // PostgreSQL expands both arrays in step.
    let owners = Query::select()
        .expr_as(Func::cust("unnest").arg(owners), "owner")
        .expr_as(Func::cust("unnest").arg(are_estimated), "is_estimated")
        .take();
    let always = || Expr::cust("TRUE");
    Query::select()
        .expr(Expr::cust(columns))
        .from_subquery(owners, Alias::new("owner"))
        .join_lateral(JoinType::InnerJoin, sums, Alias::new("sums"), always())
        .join_lateral(JoinType::LeftJoin, page, review::Entity, always())
        .take()
}

/// Returns the condition that a review is the owner's.
fn of_owner(kind: OwnerKind) -> Condition {
    let owner = Expr::cust(r#""owner"."owner""#);
    Condition::all().add(Expr::col((review::Entity, owner_column(kind))).eq(owner))
}

/// Returns the condition that a review has a share of the mean.
fn has_share() -> Condition {
    let has_sentiment = review::Column::ImpliedSentiment.is_not_null();
    let is_estimated = Expr::cust(r#""owner"."is_estimated""#);
    Condition::any()
        .add(review::Column::Score.is_not_null())
        .add(Condition::all().add(is_estimated).add(has_sentiment))
}

/// Returns the statement for the sums of an owner from its stored tally.
fn stored_sums(kind: OwnerKind) -> SelectStatement {
    const SUMS: &str = r#""tally"."weighted_sum", "tally"."weight", "tally"."unscored_positive_weight" AS "positive", "tally"."unscored_mixed_weight" AS "mixed", "tally"."unscored_negative_weight" AS "negative""#;
    let tally = Alias::new("tally");
    let mut select = Query::select().expr(Expr::cust(SUMS)).take();
    let owner = match kind {
        OwnerKind::Film => {
            select.from_as(film_tally::Entity, tally);
            r#""tally"."film_id" = "owner"."owner""#
        }
        OwnerKind::Critic => {
            select.from_as(critic_tally::Entity, tally);
            r#""tally"."critic_id" = "owner"."owner""#
        }
        OwnerKind::Publication => {
            select.from_as(publication_tally::Entity, tally);
            r#""tally"."publication_id" = "owner"."owner""#
        }
    };
    select.and_where(Expr::cust(owner)).take()
}

/// Returns the statement for the sums of an owner from all reviews that count.
fn counted_sums(kind: OwnerKind, query: &ExplanationQuery) -> SelectStatement {
    const SUMS: &str = "
coalesce(sum(score * weight), 0)::bigint AS weighted_sum,
coalesce(sum(weight) FILTER (WHERE score IS NOT NULL), 0)::bigint AS weight,
coalesce(sum(weight) FILTER (WHERE implied_sentiment = 'positive'), 0)::bigint AS positive,
coalesce(sum(weight) FILTER (WHERE implied_sentiment = 'mixed'), 0)::bigint AS mixed,
coalesce(sum(weight) FILTER (WHERE implied_sentiment = 'negative'), 0)::bigint AS negative";
    let mut counted = Query::select()
        .columns([
            (review::Entity, review::Column::Score),
            (review::Entity, review::Column::ImpliedSentiment),
        ])
        .expr_as(weight(&query.counting, query.is_equal), "weight")
        .from(review::Entity)
        .cond_where(of_owner(kind))
        .cond_where(condition(&query.counting))
        .take();
    join_weights(&mut counted, &query.counting);
    Query::select()
        .expr(Expr::cust(SUMS))
        .from_subquery(counted, "counted")
        .take()
}
