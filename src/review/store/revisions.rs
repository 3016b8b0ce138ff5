//! Reads of the earlier versions of reviews.

use std::{collections::HashMap, sync::Arc};

use entity::review_revision;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Iterable, QueryFilter, QuerySelect,
    QueryTrait,
    sea_query::{Alias, Expr, ExprTrait, Func, JoinType, Query, SelectStatement},
};

use crate::{
    cache::tag::{Tag, TagKind},
    critic::CriticId,
    database::{keyset::Keyset, session::Session},
    film::FilmId,
    loader::{key::LoaderKey, page_key::PageKey},
    pagination::{Page, PageRequest},
    publication::PublicationId,
    review::{
        Review, ReviewId,
        revision::{ReviewRevision, RevisionEnd},
    },
    score::Points,
};

/// A page of a review's revisions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RevisionPage {
    /// The review.
    pub review: ReviewId,
    /// The page.
    pub page: PageRequest,
}

impl LoaderKey for RevisionPage {
    type Value = Arc<Page<Arc<ReviewRevision>>>;
    type Group = PageRequest;

    fn group(&self) -> PageRequest {
        self.page.clone()
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::of(TagKind::Review, self.review.0));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some(page) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let reviews: Vec<i64> = keys.iter().map(|key| key.review.0).collect();
        let mut rows_by_review: HashMap<i64, Vec<_>> =
            reviews.iter().map(|review| (*review, Vec::new())).collect();
        for row in session.query_all(&pages_statement(&reviews, &page)).await? {
            let row = review_revision::Model::from_query_result(&row, "")?;
            let rows = rows_by_review.entry(row.review_id).or_default();
            let revision = Arc::new(ReviewRevision::from(row));
            let position = revision.position();
            rows.push((revision, position));
        }
        let pages = rows_by_review.into_iter().map(|(review, mut rows)| {
            // A join doesn't preserve the order.
            rows.sort_by_key(|(_, position)| position.id);
            if !page.is_from_end {
                rows.reverse();
            }
            let key = Self {
                review: ReviewId(review),
                page: page.clone(),
            };
            (key, Arc::new(Page::from_rows(rows, &page)))
        });
        Ok(pages.collect())
    }
}

impl PageKey for RevisionPage {
    fn page(&self) -> &PageRequest {
        &self.page
    }

    fn with_page(self, page: PageRequest) -> Self {
        Self { page, ..self }
    }
}

/// Returns the statement for the pages of several reviews. `unnest` makes a row of each review, and a lateral join
/// reads that review's page through the index.
fn pages_statement(reviews: &[i64], page: &PageRequest) -> SelectStatement {
    let owner = Alias::new("owner");
    let mut revisions = review_revision::Entity::find().into_query();
    revisions.and_where(
        column(review_revision::Column::ReviewId).eq(Expr::col((owner.clone(), owner.clone()))),
    );
    let keyset = Keyset {
        key: None,
        is_nullable: false,
        is_index_descending: false,
        key_range: None,
        id: column(review_revision::Column::Version),
        direction: ReviewRevision::ORDER.direction,
    };
    let revisions = keyset.page(revisions, page);
    Query::select()
        .columns(review_revision::Column::iter().map(|column| (review_revision::Entity, column)))
        .from_function(Func::cust("unnest").arg(reviews.to_vec()), owner)
        .join_lateral(
            JoinType::InnerJoin,
            revisions,
            review_revision::Entity,
            Expr::val(true),
        )
        .take()
}

fn column(column: review_revision::Column) -> Expr {
    Expr::col((review_revision::Entity, column))
}

/// The number of a review's revisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RevisionCount(pub ReviewId);

impl LoaderKey for RevisionCount {
    type Value = u64;
    type Group = ();

    fn group(&self) {}

    fn tags(&self, _: Option<&u64>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::of(TagKind::Review, self.0.0));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        let reviews: Vec<i64> = keys.iter().map(|key| key.0.0).collect();
        let counts: Vec<(i64, i64)> = review_revision::Entity::find()
            .select_only()
            .column(review_revision::Column::ReviewId)
            .expr(Expr::cust("count(*)"))
            .filter(review_revision::COLUMN.review_id.eq_any(reviews))
            .group_by(review_revision::Column::ReviewId)
            .into_tuple()
            .all(session)
            .await?;
        Ok(counts
            .into_iter()
            .map(|(review, count)| (Self(ReviewId(review)), count.unsigned_abs()))
            .collect())
    }
}

impl From<review_revision::Model> for ReviewRevision {
    fn from(row: review_revision::Model) -> Self {
        Self {
            state: Review {
                id: ReviewId(row.review_id),
                film: FilmId(row.film_id),
                critic: row.critic_id.map(CriticId),
                publication: row.publication_id.map(PublicationId),
                score: row.score.and_then(Points::new),
                original_score: row.original_score,
                score_rule: row.score_rule.map(Into::into),
                declared_sentiment: row.sentiment.map(Into::into),
                recommended: row.recommended,
                top_critic: row.top_critic,
                byline: row.byline,
                excerpt: row.excerpt,
                url: row.url,
                reviewed_on: row.reviewed_on,
                version: row.version,
                // A revision's row has no time of the review's insertion.
                created_at: row.since,
                updated_at: row.since,
            },
            replaced_at: row.replaced_at,
            replaced_by: row.replaced_by,
            changed: row.changed,
            end: match row.operation {
                review_revision::Operation::Updated => RevisionEnd::Updated,
                review_revision::Operation::Deleted => RevisionEnd::Deleted,
            },
        }
    }
}
