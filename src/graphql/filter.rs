//! What the filters of several domains share.

use async_graphql::InputObject;

use crate::filter::IntRange;

/// Whole numbers from one to another, both included.
#[derive(Clone, Copy, Debug, Default, InputObject)]
#[graphql(name = "IntRange")]
pub struct IntRangeInput {
    /// The least; open when it is null or left out.
    pub from: Option<i32>,
    /// The greatest; open when it is null or left out.
    pub to: Option<i32>,
}

impl From<Option<IntRangeInput>> for IntRange {
    fn from(input: Option<IntRangeInput>) -> Self {
        input.map_or_else(Self::default, |IntRangeInput { from, to }| Self {
            from,
            to,
        })
    }
}
