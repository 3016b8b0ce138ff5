//! How the weights of reviews count in a mean.

/// How the reviews count in a mean.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Weighting {
    /// Each review by its weight, which is that of its publication.
    #[default]
    ByPublication,
    /// All reviews alike, whatever their weights are.
    Equal,
}

impl Weighting {
    /// All weightings.
    pub const ALL: [Self; 2] = [Self::ByPublication, Self::Equal];

    /// Returns the name in the database and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ByPublication => "by_publication",
            Self::Equal => "equal",
        }
    }

    /// Returns the weighting with a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|weighting| weighting.name() == name)
    }
}
