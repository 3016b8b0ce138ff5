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
