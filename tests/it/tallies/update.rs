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
    /// Critics are merged, or erased.
    MoveAllOfCritic {
        from: u8,
        into: Option<u8>,
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
        2 => (0..4_u8, maybe()).prop_map(|(from, into)| Update::MoveAllOfCritic { from, into }),
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
        format!(
            "UPDATE review SET {} WHERE {}",
            self.assignments(),
            self.condition()
        )
    }

    fn assignments(&self) -> String {
        match *self {
            Self::Score { rating, .. } | Self::ScoreMany { rating, .. } => rating.assignments(),
            Self::MoveToFilm { film, .. } => {
                format!("film_id = coalesce({}, film_id)", owner("film", Some(film)))
            }
            Self::MoveToCritic { critic, .. } => {
                format!("critic_id = {}", owner("critic", critic))
            }
            Self::MoveAllOfCritic { into, .. } => {
                format!("critic_id = {}, byline = 'Former'", owner("critic", into))
            }
            Self::MoveToPublication { publication, .. } => {
                format!("publication_id = {}", owner("publication", publication))
            }
            Self::MoveMany {
                film, publication, ..
            } => format!(
                "film_id = coalesce({}, film_id), publication_id = {}",
                owner("film", Some(film)),
                owner("publication", publication)
            ),
            Self::Redate { day, .. } => format!("reviewed_on = {}", date(day)),
            Self::Reword { .. } => "excerpt = 'Again.'".to_owned(),
            Self::WriteMaintainedColumns { weight, .. } => format!("weight = {weight}"),
        }
    }

    fn condition(&self) -> String {
        match *self {
            Self::MoveAllOfCritic { from, .. } => {
                format!("critic_id = {}", owner("critic", Some(from)))
            }
            Self::Score { review: number, .. }
            | Self::MoveToFilm { review: number, .. }
            | Self::MoveToCritic { review: number, .. }
            | Self::MoveToPublication { review: number, .. }
            | Self::Redate { review: number, .. }
            | Self::WriteMaintainedColumns { review: number, .. } => {
                format!("id = {}", review(number))
            }
            Self::ScoreMany { modulus, .. } | Self::Reword { modulus } => {
                format!("id % {modulus} = 0")
            }
            Self::MoveMany { modulus, .. } => format!("id % {modulus} = 1"),
        }
    }
}
