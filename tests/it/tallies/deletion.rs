//! Statements of a history that delete reviews or their owners.

use proptest::prelude::*;

use super::sql::review;

#[derive(Clone, Debug)]
pub enum Deletion {
    Review { review: u8 },
    ManyReviews { modulus: u8 },
    Film { film: u8 },
    Critic { critic: u8 },
    Publication { publication: u8 },
    Truncate,
}

pub fn deletion() -> impl Strategy<Value = Deletion> {
    prop_oneof![
        3 => any::<u8>().prop_map(|review| Deletion::Review { review }),
        1 => (2..9_u8).prop_map(|modulus| Deletion::ManyReviews { modulus }),
        1 => (0..6_u8).prop_map(|film| Deletion::Film { film }),
        1 => (0..4_u8).prop_map(|critic| Deletion::Critic { critic }),
        1 => (0..4_u8).prop_map(|publication| Deletion::Publication { publication }),
        1 => Just(Deletion::Truncate),
    ]
}

impl Deletion {
    pub fn sql(&self) -> String {
        match *self {
            Self::Review { review: number } => {
                format!("DELETE FROM review WHERE id = {}", review(number))
            }
            Self::ManyReviews { modulus } => format!("DELETE FROM review WHERE id % {modulus} = 0"),
            Self::Film { film } => format!("DELETE FROM film WHERE slug LIKE 'x{film}-%'"),
            Self::Critic { critic } => format!("DELETE FROM critic WHERE slug LIKE 'x{critic}-%'"),
            Self::Publication { publication } => {
                format!("DELETE FROM publication WHERE slug LIKE 'x{publication}-%'")
            }
            Self::Truncate => "TRUNCATE review".to_owned(),
        }
    }
}
