//! The rows of reviews as a change left them.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{ConnectionTrait, DbErr};

use super::Change;
use crate::review::{
    Review, ReviewId,
    store::states::{self, ReviewState},
};

/// The reviews of changes, each as its change left it, by one statement. What can't be found any more is left out.
///
/// # Errors
///
/// When the statement fails.
pub async fn states(
    changes: &[Change],
    connection: &impl ConnectionTrait,
) -> Result<HashMap<(ReviewId, i32), Arc<Review>>, DbErr> {
    let keys: Vec<ReviewState> = changes
        .iter()
        .map(|change| ReviewState {
            id: change.review,
            version: change.version,
        })
        .collect();
    let found = states::states(&keys, connection).await?;
    Ok(found
        .into_iter()
        .map(|(key, review)| ((key.id, key.version), review))
        .collect())
}
