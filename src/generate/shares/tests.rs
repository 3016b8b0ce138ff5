use proptest::prelude::*;

use super::*;
use crate::generate::random::Purpose;

fn parts(distribution: ZipfMandelbrot, count: u32, number: u32, seed: u64) -> Vec<u32> {
    let mut random = Random::new(seed, Purpose::Shares, 0);
    let starts = Shares::new(distribution, count, &mut random).split(number);
    starts.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

const GENTLE: ZipfMandelbrot = ZipfMandelbrot {
    offset_divisor: 200,
    offset: 4,
    power: 1,
    idle_divisor: Some(50),
};

#[test]
fn the_parts_follow_the_distribution_in_a_shuffled_order() {
    let mut sizes = parts(GENTLE, 100, 1_000_000, 1);
    assert_ne!(sizes.iter().max(), sizes.first());
    sizes.sort_unstable_by(|left, right| right.cmp(left));
    let ratio = u64::from(sizes[0]) * 100 / u64::from(sizes[9]);
    assert_eq!(
        ratio, 280,
        "the ratio of ranks 1 and 10 is (10 + 4) / (1 + 4)"
    );
    assert_eq!(
        sizes[97..],
        [sizes[97], 0, 0],
        "one rank in 50 has no share"
    );
}

/// The test sums over a thousandth of the ranks. The full sum is larger by at most 7, because ln(1,000) < 7.
#[test]
fn the_sum_over_all_ranks_does_not_overflow() {
    let distribution = ZipfMandelbrot {
        offset_divisor: u32::MAX,
        offset: 0,
        power: 1,
        idle_divisor: None,
    };
    let sum: u64 = distribution.shares(u32::MAX / 1_000).sum();
    assert!(sum + 7 * ZipfMandelbrot::ONE < 23 * ZipfMandelbrot::ONE);
    let first: Vec<_> = distribution.shares(3).collect();
    assert_eq!(
        first,
        [
            ZipfMandelbrot::ONE,
            ZipfMandelbrot::ONE / 2,
            ZipfMandelbrot::ONE / 3
        ]
    );
}

proptest! {
    #[test]
    fn the_parts_add_up_to_the_number(
        count in 1_u32..3_000,
        number: u32,
        seed: u64,
        power in 1_u32..=2,
        offset in 0_u32..5,
    ) {
        let distribution = ZipfMandelbrot { offset, power, ..GENTLE };
        let parts = parts(distribution, count, number, seed);
        prop_assert_eq!(parts.len(), usize::try_from(count).expect("small"));
        prop_assert_eq!(parts.into_iter().map(u64::from).sum::<u64>(), u64::from(number));
    }

    #[test]
    fn a_drawn_index_is_in_range(count in 1_u32..300, seed: u64) {
        let mut random = Random::new(seed, Purpose::Shares, 0);
        let shares = Shares::new(GENTLE, count, &mut random);
        let drawn = shares.draw(&mut random).expect("there is at least one item");
        prop_assert!(drawn < shares.ends.len());
    }
}
