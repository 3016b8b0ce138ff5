use futures_util::FutureExt;

use super::{super::tag::TagKind, *};

const FILM: Tag = Tag::of(TagKind::Film, 12);

fn listener() -> (Arc<InvalidationListener>, Arc<InvalidationClock>) {
    let clock = Arc::<InvalidationClock>::default();
    let listener = Arc::new(InvalidationListener::new(
        Arc::clone(&clock),
        Counter::default(),
    ));
    listener.on_connect();
    (listener, clock)
}

#[test]
fn a_notification_invalidates_its_tags_and_nothing_else() {
    let (listener, clock) = listener();
    let before = clock.now().unwrap();
    listener.handle_notification("f12 C3");
    let unchanged = |tag| clock.are_unchanged(before, [tag].into_iter());
    assert!(!unchanged(FILM) && !unchanged(Tag::of(TagKind::CriticReviews, 3)));
    assert!(unchanged(Tag::of(TagKind::Film, 13)) && unchanged(Tag::of(TagKind::Critic, 3)));
}

#[test]
fn an_unknown_payload_invalidates_everything() {
    for payload in ["*", "f12 zebra", "f0", ""] {
        let (listener, clock) = listener();
        let before = clock.now().unwrap();
        listener.handle_notification(payload);
        assert!(
            !clock.are_unchanged(before, std::iter::empty()),
            "{payload}"
        );
    }
}

#[test]
fn a_notification_of_many_rows_names_the_rules_if_they_have_changed() {
    let rules = Tag::any(TagKind::SiteRules);
    for (payload, is_certain) in [("*", true), ("f1", true), ("s1 *", false), ("zebra", false)] {
        let (listener, clock) = listener();
        let before = clock.now().unwrap();
        listener.handle_notification(payload);
        assert_eq!(clock.is_certain(before, rules), is_certain, "{payload}");
    }
}

#[tokio::test]
async fn a_writer_waits_until_its_fence_arrives_or_the_connection_is_lost() {
    let (listener, clock) = listener();
    let [fence, lost] = [listener.fence().unwrap(), listener.fence().unwrap()];
    let payload = fence.statement();
    let payload = payload.rsplit('\'').nth(1).unwrap().to_owned();
    let mut waits = Box::pin(fence.wait());
    assert!((&mut waits).now_or_never().is_none());
    let before = clock.now().unwrap();
    listener.handle_notification(&payload);
    assert!(waits.now_or_never().is_some());
    assert!(clock.are_unchanged(before, [FILM].into_iter()));

    let mut waits = Box::pin(lost.wait());
    assert!((&mut waits).now_or_never().is_none());
    listener.on_disconnect();
    assert!(waits.now_or_never().is_some());
    assert!(listener.fence().is_none());
}

#[tokio::test]
async fn a_fence_that_does_not_arrive_invalidates_everything() {
    let (listener, clock) = listener();
    let before = clock.now().unwrap();
    listener.fence().unwrap().wait().await;
    assert!(!clock.are_unchanged(before, std::iter::empty()));
    assert!(listener.pending_fences().is_empty());
}

#[tokio::test]
async fn a_fence_of_a_lost_connection_invalidates_what_was_read_over_the_next_one() {
    let (listener, clock) = listener();
    // A transaction commits. Meanwhile the connection is lost and there again, and a read does not see the commit yet.
    let fence = listener.fence().unwrap();
    listener.on_disconnect();
    listener.on_connect();
    let read_at = clock.now().unwrap();
    assert!(clock.are_unchanged(read_at, [FILM].into_iter()));
    // The notifications of the commit went to the lost connection.
    fence.wait().await;
    assert!(!clock.are_unchanged(read_at, std::iter::empty()));
}

#[tokio::test]
async fn probes_are_received_while_disconnected_and_are_not_counted() {
    let notifications = Counter::default();
    let clock = Arc::<InvalidationClock>::default();
    let listener = Arc::new(InvalidationListener::new(
        Arc::clone(&clock),
        notifications.clone(),
    ));
    let probe = listener.probe();
    listener.handle_notification("f12");
    listener.handle_notification(&probe.payload());
    assert!(probe.received().await);
    listener.on_connect();
    let before = clock.now().unwrap();
    let (probe, lost) = (listener.probe(), listener.probe());
    listener.handle_notification(&probe.payload());
    assert!(probe.received().await);
    assert!(clock.are_unchanged(before, std::iter::empty()));
    listener.on_disconnect();
    assert!(!lost.received().await);
    assert_eq!(notifications.get(), 0);
}
