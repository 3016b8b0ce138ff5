//! How large a catalogue is.

/// How many of each kind a catalogue has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Size {
    /// How many films. At least one if there are reviews.
    pub films: u32,
    /// How many critics. With none, no review names one.
    pub critics: u32,
    /// How many publications. With none, no review names one.
    pub publications: u32,
    /// How many reviews of all films together.
    pub reviews: u32,
}

/// Why there is no catalogue of a size.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SizeError {
    /// A review is of a film.
    #[error("reviews need at least one film")]
    ReviewsWithoutFilms,
}

impl Size {
    /// Checks a size that somebody asked for.
    ///
    /// # Errors
    /// If there are to be reviews but no films.
    pub const fn check(self) -> Result<Self, SizeError> {
        if self.films == 0 && self.reviews > 0 {
            Err(SizeError::ReviewsWithoutFilms)
        } else {
            Ok(self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reviews_need_a_film() {
        let size = |films, reviews| Size {
            films,
            critics: 0,
            publications: 0,
            reviews,
        };
        assert_eq!(size(0, 1).check(), Err(SizeError::ReviewsWithoutFilms));
        assert_eq!(size(0, 0).check(), Ok(size(0, 0)));
        assert_eq!(size(1, 9).check(), Ok(size(1, 9)));
    }
}
