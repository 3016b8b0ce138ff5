//! The words that the catalogue is made of. All of it is invented: names of people and towns are combined
//! from parts, and every phrase was written for this list.

pub(super) mod bylines;
pub(super) mod genres;
pub(super) mod mastheads;
pub(super) mod people;
pub(super) mod phrases;
pub(super) mod places;
pub(super) mod plots;
pub(super) mod titles;
