//! The rule that a critic has one review of a film among those that were entered by hand. Imported reviews have a source
//! and an external id, and are not compared.
//!
//! No index can enforce the rule, since a site may allow several reviews, and older ones may exist. So a transaction
//! locks the reviews of a film by a critic before it compares and writes them.

use sea_orm::{DbErr, FromQueryResult};

use crate::{
    critic::CriticId,
    database::{session::transaction::Transaction, sql},
    film::FilmId,
    global_id::{GlobalId, Kind},
    publication::PublicationId,
};

/// The film, the critic and the publication of a review that is entered by hand.
#[derive(Clone, Copy, Debug)]
pub struct ByHand {
    pub film: FilmId,
    pub critic: CriticId,
    pub publication: Option<PublicationId>,
}

/// The reviews that a review is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// All of the film by the critic.
    Film,
    /// Those of the film by the critic for the same publication. Used for a review that remains one of the film by the
    /// critic, which may be one of several that were entered before.
    Publication,
}

impl Comparison {
    /// Returns the comparison for a review that is new or changes. `keeps_film_and_critic` if it keeps both;
    /// `allows_more_reviews` if the site allows a critic several reviews of a film, one for each publication.
    pub const fn of_change(keeps_film_and_critic: bool, allows_more_reviews: bool) -> Self {
        if keeps_film_and_critic || allows_more_reviews {
            Self::Publication
        } else {
            Self::Film
        }
    }
}

#[derive(FromQueryResult)]
struct Existing {
    id: i64,
}

const FIND_IN_PUBLICATION: &str = "
SELECT id FROM review
WHERE film_id = $1 AND critic_id = $2 AND publication_id IS NOT DISTINCT FROM $3 AND source IS NULL
    AND id IS DISTINCT FROM $4
LIMIT 1";

/// Returns the key of a review that the given one would duplicate, other than the excluded one.
///
/// # Errors
///
/// When the statement fails.
pub async fn find_duplicate(
    review: ByHand,
    comparison: Comparison,
    excluded: Option<i64>,
    transaction: &Transaction,
) -> Result<Option<i64>, DbErr> {
    let (film, critic) = (review.film, review.critic);
    if comparison == Comparison::Film {
        let existing = lock_and_find(&[(film, critic)], excluded, transaction).await?;
        return Ok(existing.into_iter().flatten().next());
    }
    let publication = review.publication.map(|publication| publication.0);
    let values = [
        film.0.into(),
        critic.0.into(),
        publication.into(),
        excluded.into(),
    ];
    let existing: Option<Existing> = sql::one(transaction, FIND_IN_PUBLICATION, values).await?;
    Ok(existing.map(|row| row.id))
}

/// Locks the reviews of films by critics, in the order of their keys, until the transaction ends. Returns a review for
/// each film and critic that have one, other than the excluded one.
///
/// # Errors
///
/// When the statement fails.
pub async fn lock_and_find(
    pairs: &[(FilmId, CriticId)],
    excluded: Option<i64>,
    transaction: &Transaction,
) -> Result<Vec<Option<i64>>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        ordinal: i64,
        existing: Option<i64>,
    }
    const LOCK: &str = "
        SELECT ordinal, review_by_hand(film, critic, $3) AS existing FROM (
            SELECT film, critic, ordinal FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS pair (film, critic, ordinal)
            ORDER BY film, critic
        ) AS pairs";
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let (films, critics): (Vec<i64>, Vec<i64>) = pairs
        .iter()
        .map(|(film, critic)| (film.0, critic.0))
        .unzip();
    let values = [films.into(), critics.into(), excluded.into()];
    let rows: Vec<Row> = sql::all(transaction, LOCK, values).await?;
    let mut existing = vec![None; pairs.len()];
    for row in rows {
        let index = usize::try_from(row.ordinal - 1).ok();
        if let Some(found) = index.and_then(|index| existing.get_mut(index)) {
            *found = row.existing;
        }
    }
    Ok(existing)
}

/// Returns the message for a duplicate of the review with this key.
pub fn duplicate_message(existing: Option<i64>, allows_more_reviews: bool) -> String {
    let existing = existing.map_or_else(String::new, |key| {
        let id = GlobalId {
            kind: Kind::Review,
            key,
        };
        format!(" in review \"{}\"", id.encode())
    });
    let scope = if allows_more_reviews {
        " for this publication"
    } else {
        ""
    };
    format!(
        "the critic has already reviewed this film{scope}{existing}; update or delete that review"
    )
}
