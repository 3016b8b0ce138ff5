//! The bylines of reviews with a critic.

use sea_orm::{DbErr, FromQueryResult};

use crate::{
    database::{session::transaction::Transaction, sql},
    named::{
        NamedKind,
        store::{NAME_COLUMNS, NameMatch},
    },
    review::store::references::resolution::add_foreign_byline,
    text,
    user_error::UserErrors,
};

/// Returns the name of a critic; `None` without one.
pub(super) async fn critic_name(
    critic: Option<i64>,
    transaction: &Transaction,
) -> Result<Option<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
    }
    let Some(critic) = critic else {
        return Ok(None);
    };
    let select = "SELECT name::text COLLATE \"C\" AS name FROM critic WHERE id = $1";
    let row: Option<Row> = sql::one(transaction, select, [critic.into()]).await?;
    Ok(row.map(|row| row.name))
}

/// Adds an error if a byline is the name of another critic than the review's, whose name is `own`.
pub(super) async fn check(
    byline: &str,
    own: &str,
    (transaction, errors): (&Transaction, &mut UserErrors),
) -> Result<(), DbErr> {
    if text::is_same_folded(byline, own) {
        return Ok(());
    }
    let select = format!(
        "SELECT 0::bigint AS index, {NAME_COLUMNS} FROM critic WHERE name_folded = $1 ORDER BY id LIMIT 1"
    );
    let other: Option<NameMatch> =
        sql::one(transaction, &select, [text::folded(byline).into()]).await?;
    if let Some(other) = other {
        add_foreign_byline(vec![other.candidate(NamedKind::Critic)], errors);
    }
    Ok(())
}
