//! Slugs that nobody else of a kind has.

use std::collections::HashMap;

/// The slugs of a kind that are given out. It is needed only while they are; what is kept of it is
/// each thing's number.
#[derive(Default)]
pub(super) struct Slugs {
    /// For every slug that is taken the number with which to go on looking when it is asked for
    /// once more. Nothing goes through the map in its own order, which differs from run to run.
    taken: HashMap<String, u32>,
}

impl Slugs {
    /// Takes the first free one of `base`, `base-2`, `base-3` … and returns its number. A numbered
    /// slug can be taken already, by something whose own name ends in a number.
    pub(super) fn take(&mut self, base: String) -> u32 {
        let Some(next) = self.taken.get(&base) else {
            self.taken.insert(base, 2);
            return 1;
        };
        let mut number = *next;
        while self.taken.contains_key(&numbered(base.clone(), number)) {
            number += 1;
        }
        self.taken.insert(numbered(base.clone(), number), 2);
        self.taken.insert(base, number + 1);
        number
    }
}

/// The slug with this number.
pub(super) fn numbered(base: String, number: u32) -> String {
    if number == 1 {
        base
    } else {
        format!("{base}-{number}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_numbered_slug_may_itself_be_taken() {
        let mut slugs = Slugs::default();
        let numbers = ["x", "x-2", "x", "x-2", "x"].map(|base| slugs.take(base.to_owned()));
        assert_eq!(numbers, [1, 1, 3, 2, 4]);
    }

    proptest! {
        #[test]
        fn no_slug_is_given_out_twice(bases in prop::collection::vec("[ab](-[23]){0,3}", 0..60)) {
            let mut slugs = Slugs::default();
            let mut seen = HashSet::new();
            for base in bases {
                let number = slugs.take(base.clone());
                prop_assert!(seen.insert(numbered(base, number)));
            }
        }
    }
}
