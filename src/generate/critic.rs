//! Critics, with their publications and their bias.

use super::{
    named::Named,
    names,
    random::{Purpose, Random},
    shares::{Shares, ZipfMandelbrot},
    slugs::Slugs,
};
use crate::catalogue::record::{CriticRecord, Record};

/// The distribution of reviews over critics: at 200 reviews a critic on average, the busiest write
/// thousands and half of them write two dozen or fewer.
pub(super) const REVIEW_SHARES: ZipfMandelbrot = ZipfMandelbrot {
    offset_divisor: 40,
    offset: 1,
    power: 2,
    idle_divisor: None,
};

/// The mean of [`Critic::bias`].
pub(super) const MEAN_BIAS: u32 = 12;

/// A critic.
#[derive(Clone, Debug)]
pub(super) struct Critic {
    named: Named,
    /// The publications as indexes. The critic mostly writes for the first.
    publications: Box<[u32]>,
    /// The points that the critic adds to an opinion, relative to [`MEAN_BIAS`].
    pub(super) bias: u32,
}

impl Critic {
    pub(super) fn new(seed: u64, number: u32, publications: &Shares, slugs: &mut Slugs) -> Self {
        let mut random = Random::new(seed, Purpose::Critic, number);
        Self {
            named: Named::new(names::person(&mut random), slugs),
            publications: draw_publications(publications, &mut random),
            bias: random.bell(MEAN_BIAS / 2 + 1),
        }
    }

    /// Returns the critic's publications: one to three, or none if the catalogue has no publications.
    pub(super) fn publications(&self) -> &[u32] {
        &self.publications
    }

    pub(super) fn named(&self) -> &Named {
        &self.named
    }

    pub(super) fn record(&self) -> Record {
        Record::Critic(CriticRecord {
            critic: self.named.reference(),
            ..CriticRecord::default()
        })
    }
}

/// Draws one to three publications, most often one. Duplicates are dropped.
fn draw_publications(shares: &Shares, random: &mut Random) -> Box<[u32]> {
    let count = random.weighted(&[(65, 1), (22, 2), (13, 3)]);
    let mut publications = Vec::with_capacity(count);
    for _ in 0..count {
        let drawn = shares
            .draw(random)
            .and_then(|index| u32::try_from(index).ok());
        if let Some(index) = drawn.filter(|index| !publications.contains(index)) {
            publications.push(index);
        }
    }
    publications.into()
}
