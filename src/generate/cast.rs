//! Who reviews a film, and where.

use super::{critic::Critic, random::Random, shares::Shares};

/// Who reviews, as places in the lists of critics and publications.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Role {
    pub(super) critic: Option<usize>,
    pub(super) publication: Option<u32>,
}

/// Hands out the reviews of one film after the other.
///
/// Each critic gets one review of a film before anybody gets a second, which is for another
/// publication; only when every critic has written for all of theirs does anybody repeat.
#[derive(Clone, Debug)]
pub(super) struct Cast<'a> {
    critics: &'a [Critic],
    busyness: &'a Shares,
    publications: &'a Shares,
    /// What each critic wrote of the film that they wrote of last.
    written: Vec<Written>,
    /// For how many critics a first, second and third review of a film is for a new publication.
    rooms: [usize; 3],
    /// The film at hand, counted from 1.
    film: u32,
    /// How many reviews everybody who can has written of it.
    round: usize,
    /// How many have written one more.
    ahead: usize,
}

/// What a critic wrote of a film.
#[derive(Clone, Copy, Default, Debug)]
struct Written {
    /// The film, counted from 1; 0 if the critic has written nothing.
    film: u32,
    /// How many reviews.
    count: u32,
    /// For which of their publications first.
    first: u32,
}

/// In how many rounds a critic's review of a film is for a new publication. Who has no publication
/// at all takes part in the first.
fn places(critic: &Critic) -> usize {
    critic.publications().len().max(1)
}

/// How often a critic is drawn by how much they write, before whoever comes next in the list is as
/// good. A film with nearly every critic would need too many draws otherwise.
const TRIES: u32 = 6;

impl<'a> Cast<'a> {
    pub(super) fn new(
        critics: &'a [Critic],
        busyness: &'a Shares,
        publications: &'a Shares,
    ) -> Self {
        let room = |round| {
            critics
                .iter()
                .filter(|critic| places(critic) > round)
                .count()
        };
        Self {
            critics,
            busyness,
            publications,
            written: vec![Written::default(); critics.len()],
            rooms: [room(0), room(1), room(2)],
            film: 0,
            round: 0,
            ahead: 0,
        }
    }

    /// Goes on to a film.
    pub(super) fn open(&mut self, film: u32) {
        self.film = film + 1;
        self.round = 0;
        self.ahead = 0;
    }

    /// Who writes the next review of the film. A few reviews name their publication only, and fewer
    /// nothing at all.
    pub(super) fn next(&mut self, random: &mut Random) -> Role {
        let kind = random.below(100);
        let critic = if kind < 3 { None } else { self.critic(random) };
        let publication = match critic {
            Some(critic) => self.publication_of(critic, random),
            None if kind == 0 => None,
            None => self
                .publications
                .draw(random)
                .and_then(|at| u32::try_from(at).ok()),
        };
        Role {
            critic,
            publication,
        }
    }

    fn critic(&mut self, random: &mut Random) -> Option<usize> {
        while self
            .rooms
            .get(self.round)
            .is_some_and(|room| self.ahead >= *room)
        {
            self.round += 1;
            self.ahead = 0;
        }
        self.ahead += 1;
        let drawn =
            (0..TRIES).find_map(|_| self.busyness.draw(random).filter(|at| self.is_free(*at)));
        drawn.or_else(|| {
            let count = self.critics.len();
            let start = random.index(count);
            (start..count).chain(0..start).find(|at| self.is_free(*at))
        })
    }

    /// Whether a critic may write the next review.
    fn is_free(&self, critic: usize) -> bool {
        if self.round == self.rooms.len() {
            return true;
        }
        let written = self.written[critic];
        let count = if written.film == self.film {
            written.count
        } else {
            0
        };
        usize::try_from(count) == Ok(self.round) && places(&self.critics[critic]) > self.round
    }

    /// Notes that a critic writes once more, and says where.
    fn publication_of(&mut self, critic: usize, random: &mut Random) -> Option<u32> {
        let homes = self.critics[critic].publications();
        let places = u32::try_from(homes.len()).unwrap_or(0);
        let written = &mut self.written[critic];
        if written.film != self.film {
            let strays = random.percent(30);
            *written = Written {
                film: self.film,
                count: 0,
                first: if strays { random.below(places) } else { 0 },
            };
        }
        let turn = written.first + written.count;
        written.count += 1;
        let home = turn.checked_rem(places)?;
        homes.get(usize::try_from(home).ok()?).copied()
    }
}
