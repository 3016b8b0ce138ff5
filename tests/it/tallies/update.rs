//! Statements of a history that update reviews.

use proptest::prelude::*;

use super::{
    rating::{Rating, rating},
    sql::{date, owner, review},
};

#[derive(Clone, Debug)]
pub enum Update {
    Score {
        review: u8,
        rating: Rating,
    },
    ScoreMany {
        modulus: u8,
        rating: Rating,
    },
    MoveToFilm {
        review: u8,
        film: u8,
    },
    MoveToCritic {
        review: u8,
        critic: Option<u8>,
    },
    MoveToPublication {
        review: u8,
        publication: Option<u8>,
    },
    MoveMany {
        modulus: u8,
        film: u8,
        publication: Option<u8>,
    },
    Redate {
        review: u8,
        day: Option<u8>,
    },
    Reword {
        modulus: u8,
    },
    /// A client writes columns that the triggers maintain.
    WriteMaintainedColumns {
        review: u8,
        weight: u8,
    },
}

pub fn update() -> impl Strategy<Value = Update> {
    let few = || 0..6_u8;
    let maybe = || prop::option::of(0..4_u8);
    let day = || prop::option::of(0..28_u8);
    prop_oneof![
        4 => (any::<u8>(), rating()).prop_map(|(review, rating)| Update::Score { review, rating }),
        1 => (2..9_u8, rating()).prop_map(|(modulus, rating)| Update::ScoreMany { modulus, rating }),
        2 => (any::<u8>(), few()).prop_map(|(review, film)| Update::MoveToFilm { review, film }),
        2 => (any::<u8>(), maybe()).prop_map(|(review, critic)| Update::MoveToCritic { review, critic }),
        2 => (any::<u8>(), maybe()).prop_map(|(review, publication)| Update::MoveToPublication { review, publication }),
        1 => (2..9_u8, few(), maybe()).prop_map(|(modulus, film, publication)| {
            Update::MoveMany { modulus, film, publication }
        }),
        2 => (any::<u8>(), day()).prop_map(|(review, day)| Update::Redate { review, day }),
        1 => (2..9_u8).prop_map(|modulus| Update::Reword { modulus }),
        1 => (any::<u8>(), 1..=200_u8).prop_map(|(review, weight)| Update::WriteMaintainedColumns { review, weight }),
    ]
}

impl Update {
    pub fn sql(&self) -> String {
        match *self {
            Self::Score {
                review: number,
                rating,
            } => {
                format!(
                    "UPDATE review SET {} WHERE id = {}",
                    rating.assignments(),
                    review(number)
                )
            }
            Self::ScoreMany { modulus, rating } => {
                format!(
                    "UPDATE review SET {} WHERE id % {modulus} = 0",
                    rating.assignments()
                )
            }
            Self::MoveToFilm {
                review: number,
                film,
            } => {
                format!(
                    "UPDATE review SET film_id = coalesce({}, film_id) WHERE id = {}",
                    owner("film", Some(film)),
                    review(number)
                )
            }
            Self::MoveToCritic {
                review: number,
                critic,
            } => {
                format!(
                    "UPDATE review SET critic_id = {} WHERE id = {}",
                    owner("critic", critic),
                    review(number)
                )
            }
            Self::MoveToPublication {
                review: number,
                publication,
            } => format!(
                "UPDATE review SET publication_id = {} WHERE id = {}",
                owner("publication", publication),
                review(number)
            ),
            Self::MoveMany {
                modulus,
                film,
                publication,
            } => format!(
                "UPDATE review SET film_id = coalesce({}, film_id), publication_id = {} WHERE id % {modulus} = 1",
                owner("film", Some(film)),
                owner("publication", publication)
            ),
            Self::Redate {
                review: number,
                day,
            } => {
                format!(
                    "UPDATE review SET reviewed_on = {} WHERE id = {}",
                    date(day),
                    review(number)
                )
            }
            Self::Reword { modulus } => {
                format!("UPDATE review SET excerpt = 'Again.' WHERE id % {modulus} = 0")
            }
            Self::WriteMaintainedColumns {
                review: number,
                weight,
            } => {
                format!(
                    "UPDATE review SET weight = {weight} WHERE id = {}",
                    review(number)
                )
            }
        }
    }
}
