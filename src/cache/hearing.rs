//! Hearing what changes, and knowing of one's own changes that they were heard.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_channel::oneshot;
use parking_lot::{Mutex, MutexGuard};
use prometheus_client::metrics::counter::Counter;
use tokio::time::timeout;

use super::{CHANNEL, tag::Tag, versions::Versions};

/// How long one's own change may take to be heard. PostgreSQL tells of it in less than a millisecond.
const PATIENCE: Duration = Duration::from_millis(500);

/// With what the word of a mark begins. No tag's does.
const MARK: char = '!';

/// Takes in what is told on [`CHANNEL`].
///
/// Who writes wants to see it at once, and the caches know of it only once it was heard. So each transaction of ours tells a mark last, which
/// is heard after everything else that it told, and its writer waits for that.
#[derive(Debug)]
pub struct Hearing {
    versions: Arc<Versions>,
    /// How often something was told.
    heard: Counter,
    /// What the marks of this process begin with.
    name: String,
    next: AtomicU64,
    /// Who waits for a mark; nobody while nothing is heard.
    waiting: Mutex<HashMap<u64, oneshot::Sender<()>>>,
}

impl Hearing {
    /// Nothing is heard yet; how often something is, `heard` counts.
    #[must_use]
    pub fn new(versions: Arc<Versions>, heard: Counter) -> Self {
        // Two processes of one name would wait a little less for their marks, and no more than that.
        let scattered = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), ());
        Self {
            versions,
            heard,
            name: format!("{MARK}{scattered:016x}-"),
            next: AtomicU64::new(0),
            waiting: Mutex::default(),
        }
    }

    /// What changes is heard from now on.
    pub fn begin(&self) {
        self.versions.hear();
    }

    /// It isn't heard any more.
    pub fn lose(&self) {
        self.versions.lose();
        // Nobody needs to wait: nothing that is kept is used.
        self.waiting().clear();
    }

    /// Takes in what was told at once.
    pub fn hear(&self, told: &str) {
        for word in told.split(' ') {
            if let Some(tag) = Tag::parse(word) {
                self.versions.change(tag);
            } else if word.starts_with(MARK) {
                self.hear_mark(word);
            } else {
                // It is "*", or a word of a version to come, which may mean anything.
                self.versions.change_everything();
            }
        }
        self.heard.inc();
    }

    fn hear_mark(&self, word: &str) {
        let number = word.strip_prefix(&self.name);
        let number = number.and_then(|number| number.parse().ok());
        if let Some(waiting) = number.and_then(|number: u64| self.waiting().remove(&number)) {
            // Who has stopped waiting needs no answer.
            let _ = waiting.send(());
        }
    }

    /// A mark for a transaction. `None` while nothing is heard.
    #[must_use]
    pub fn mark(self: &Arc<Self>) -> Option<Mark> {
        self.versions.now()?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, heard) = oneshot::channel();
        self.waiting().insert(number, sender);
        Some(Mark {
            hearing: Arc::clone(self),
            number,
            heard,
        })
    }

    /// A transaction ended that had no mark, because nothing was heard when it came to its end. What has begun to be heard since may lack it.
    pub fn ended_unmarked(&self) {
        self.versions.change_everything();
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<()>>> {
        self.waiting.lock()
    }
}

/// What a transaction tells last.
#[derive(Debug)]
pub struct Mark {
    hearing: Arc<Hearing>,
    number: u64,
    heard: oneshot::Receiver<()>,
}

impl Mark {
    /// The statement that tells it.
    #[must_use]
    pub fn statement(&self) -> String {
        let Self {
            hearing, number, ..
        } = self;
        format!("SELECT pg_notify('{CHANNEL}', '{}{number}')", hearing.name)
    }

    /// Waits until it was heard, and with it everything that the transaction changed. Should that take too long, nothing that is kept is used
    /// any more.
    pub async fn heard(mut self) {
        if timeout(PATIENCE, &mut self.heard).await.is_err() {
            tracing::warn!("a change was not heard in time; whatever is kept counts as old");
            self.hearing.versions.change_everything();
        }
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.hearing.waiting().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::{super::tag::Kind, *};

    const FILM: Tag = Tag::of(Kind::Film, 12);

    fn hearing() -> (Arc<Hearing>, Arc<Versions>) {
        let versions = Arc::<Versions>::default();
        let hearing = Arc::new(Hearing::new(Arc::clone(&versions), Counter::default()));
        hearing.begin();
        (hearing, versions)
    }

    #[test]
    fn what_is_told_has_changed_and_nothing_else() {
        let (hearing, versions) = hearing();
        let before = versions.now().unwrap();
        hearing.hear("f12 C3");
        let unchanged = |tag| versions.are_unchanged(before, [tag].into_iter());
        assert!(!unchanged(FILM) && !unchanged(Tag::of(Kind::CriticReviews, 3)));
        assert!(unchanged(Tag::of(Kind::Film, 13)) && unchanged(Tag::of(Kind::Critic, 3)));
    }

    #[test]
    fn words_that_are_not_known_may_mean_anything() {
        for told in ["*", "f12 zebra", "f0", ""] {
            let (hearing, versions) = hearing();
            let before = versions.now().unwrap();
            hearing.hear(told);
            assert!(
                !versions.are_unchanged(before, std::iter::empty()),
                "{told}"
            );
        }
    }

    #[tokio::test]
    async fn a_mark_is_waited_for_until_it_is_heard_or_nothing_is() {
        let (hearing, versions) = hearing();
        let [mark, lost] = [hearing.mark().unwrap(), hearing.mark().unwrap()];
        let word = mark.statement();
        let word = word.rsplit('\'').nth(1).unwrap().to_owned();
        let mut waits = Box::pin(mark.heard());
        assert!((&mut waits).now_or_never().is_none());
        let before = versions.now().unwrap();
        hearing.hear(&word);
        assert!(waits.now_or_never().is_some());
        assert!(versions.are_unchanged(before, [FILM].into_iter()));

        let mut waits = Box::pin(lost.heard());
        assert!((&mut waits).now_or_never().is_none());
        hearing.lose();
        assert!(waits.now_or_never().is_some());
        assert!(hearing.mark().is_none());
    }

    #[tokio::test]
    async fn a_mark_that_is_not_heard_makes_everything_old() {
        let (hearing, versions) = hearing();
        let before = versions.now().unwrap();
        hearing.mark().unwrap().heard().await;
        assert!(!versions.are_unchanged(before, std::iter::empty()));
        assert!(hearing.waiting().is_empty());
    }
}
