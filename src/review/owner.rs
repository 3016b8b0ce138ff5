//! The owners of reviews.

use super::Review;
use crate::{critic::CriticId, film::FilmId, publication::PublicationId};

/// The owner of a list of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The film that the reviews are about.
    Film(FilmId),
    /// The critic who wrote the reviews.
    Critic(CriticId),
    /// The publication that published the reviews.
    Publication(PublicationId),
}

/// A kind of owner of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OwnerKind {
    /// Films.
    Film,
    /// Critics.
    Critic,
    /// Publications.
    Publication,
}

impl Owner {
    /// Returns the kind of the owner.
    #[must_use]
    pub const fn kind(self) -> OwnerKind {
        match self {
            Self::Film(_) => OwnerKind::Film,
            Self::Critic(_) => OwnerKind::Critic,
            Self::Publication(_) => OwnerKind::Publication,
        }
    }

    /// Returns the key of the owner in the table of its kind.
    #[must_use]
    pub const fn key(self) -> i64 {
        match self {
            Self::Film(id) => id.0,
            Self::Critic(id) => id.0,
            Self::Publication(id) => id.0,
        }
    }
}

impl OwnerKind {
    /// Returns the owner of this kind with the given key.
    #[must_use]
    pub const fn owner(self, key: i64) -> Owner {
        match self {
            Self::Film => Owner::Film(FilmId(key)),
            Self::Critic => Owner::Critic(CriticId(key)),
            Self::Publication => Owner::Publication(PublicationId(key)),
        }
    }

    /// Returns a review's owner of this kind, if the review has one.
    #[must_use]
    pub fn of(self, review: &Review) -> Option<Owner> {
        match self {
            Self::Film => Some(Owner::Film(review.film)),
            Self::Critic => review.critic.map(Owner::Critic),
            Self::Publication => review.publication.map(Owner::Publication),
        }
    }
}
