//! The words that everything is made of. Nothing here is anybody's: people and towns are put together
//! from parts, and every phrase was written for this list.

pub(super) mod bylines;
pub(super) mod genres;
pub(super) mod mastheads;
pub(super) mod people;
pub(super) mod phrases;
pub(super) mod places;
pub(super) mod plots;
pub(super) mod titles;
