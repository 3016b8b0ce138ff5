//! Conversions between the enums of the tables and those of the domains.

use entity::review;

use crate::{review::ScoreRule, score::Sentiment};

/// Implements the conversion of one enum into another one with the same variants.
macro_rules! one_way {
    ($from:ty, $to:ty, $($variant:ident),+) => {
        impl From<$from> for $to {
            fn from(value: $from) -> Self {
                match value { $(<$from>::$variant => Self::$variant),+ }
            }
        }
    };
}
pub(crate) use one_way;

/// Implements the conversions between an enum of a table and one of a domain with the same variants.
macro_rules! same_variants {
    ($row:ty, $domain:ty, $($variant:ident),+) => {
        $crate::review::store::enums::one_way!($row, $domain, $($variant),+);
        $crate::review::store::enums::one_way!($domain, $row, $($variant),+);
    };
}
pub(crate) use same_variants;

same_variants!(review::Sentiment, Sentiment, Positive, Mixed, Negative);
same_variants!(
    review::ScoreRule,
    ScoreRule,
    Given,
    Fraction,
    Stars,
    Letter,
    Percent
);
