//! Whole answers, by what was asked.

use std::{collections::HashMap, fmt, sync::Arc};

use futures_channel::oneshot;
use parking_lot::{Mutex, MutexGuard};
use quick_cache::{Weighter, sync::Cache};

use super::{
    tag::Tag,
    versions::{Moment, Versions},
};
use crate::observe::CacheMetrics;

/// About how many answers it is made for.
const USUAL: usize = 10_000;

/// What an answer takes beside itself: its question, twice, and its place.
const OVERHEAD: u64 = 256;

/// How many tags an answer may rest on. Holding more of them against what has changed isn't much faster than asking the database.
const MOST_TAGS: usize = 4_000;

/// Something that can be kept.
pub trait Keepable {
    /// About how many bytes it takes.
    fn weight(&self) -> usize;

    /// What it rests on: it is held against what has changed of these each time it is asked for.
    fn tags(&self) -> &[Tag];
}

/// All that an answer depends on besides the catalogue: the document, its variables, who asks.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Question(Arc<[u8]>);

impl fmt::Debug for Question {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a variable holds belongs into no log.
        write!(formatter, "Question({} bytes)", self.0.len())
    }
}

impl Question {
    /// Of parts, of which each has its length put before it: so no two lists of parts are the same question.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        let bytes = parts.iter().map(|part| size_of::<u64>() + part.len());
        let mut question = Vec::with_capacity(bytes.sum());
        for part in parts {
            question.extend_from_slice(&(part.len() as u64).to_le_bytes());
            question.extend_from_slice(part);
        }
        Self(question.into())
    }
}

/// An answer, and when it was true.
#[derive(Debug)]
struct Kept<A> {
    /// None if the question has no answer that others could be given.
    answer: Option<Arc<A>>,
    /// Before everything that was read for it.
    moment: Moment,
}

#[derive(Clone, Debug)]
struct Weigher;

impl<A: Keepable> Weighter<Question, Arc<Kept<A>>> for Weigher {
    fn weight(&self, question: &Question, kept: &Arc<Kept<A>>) -> u64 {
        let answer = kept.answer.as_ref().map_or(0, |answer| answer.weight());
        (question.0.len() + answer) as u64 + OVERHEAD
    }
}

/// Those who wait for what somebody else finds out.
type Waiting<A> = Vec<oneshot::Sender<Arc<Kept<A>>>>;

/// The answers that a process keeps, bounded by what they weigh. All its workers have the same.
pub struct Answers<A> {
    versions: Arc<Versions>,
    kept: Option<Cache<Question, Arc<Kept<A>>, Weigher>>,
    /// What somebody works on.
    flights: Mutex<HashMap<Question, Waiting<A>>>,
    metrics: CacheMetrics,
}

impl<A> fmt::Debug for Answers<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Answers").finish_non_exhaustive()
    }
}

/// What became of a question.
#[derive(Debug)]
pub enum Asked<A: Keepable> {
    /// There is an answer, and it is still true.
    Known(Arc<A>),
    /// Whoever asked has to find it out, and others may wait for them.
    Open(Flight<A>),
}

impl<A: Keepable> Answers<A> {
    /// Keeps so many bytes; nothing if there are none. `metrics` tells of it.
    #[must_use]
    pub fn new(versions: Arc<Versions>, bytes: u64, metrics: CacheMetrics) -> Self {
        Self {
            versions,
            kept: (bytes > 0).then(|| Cache::with_weighter(USUAL, bytes, Weigher)),
            flights: Mutex::default(),
            metrics,
        }
    }

    /// Whether anything is kept at all.
    #[must_use]
    pub fn are_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// The answer to a question, if there is one that is still true.
    #[must_use]
    pub fn find(&self, question: &Question) -> Option<Arc<A>> {
        let kept = self.kept.as_ref()?.get(question)?;
        let answer = self.true_answer(&kept)?;
        self.metrics.hit();
        Some(answer)
    }

    /// The answer to a question; that of whoever works on it, if somebody does.
    pub async fn ask(self: &Arc<Self>, question: Question) -> Asked<A> {
        // Whoever asks now is shown nothing from before this.
        while let Some(waiting) = self.join(&question) {
            // Who worked on it may have gone; then somebody else does by now, or nobody.
            let Ok(kept) = waiting.await else {
                continue;
            };
            if let Some(answer) = self.true_answer(&kept) {
                self.metrics.hit();
                return Asked::Known(answer);
            }
            break;
        }
        if let Some(answer) = self.find(&question) {
            return Asked::Known(answer);
        }
        self.metrics.miss();
        Asked::Open(Flight {
            moment: self.versions.now(),
            leads: self.lead(&question),
            answers: Arc::clone(self),
            question,
        })
    }

    /// Waits for who works on it, if somebody does.
    fn join(&self, question: &Question) -> Option<oneshot::Receiver<Arc<Kept<A>>>> {
        let mut flights = self.flights();
        let waiting = flights.get_mut(question)?;
        let (sender, receiver) = oneshot::channel();
        waiting.push(sender);
        Some(receiver)
    }

    /// Has others wait, unless they wait for somebody else already, or in vain: because nothing is kept now, or nothing of this question.
    fn lead(&self, question: &Question) -> bool {
        let Some(cache) = &self.kept else {
            return false;
        };
        let is_unshared = || {
            cache
                .get(question)
                .is_some_and(|kept| kept.answer.is_none())
        };
        if self.versions.now().is_none() || is_unshared() {
            return false;
        }
        let mut flights = self.flights();
        if flights.contains_key(question) {
            return false;
        }
        flights.insert(question.clone(), Vec::new());
        true
    }

    fn true_answer(&self, kept: &Kept<A>) -> Option<Arc<A>> {
        let answer = kept.answer.as_ref()?;
        let tags = answer.tags().iter().copied();
        let is_true = self.versions.are_unchanged(kept.moment, tags);
        is_true.then(|| Arc::clone(answer))
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<Question, Waiting<A>>> {
        self.flights.lock()
    }
}

/// A question that somebody finds the answer to. Those who wait for it are let go when it goes, with the answer or without.
#[derive(Debug)]
pub struct Flight<A: Keepable> {
    answers: Arc<Answers<A>>,
    question: Question,
    moment: Option<Moment>,
    /// Whether others wait for this one.
    leads: bool,
}

impl<A: Keepable> Flight<A> {
    /// Keeps the answer, and hands it to those who wait for it.
    pub fn land(self, answer: &Arc<A>) {
        if answer.tags().len() > MOST_TAGS {
            return self.land_alone();
        }
        self.conclude(Some(Arc::clone(answer)), true);
    }

    /// Lets those go who wait, to find the answer out by themselves: it is one that only who asked can be given. Nobody waits for such a
    /// question again.
    pub fn land_alone(self) {
        self.conclude(None, true);
    }

    /// The same for an answer that may be another the next time, such as an error.
    pub fn give_up(self) {
        self.conclude(None, false);
    }

    fn conclude(mut self, answer: Option<Arc<A>>, keeps: bool) {
        let (Some(cache), Some(moment)) = (&self.answers.kept, self.moment) else {
            return;
        };
        let kept = Arc::new(Kept { answer, moment });
        if keeps {
            cache.insert(self.question.clone(), Arc::clone(&kept));
            self.answers.metrics.holds(cache.weight());
        }
        for waiting in self.waiting() {
            // Who has stopped waiting needs no answer.
            let _ = waiting.send(Arc::clone(&kept));
        }
    }

    fn waiting(&mut self) -> Waiting<A> {
        if !std::mem::take(&mut self.leads) {
            return Vec::new();
        }
        let mut flights = self.answers.flights();
        flights.remove(&self.question).unwrap_or_default()
    }
}

impl<A: Keepable> Drop for Flight<A> {
    fn drop(&mut self) {
        self.waiting();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::{super::tag::Kind, *};

    const FILM: Tag = Tag::of(Kind::Film, 1);

    impl Keepable for u32 {
        fn weight(&self) -> usize {
            size_of::<Self>()
        }

        fn tags(&self) -> &[Tag] {
            &[FILM]
        }
    }

    fn kept(bytes: u64) -> (Arc<Versions>, Arc<Answers<u32>>) {
        let versions = Arc::<Versions>::default();
        versions.hear();
        let answers = Answers::new(Arc::clone(&versions), bytes, CacheMetrics::default());
        (versions, Arc::new(answers))
    }

    fn question(text: &str) -> Question {
        Question::of(&[text.as_bytes()])
    }

    fn open(answers: &Arc<Answers<u32>>, text: &str) -> Flight<u32> {
        match answers.ask(question(text)).now_or_never() {
            Some(Asked::Open(flight)) => flight,
            other => panic!("{other:?}"),
        }
    }

    /// Reads `row` at once, and keeps what it says.
    fn answer(answers: &Arc<Answers<u32>>, row: u32) -> u32 {
        match answers.ask(question("film")).now_or_never() {
            Some(Asked::Known(known)) => *known,
            Some(Asked::Open(flight)) => {
                flight.land(&Arc::new(row));
                row
            }
            None => panic!("nobody works on it"),
        }
    }

    #[test]
    fn an_answer_is_known_until_what_it_rests_on_changes() {
        let (versions, answers) = kept(1 << 20);
        assert_eq!(answer(&answers, 1), 1);
        assert_eq!(answer(&answers, 2), 1);
        versions.change(Tag::of(Kind::Film, 2));
        assert_eq!(answer(&answers, 3), 1);
        versions.change(FILM);
        assert_eq!(answer(&answers, 4), 4);
        versions.lose();
        assert_eq!(answer(&answers, 5), 5);
        assert_eq!(answer(&answers, 6), 6);
        versions.hear();
        assert_eq!(answer(&answers, 7), 7);
        assert_eq!(answer(&answers, 8), 7);
    }

    /// The race that a cache loses which is told what to drop: read, changed, dropped, kept.
    #[test]
    fn what_was_read_before_a_change_and_is_kept_after_it_is_never_known() {
        let (versions, answers) = kept(1 << 20);
        let reads = open(&answers, "film");
        versions.change(FILM);
        reads.land(&Arc::new(1));
        assert_eq!(answers.find(&question("film")), None);
        assert_eq!(answer(&answers, 2), 2);
        assert_eq!(answer(&answers, 3), 2);
    }

    #[test]
    fn who_asks_the_same_waits_for_who_asked_first() {
        let (versions, answers) = kept(1 << 20);
        let flight = open(&answers, "film");
        let mut second = Box::pin(answers.ask(question("film")));
        assert!((&mut second).now_or_never().is_none());
        assert!(matches!(
            open(&answers, "other"),
            Flight { leads: true, .. }
        ));
        flight.land(&Arc::new(1));
        assert!(matches!(second.now_or_never(), Some(Asked::Known(known)) if *known == 1));

        // Who asks after a change isn't shown what was begun before it, nor kept waiting by who fails.
        versions.change(FILM);
        let flight = open(&answers, "film");
        versions.change(FILM);
        let mut second = Box::pin(answers.ask(question("film")));
        assert!((&mut second).now_or_never().is_none());
        flight.land(&Arc::new(2));
        assert!(matches!(second.now_or_never(), Some(Asked::Open(_))));
        assert!(answers.flights().is_empty());
    }

    #[test]
    fn of_those_who_wait_for_somebody_who_goes_one_goes_on_and_the_others_wait_for_that_one() {
        let (_, answers) = kept(1 << 20);
        let flight = open(&answers, "film");
        let mut waiting: Vec<_> = (0..3)
            .map(|_| Box::pin(answers.ask(question("film"))))
            .collect();
        for second in &mut waiting {
            assert!(second.now_or_never().is_none());
        }
        drop(flight);
        let flight = match waiting.remove(0).now_or_never() {
            Some(Asked::Open(flight)) => flight,
            other => panic!("{other:?}"),
        };
        for second in &mut waiting {
            assert!(second.now_or_never().is_none());
        }
        flight.land(&Arc::new(1));
        for second in waiting {
            assert!(matches!(second.now_or_never(), Some(Asked::Known(known)) if *known == 1));
        }
        assert!(answers.flights().is_empty());
    }

    #[test]
    fn nobody_waits_for_what_cannot_be_shared() {
        let (versions, answers) = kept(1 << 20);
        let flight = open(&answers, "viewer");
        let mut second = Box::pin(answers.ask(question("viewer")));
        assert!((&mut second).now_or_never().is_none());
        flight.land_alone();
        assert!(matches!(second.now_or_never(), Some(Asked::Open(_))));
        let (one, other) = (open(&answers, "viewer"), open(&answers, "viewer"));
        assert!(!one.leads && !other.leads);
        // What failed may do better.
        open(&answers, "film").give_up();
        assert!(open(&answers, "film").leads);
        versions.lose();
        assert!(!open(&answers, "film").leads);
    }

    #[test]
    fn nothing_is_kept_without_room() {
        let (_, answers) = kept(0);
        assert_eq!(answer(&answers, 1), 1);
        assert_eq!(answer(&answers, 2), 2);
        assert!(!answers.are_kept() && answers.flights().is_empty());
    }

    #[test]
    fn no_two_lists_of_parts_are_the_same_question() {
        let of = |parts: &[&str]| {
            Question::of(&parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>())
        };
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        for other in [&["ab", ""][..], &["", "ab"], &["ab"], &["a", "b", ""]] {
            assert_ne!(of(&["a", "b"]), of(other));
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        /// Somebody asks, and reads the row if they have to.
        Ask(usize),
        /// The row changes and, a while later, that is heard.
        Write,
        Hear,
        /// Who has read answers.
        Land(usize),
        Lose,
        Resume,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0_usize..4).prop_map(Step::Ask),
            2 => Just(Step::Write),
            2 => Just(Step::Hear),
            4 => (0_usize..4).prop_map(Step::Land),
            1 => Just(Step::Lose),
            1 => Just(Step::Resume),
        ]
    }

    proptest! {
        /// Four clients, a writer and a listener in any order. What somebody is shown is never older than what had been heard when they asked.
        #[test]
        fn no_interleaving_shows_what_is_known_to_be_old(steps in prop::collection::vec(step(), 1..80)) {
            let (versions, answers) = kept(1 << 20);
            // The row says how often it was written.
            let (mut row, mut heard) = (0, 0);
            let mut reading: [Option<(Flight<u32>, u32)>; 4] = Default::default();
            for step in steps {
                match step {
                    Step::Ask(client) => {
                        reading[client] = None;
                        match answers.ask(question("film")).now_or_never() {
                            Some(Asked::Known(shown)) => prop_assert!(*shown >= heard, "{shown} < {heard}"),
                            Some(Asked::Open(flight)) => reading[client] = Some((flight, row)),
                            None => {}
                        }
                    }
                    Step::Write => row += 1,
                    Step::Hear => {
                        heard = row;
                        versions.change(FILM);
                    }
                    Step::Land(client) => {
                        if let Some((flight, read)) = reading[client].take() {
                            flight.land(&Arc::new(read));
                        }
                    }
                    Step::Lose => versions.lose(),
                    Step::Resume => {
                        // Whoever listens anew has missed what was told before.
                        heard = row;
                        versions.hear();
                    }
                }
            }
        }
    }
}
