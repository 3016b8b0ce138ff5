//! A search for the operations that take the most time per unit: random ones, and mutations of the worst.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use crate::{
    sample::{Sample, spread},
    server::Server,
};

/// The number of worst operations that are printed and mutated.
const MAX_RESULTS: usize = 20;

/// Searches for the given time.
pub fn search(server: &Server, time: Duration) {
    let mut random = ChaCha8Rng::from_seed([17; 32]);
    let deadline = Instant::now() + time;
    let mut worst: Vec<(Vec<u8>, Sample)> = Vec::new();
    let (mut sent, mut rejected) = (0_u64, 0_u64);
    while Instant::now() < deadline {
        let seed = match worst.len() {
            len if len > 0 && random.next_u32().is_multiple_of(2) => {
                let index = random.next_u32() as usize % len;
                mutated(&worst[index].0, &mut random)
            }
            _ => fresh(&mut random),
        };
        sent += 1;
        let Some(sample) = server.sample(&seed) else {
            rejected += 1;
            continue;
        };
        worst.push((seed, sample));
        worst.sort_by(|(_, left), (_, right)| right.ratio().total_cmp(&left.ratio()));
        // Keep only one of each shape, so that the others are found as well.
        let mut shapes = HashSet::new();
        worst.retain(|(_, sample)| shapes.insert(sample.shape.clone()));
        worst.truncate(MAX_RESULTS);
    }
    println!("{sent} operations, {rejected} of them rejected; the worst ones:");
    // A measurement may have been disturbed, so the worst are measured again.
    let again: Vec<Sample> = worst
        .iter()
        .filter_map(|(seed, _)| server.sample(seed))
        .collect();
    spread(again);
}

/// Measures this number of random operations.
pub fn random(server: &Server, count: usize) -> Vec<Sample> {
    let mut random = ChaCha8Rng::from_seed([23; 32]);
    let mut samples = Vec::new();
    while samples.len() < count {
        samples.extend(server.sample(&fresh(&mut random)));
    }
    samples
}

fn fresh(random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut seed = vec![0; 160];
    random.fill_bytes(&mut seed);
    seed
}

/// Returns the seed with some bytes changed.
fn mutated(seed: &[u8], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut seed = seed.to_vec();
    for _ in 0..=random.next_u32() % 4 {
        let index = random.next_u32() as usize % seed.len();
        seed[index] = random.next_u32().to_le_bytes()[0];
    }
    seed
}
