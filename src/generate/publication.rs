//! Publications.

use super::{
    named::Named,
    names,
    random::{Purpose, Random},
    shares::ZipfMandelbrot,
    slugs::Slugs,
    words::mastheads,
};
use crate::{
    catalogue::record::{PublicationRecord, Record},
    score::Weight,
};

/// The distribution of reviews over publications.
pub(super) const REVIEW_SHARES: ZipfMandelbrot = ZipfMandelbrot {
    offset_divisor: 20,
    offset: 1,
    power: 1,
    idle_divisor: None,
};

/// The weights in hundredths, each with its percentage of publications.
const WEIGHTS: &[(u32, i32)] = &[(80, 100), (10, 50), (7, 150), (3, 200)];

/// A publication.
#[derive(Clone, Debug)]
pub(super) struct Publication {
    named: Named,
    weight: Option<Weight>,
    has_page: bool,
}

impl Publication {
    pub(super) fn new(seed: u64, number: u32, slugs: &mut Slugs) -> Self {
        let mut random = Random::new(seed, Purpose::Publication, number);
        Self {
            named: Named::new(masthead(&mut random), slugs),
            weight: Weight::from_hundredths(random.weighted(WEIGHTS)),
            has_page: random.percent(60),
        }
    }

    pub(super) fn named(&self) -> &Named {
        &self.named
    }

    pub(super) fn record(&self) -> Record {
        let slug = self.named.slug();
        Record::Publication(PublicationRecord {
            publication: self.named.reference(),
            url: self
                .has_page
                .then(|| format!("https://example.org/publications/{slug}")),
            weight: self.weight,
        })
    }
}

/// Draws the name of a newspaper or station of a fictional town, or of a film magazine.
fn masthead(random: &mut Random) -> String {
    let place = names::place(random);
    match random.below(10) {
        0..=3 => format!("The {place} {}", random.pick(mastheads::PAPERS)),
        4..=5 => format!("{place} {}", random.pick(mastheads::PAPERS)),
        6 => format!("{} {place}", random.pick(mastheads::STATIONS)),
        7..=8 => format!("{place} {}", random.pick(mastheads::SECOND)),
        _ => format!(
            "{} {}",
            random.pick(mastheads::FIRST),
            random.pick(mastheads::SECOND)
        ),
    }
}
