use proptest::prelude::*;

use super::*;

/// The expected words are those of the cipher's specification, computed by another program. If this
/// test fails, every catalogue has changed.
#[test]
fn the_words_of_a_stream_are_pinned() {
    let words = |seed, purpose, number| {
        let mut random = Random::new(seed, purpose, number);
        [random.word(), random.word()]
    };
    assert_eq!(words(0, Purpose::Film, 0), [1_740_451_766, 4_239_384_297]);
    assert_eq!(words(42, Purpose::Reviews, 7), [3_627_807_189, 22_397_305]);
}

#[test]
fn streams_of_other_seeds_purposes_and_numbers_differ() {
    let word = |seed, purpose, number| Random::new(seed, purpose, number).word();
    let first = word(1, Purpose::Film, 1);
    assert_ne!(first, word(2, Purpose::Film, 1));
    assert_ne!(first, word(1, Purpose::Critic, 1));
    assert_ne!(first, word(1, Purpose::Film, 2));
}

#[test]
fn weighted_choices_follow_their_weights() {
    let mut random = Random::new(1, Purpose::Film, 0);
    let heads = (0..10_000)
        .filter(|_| random.weighted(&[(3, true), (0, false), (1, false)]))
        .count();
    assert!((7_300..7_700).contains(&heads), "{heads}");
}

proptest! {
    #[test]
    fn a_choice_is_below_its_bound(seed: u64, small in 1_u32.., large in 1_u64.., length in 1_usize..) {
        let mut random = Random::new(seed, Purpose::Film, 0);
        prop_assert!(random.below(small) < small);
        prop_assert!(random.below_wide(large) < large);
        prop_assert!(random.index(length) < length);
    }

    #[test]
    fn a_shuffle_loses_nothing(seed: u64, length in 0_usize..50) {
        let mut items: Vec<_> = (0..length).collect();
        Random::new(seed, Purpose::Film, 0).shuffle(&mut items);
        items.sort_unstable();
        prop_assert_eq!(items, (0..length).collect::<Vec<_>>());
    }
}
