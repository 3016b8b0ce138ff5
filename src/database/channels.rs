//! The channels of notifications.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::sql;

/// The channels on which the triggers of a schema send notifications.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Channels {
    /// The channel for subscribers: the changes of reviews and scores.
    pub changes: String,
    /// The channel for caches: the tags of changed rows.
    pub invalidation: String,
}

impl Channels {
    /// The statement that selects the channels of the schema in which the session finds the tables, as `changes` and
    /// `invalidation`. The database has the rule by which a schema names its channels, because triggers use it.
    const SELECT: &str = "
SELECT
    notification_channel('marquee_changes', nspname) AS changes,
    notification_channel('marquee_stale', nspname) AS invalidation
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE pg_class.oid = 'review'::regclass";

    /// Reads the names of the channels.
    ///
    /// # Errors
    ///
    /// Fails when the statement fails, or when the session's search path has no migrated schema.
    pub async fn read(connection: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let channels = sql::one(connection, Self::SELECT, []).await?;
        channels
            .ok_or_else(|| DbErr::RecordNotFound("the table of reviews has no schema".to_owned()))
    }
}
