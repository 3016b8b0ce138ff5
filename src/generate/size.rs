//! The size of a catalogue.

/// The number of entities of each kind in a catalogue.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Size {
    /// The number of films, at least 1 if there are reviews.
    pub films: u32,
    /// The number of critics. If 0, no review has a critic.
    pub critics: u32,
    /// The number of publications. If 0, no review has a publication.
    pub publications: u32,
    /// The number of reviews of all films together.
    pub reviews: u32,
}

/// The error for an impossible size.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SizeError {
    /// There are reviews but no films.
    #[error("reviews need at least one film")]
    ReviewsWithoutFilms,
}

impl Size {
    /// Checks a requested size.
    ///
    /// # Errors
    /// Returns an error if there are reviews but no films.
    pub const fn check(self) -> Result<Self, SizeError> {
        if self.films == 0 && self.reviews > 0 {
            Err(SizeError::ReviewsWithoutFilms)
        } else {
            Ok(self)
        }
    }
}

#[cfg(test)]
mod tests;
