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
