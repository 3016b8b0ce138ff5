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
        let room = |round| {
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
            round_sizes: [room(0), room(1), room(2)],
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
                .and_then(|at| u32::try_from(at).ok()),
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
            .is_some_and(|room| self.reviewed_in_round >= *room)
        {
            self.round += 1;
            self.reviewed_in_round = 0;
        }
        self.reviewed_in_round += 1;
        let drawn = (0..MAX_DRAWS).find_map(|_| {
            self.critic_shares
                .draw(random)
                .filter(|at| self.is_eligible(*at))
        });
        drawn.or_else(|| {
            let count = self.critics.len();
            let start = random.index(count);
            (start..count)
                .chain(0..start)
                .find(|at| self.is_eligible(*at))
        })
    }

    /// Returns whether a critic may write the next review.
    fn is_eligible(&self, critic: usize) -> bool {
        if self.round == self.round_sizes.len() {
            return true;
        }
        let written = self.progress[critic];
        let count = if written.film == self.film {
            written.count
        } else {
            0
        };
        usize::try_from(count) == Ok(self.round) && round_count(&self.critics[critic]) > self.round
    }

    /// Counts another review of a critic, and returns its publication.
    fn publication_of(&mut self, critic: usize, random: &mut Random) -> Option<u32> {
        let homes = self.critics[critic].publications();
        let places = u32::try_from(homes.len()).unwrap_or(0);
        let written = &mut self.progress[critic];
        if written.film != self.film {
            let strays = random.percent(30);
            *written = CriticProgress {
                film: self.film,
                count: 0,
                first_publication: if strays { random.below(places) } else { 0 },
            };
        }
        let turn = written.first_publication + written.count;
        written.count += 1;
        let home = turn.checked_rem(places)?;
        homes.get(usize::try_from(home).ok()?).copied()
    }
}
