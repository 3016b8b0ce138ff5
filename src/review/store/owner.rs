//! The owner of reviews: a film, a critic or a publication.

use entity::review;

use crate::{
    cache::tag::{Tag, TagKind},
    review::owner::{Owner, OwnerKind},
};

/// Returns the tag that is invalidated when any of an owner's reviews changes.
#[must_use]
pub fn owner_reviews_tag(owner: Owner) -> Tag {
    match owner {
        Owner::Film(id) => Tag::of(TagKind::FilmReviews, id.0),
        Owner::Critic(id) => Tag::of(TagKind::CriticReviews, id.0),
        Owner::Publication(id) => Tag::of(TagKind::PublicationReviews, id.0),
    }
}

/// Returns the column that refers to the owner.
#[must_use]
pub fn owner_column(kind: OwnerKind) -> review::Column {
    match kind {
        OwnerKind::Film => review::Column::FilmId,
        OwnerKind::Critic => review::Column::CriticId,
        OwnerKind::Publication => review::Column::PublicationId,
    }
}
