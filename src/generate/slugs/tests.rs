use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

#[test]
fn a_numbered_slug_may_itself_be_taken() {
    let mut slugs = Slugs::default();
    let numbers = ["x", "x-2", "x", "x-2", "x"].map(|base| slugs.reserve(base.to_owned()));
    assert_eq!(numbers, [1, 1, 3, 2, 4]);
}

proptest! {
    #[test]
    fn no_slug_is_assigned_twice(bases in prop::collection::vec("[ab](-[23]){0,3}", 0..60)) {
        let mut slugs = Slugs::default();
        let mut assigned = HashSet::new();
        for base in bases {
            let number = slugs.reserve(base.clone());
            prop_assert!(assigned.insert(numbered(base, number)));
        }
    }
}
