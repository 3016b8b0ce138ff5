//! Reads of the current and the earlier versions of reviews.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use entity::review::Column;
use sea_orm::{ConnectionTrait, DbErr, IdenStatic};

use super::{ReviewColumns, rows};
use crate::{
    cache::tag::{Tag, TagKind},
    database::{session::Session, sql},
    loader::key::LoaderKey,
    review::{Review, ReviewId},
};

/// A version of a review: the current one or a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReviewVersion {
    /// The review.
    pub id: ReviewId,
    /// The version.
    pub version: i32,
}

impl LoaderKey for ReviewVersion {
    type Value = Arc<Review>;
    type Group = ();

    fn group(&self) {}

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::of(TagKind::Review, self.id.0));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Arc<Review>>, DbErr> {
        fetch_versions(&keys, session).await
    }
}

/// The statement that reads reviews at given versions. The current version is the row in `review`, an earlier one a row
/// in `review_revision`. A revision has no `created_at`: it is that of the row in `review`, or else the `since` of the
/// first revision. The columns are all of [`ReviewColumns::columns`], in the same order.
static SELECT_VERSIONS: LazyLock<String> = LazyLock::new(|| {
    let columns = |of: fn(Column) -> &'static str| {
        let columns = ReviewColumns::ALL.columns().map(of);
        columns.collect::<Vec<_>>().join(", ")
    };
    let current = columns(|column| match column {
        Column::Id => "requested.id",
        Column::Version => "requested.version",
        other => other.as_str(),
    });
    let earlier = columns(|column| match column {
        Column::Id => "requested.id",
        Column::Version => "requested.version",
        Column::CreatedAt => CREATED_AT,
        Column::UpdatedAt => "since",
        other => other.as_str(),
    });
    format!(
        "
SELECT {current}
FROM unnest($1::bigint[], $2::integer[]) AS requested (id, version)
JOIN review ON review.id = requested.id AND review.version = requested.version
UNION ALL
SELECT {earlier}
FROM unnest($1::bigint[], $2::integer[]) AS requested (id, version)
JOIN review_revision AS revision ON revision.review_id = requested.id AND revision.version = requested.version"
    )
});

/// The time at which the review of a revision was added.
const CREATED_AT: &str = "coalesce(
    (SELECT created_at FROM review WHERE review.id = requested.id),
    (SELECT first.since FROM review_revision AS first WHERE first.review_id = requested.id ORDER BY first.version LIMIT 1)
)";

/// Reads reviews at the given versions by one statement. Versions that don't exist any more are left out.
///
/// # Errors
///
/// When the statement fails.
pub async fn fetch_versions(
    keys: &[ReviewVersion],
    connection: &impl ConnectionTrait,
) -> Result<HashMap<ReviewVersion, Arc<Review>>, DbErr> {
    let ids: Vec<i64> = keys.iter().map(|key| key.id.0).collect();
    let versions: Vec<i32> = keys.iter().map(|key| key.version).collect();
    let values = [ids.into(), versions.into()];
    let reviews = rows::fetch_reviews(
        ReviewColumns::ALL,
        sql::statement(SELECT_VERSIONS.as_str(), values),
        connection,
    )
    .await?;
    let states = reviews.into_iter().map(|review| {
        let key = ReviewVersion {
            id: review.id,
            version: review.version,
        };
        (key, review)
    });
    Ok(states.collect())
}
