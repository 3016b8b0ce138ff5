//! Picks the critic and the publication of each review of a film.

use super::{critic::Critic, random::Random, shares::Shares};

/// The critic and the publication of a review, as indexes into the lists of critics and publications.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Reviewer {
    pub(super) critic: Option<usize>,
    pub(super) publication: Option<u32>,
}

/// Assigns critics and publications to the reviews of one film after the other.
///
/// Each critic reviews a film once before any critic reviews it a second time. A second review is for
/// another publication of the critic. A critic repeats a publication only when every critic has written
/// for all of theirs.
#[derive(Clone, Debug)]
pub(super) struct ReviewerPicker<'a> {
    critics: &'a [Critic],
    critic_shares: &'a Shares,
    publication_shares: &'a Shares,
    /// The reviews of each critic for the film that the critic reviewed last.
    progress: Vec<CriticProgress>,
    /// The number of critics whose first, second and third review of a film is for a new publication.
    round_sizes: [usize; 3],
    /// The current film, counted from 1.
    film: u32,
    /// The number of complete rounds: in a round, each eligible critic reviews the film once.
    round: usize,
    /// The number of critics that have reviewed the film in the current round.
    reviewed_in_round: usize,
}

/// A critic's reviews of a film.
#[derive(Clone, Copy, Default, Debug)]
struct CriticProgress {
    /// The film, counted from 1; 0 if the critic has no review yet.
    film: u32,
    /// The number of reviews.
    count: u32,
    /// The index of the publication of the first review among the critic's publications.
    first_publication: u32,
}

/// Returns the number of rounds in which a critic's review of a film is for a new publication. A
/// critic without publications takes part in the first round.
fn round_count(critic: &Critic) -> usize {
    critic.publications().len().max(1)
}

/// The maximum number of weighted draws of a critic. Then the next eligible critic in the list is
/// picked. Otherwise a film with reviews by nearly every critic would need too many draws.
const MAX_DRAWS: u32 = 6;

impl<'a> ReviewerPicker<'a> {
    pub(super) fn new(
        critics: &'a [Critic],
        critic_shares: &'a Shares,
        publication_shares: &'a Shares,
    ) -> Self {
        let size = |round| {
            critics
                .iter()
                .filter(|critic| round_count(critic) > round)
                .count()
        };
        Self {
            critics,
            critic_shares,
            publication_shares,
            progress: vec![CriticProgress::default(); critics.len()],
            round_sizes: [size(0), size(1), size(2)],
            film: 0,
            round: 0,
            reviewed_in_round: 0,
        }
    }

    /// Starts a film.
    pub(super) fn start_film(&mut self, film: u32) {
        self.film = film + 1;
        self.round = 0;
        self.reviewed_in_round = 0;
    }

    /// Picks the critic and publication of the next review. A few reviews have only a publication, and
    /// fewer have neither.
    pub(super) fn next(&mut self, random: &mut Random) -> Reviewer {
        let kind = random.below(100);
        let critic = if kind < 3 { None } else { self.critic(random) };
        let publication = match critic {
            Some(critic) => self.publication_of(critic, random),
            None if kind == 0 => None,
            None => self
                .publication_shares
                .draw(random)
                .and_then(|index| u32::try_from(index).ok()),
        };
        Reviewer {
            critic,
            publication,
        }
    }

    fn critic(&mut self, random: &mut Random) -> Option<usize> {
        while self
            .round_sizes
            .get(self.round)
            .is_some_and(|size| self.reviewed_in_round >= *size)
        {
            self.round += 1;
            self.reviewed_in_round = 0;
        }
        self.reviewed_in_round += 1;
        let drawn = (0..MAX_DRAWS).find_map(|_| {
            self.critic_shares
                .draw(random)
                .filter(|index| self.is_eligible(*index))
        });
        drawn.or_else(|| {
            let count = self.critics.len();
            let start = random.index(count);
            (start..count)
                .chain(0..start)
                .find(|index| self.is_eligible(*index))
        })
    }

    /// Returns whether a critic may write the next review.
    fn is_eligible(&self, critic: usize) -> bool {
        if self.round == self.round_sizes.len() {
            return true;
        }
        let progress = self.progress[critic];
        let count = if progress.film == self.film {
            progress.count
        } else {
            0
        };
        usize::try_from(count) == Ok(self.round) && round_count(&self.critics[critic]) > self.round
    }

    /// Counts another review of a critic, and returns its publication.
    fn publication_of(&mut self, critic: usize, random: &mut Random) -> Option<u32> {
        let publications = self.critics[critic].publications();
        let publication_count = u32::try_from(publications.len()).unwrap_or(0);
        let progress = &mut self.progress[critic];
        if progress.film != self.film {
            let starts_elsewhere = random.percent(30);
            *progress = CriticProgress {
                film: self.film,
                count: 0,
                first_publication: if starts_elsewhere {
                    random.below(publication_count)
                } else {
                    0
                },
            };
        }
        let offset = progress.first_publication + progress.count;
        progress.count += 1;
        let index = offset.checked_rem(publication_count)?;
        publications.get(usize::try_from(index).ok()?).copied()
    }
}
