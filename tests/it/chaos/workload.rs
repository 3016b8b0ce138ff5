//! The workload of the clients, and the expected results.

use marquee::global_id::{GlobalId, Kind};
use serde_json::{Value, json};

use super::client::FinalResult;
use crate::support::test_rng::TestRng;

pub const CLIENTS: usize = 32;
pub const FILMS: usize = 50;
/// The number of publications that the reviews name.
pub const PUBLICATIONS: usize = 20;
/// The number of editors' tokens and of critics' tokens. The latter belong to the first critics.
pub const EDITORS: usize = 4;
pub const CRITICS_WITH_TOKENS: usize = 8;

/// One of this many requests is to be rejected.
const REFUSED: usize = 10;

/// Returns the number of critics if each critic reviews each film once.
pub fn critics(reviews: usize) -> usize {
    reviews.div_ceil(FILMS)
}

/// The reason why a task is to be rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    None,
    /// The critic has already reviewed the film for this publication.
    Duplicate,
    UnknownFilm,
    ScoreTooHigh,
    /// A critic's token with another critic's id.
    OthersCritic,
}

/// The owner of the token of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenOwner {
    Editor(usize),
    Critic(usize),
}

/// A review to add.
#[derive(Clone, Debug)]
pub struct Task {
    pub by: TokenOwner,
    pub flaw: Flaw,
    /// Unique among all tasks.
    pub excerpt: String,
    pub key: String,
    film: usize,
    /// `None` for an anonymous review: only its idempotency key prevents a duplicate.
    critic: Option<usize>,
    paper: Option<usize>,
    score: Option<usize>,
}

impl Task {
    /// Returns the input of `addReview`.
    pub fn input(&self) -> Value {
        let id = |kind, key: usize| {
            let key = i64::try_from(key).unwrap();
            GlobalId { kind, key }.encode()
        };
        let film = match self.flaw {
            Flaw::UnknownFilm => FILMS + self.film,
            _ => self.film,
        };
        let mut input = json!({
            "film": id(Kind::Film, film), "excerpt": self.excerpt, "idempotencyKey": self.key,
            "score": self.score, "sentiment": self.score.is_none().then_some("MIXED"),
        });
        if let Some(paper) = self.paper {
            input["publication"] = json!({ "name": publication_name(paper) });
        }
        // With a critic's token the critic may be omitted.
        if let Some(critic) = self
            .critic
            .filter(|critic| self.by != TokenOwner::Critic(*critic))
        {
            input["critic"] = json!({ "id": id(Kind::Critic, critic) });
        }
        input
    }

    /// Returns the expected row: key, film, critic, publication and score.
    pub fn row(&self, key: i64) -> Vec<Value> {
        let paper = self.paper.map(publication_name);
        vec![
            json!(key),
            json!(self.film),
            json!(self.critic),
            json!(paper),
            json!(self.score),
        ]
    }

    /// Returns whether a final result is the expected one.
    pub fn expects(&self, result: &FinalResult) -> bool {
        let code = match (self.flaw, result) {
            (Flaw::None, result) => return matches!(result, FinalResult::Added(_)),
            (Flaw::Duplicate, _) => "ALREADY_REVIEWED",
            (Flaw::UnknownFilm, _) => "NOT_FOUND",
            (Flaw::ScoreTooHigh, _) => "OUT_OF_RANGE",
            (Flaw::OthersCritic, _) => "FORBIDDEN",
        };
        let FinalResult::Rejected(codes) = result else {
            return false;
        };
        // A duplicate of another task's review has all errors at once.
        codes == code || codes.strip_suffix(" ALREADY_REVIEWED") == Some(code)
    }
}

fn publication_name(paper: usize) -> String {
    format!("Paper {paper}")
}

/// Returns the tasks of each client in order.
pub fn tasks(seed: u64, reviews: usize) -> Vec<Vec<Task>> {
    let mut rng = TestRng::new(seed, u64::MAX / 2);
    let mut places: Vec<_> = (0..reviews)
        .map(|n| (1 + n % FILMS, 1 + n / FILMS))
        .collect();
    rng.shuffle(&mut places);
    let mut tasks = vec![Vec::new(); CLIENTS];
    for (n, (film, critic)) in places.into_iter().enumerate() {
        let client = n % CLIENTS;
        let own = &mut tasks[client];
        let add = |task: Task, own: &mut Vec<Task>| {
            let number = own.len();
            own.push(Task {
                excerpt: format!("Review {number} of client {client}."),
                key: format!("{seed:x}-{client}-{number}"),
                ..task
            });
        };
        while rng.one_in(REFUSED) {
            add(flawed(&mut rng, own), own);
        }
        add(good(&mut rng, film, critic), own);
    }
    tasks
}

fn good(rng: &mut TestRng, film: usize, critic: usize) -> Task {
    let is_by_critic = critic <= CRITICS_WITH_TOKENS && rng.one_in(2);
    let by = if is_by_critic {
        TokenOwner::Critic(critic)
    } else {
        TokenOwner::Editor(rng.below(EDITORS))
    };
    Task {
        by,
        flaw: Flaw::None,
        excerpt: String::new(),
        key: String::new(),
        film,
        critic: (is_by_critic || !rng.one_in(6)).then_some(critic),
        // A critic's token may not add publications.
        paper: (!is_by_critic && !rng.one_in(4)).then(|| 1 + rng.below(PUBLICATIONS)),
        score: (!rng.one_in(8)).then(|| rng.below(101)),
    }
}

/// Returns a task to be rejected, based on an earlier task of the client.
fn flawed(rng: &mut TestRng, before: &[Task]) -> Task {
    let is_signed = |task: &&Task| task.flaw == Flaw::None && task.critic.is_some();
    let added: Vec<_> = before.iter().filter(is_signed).collect();
    let mut task = match added.len() {
        0 => good(rng, 1, CRITICS_WITH_TOKENS + 1),
        some => added[rng.below(some)].clone(),
    };
    task.flaw = match rng.below(4) {
        0 if !added.is_empty() => Flaw::Duplicate,
        1 => Flaw::UnknownFilm,
        2 => Flaw::OthersCritic,
        _ => Flaw::ScoreTooHigh,
    };
    match task.flaw {
        Flaw::ScoreTooHigh => {
            task.score = Some(101 + rng.below(1000));
            task.by = TokenOwner::Editor(rng.below(EDITORS));
            // Rejected reviews must not add their publication.
            task.paper = Some(0);
        }
        Flaw::OthersCritic => {
            let critic = task.critic.get_or_insert(1);
            task.by = TokenOwner::Critic(1 + *critic % CRITICS_WITH_TOKENS);
            task.paper = None;
        }
        Flaw::None | Flaw::Duplicate | Flaw::UnknownFilm => {}
    }
    task
}
