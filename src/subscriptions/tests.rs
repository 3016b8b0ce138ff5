use proptest::prelude::*;

use super::*;

fn change(kind: ChangeKind, previous_film: Option<i64>) -> Change {
    Change {
        kind,
        review: ReviewId(1),
        film: FilmId(2),
        previous_film: previous_film.map(FilmId),
        version: 3,
    }
}

#[test]
fn payloads_of_the_triggers_are_parsed() {
    for (payload, notification) in [
        (
            r#"{"added":[[1,2,3]]}"#,
            Notification::Reviews(vec![change(ChangeKind::Added, None)]),
        ),
        (
            r#"{"updated":[[1,2,3],[1,2,3,4]]}"#,
            Notification::Reviews(vec![
                change(ChangeKind::Updated, None),
                change(ChangeKind::Updated, Some(4)),
            ]),
        ),
        (
            r#"{"deleted":[[1,2,3]]}"#,
            Notification::Reviews(vec![change(ChangeKind::Deleted, None)]),
        ),
        (
            r#"{"scores":[5,6]}"#,
            Notification::Scores(vec![FilmId(5), FilmId(6)]),
        ),
        (r#"{"everything":{}}"#, Notification::Reset),
    ] {
        assert_eq!(Notification::parse(payload), Ok(notification), "{payload}");
    }
}

#[test]
fn other_payloads_are_rejected() {
    for payload in [
        "",
        "hello",
        "{}",
        "[]",
        r#"{"added":[[1,2]]}"#,
        r#"{"added":[[1,2,3,4,5]]}"#,
        r#"{"added":[["1",2,3]]}"#,
        r#"{"added":[[1,2,3000000000]]}"#,
        r#"{"scores":[1.5]}"#,
        r#"{"renamed":[]}"#,
        r#"{"added":[],"scores":[]}"#,
    ] {
        assert_eq!(
            Notification::parse(payload),
            Err(UnknownNotification),
            "{payload}"
        );
    }
}

proptest! {
    #[test]
    fn any_string_is_parsed_or_rejected(text: String) {
        let _ = Notification::parse(&text);
    }

    #[test]
    fn any_changes_survive_a_round_trip(
        entries in prop::collection::vec((any::<i64>(), any::<i64>(), any::<i32>(), any::<Option<i64>>()), 0..20),
    ) {
        let entry = |&(review, film, version, previous_film): &(i64, i64, i32, Option<i64>)| match previous_film {
            Some(previous_film) => format!("[{review},{film},{version},{previous_film}]"),
            None => format!("[{review},{film},{version}]"),
        };
        let payload: Vec<String> = entries.iter().map(entry).collect();
        let notification = Notification::parse(&format!("{{\"updated\":[{}]}}", payload.join(",")));
        let changes = entries.into_iter().map(|(review, film, version, previous_film)| Change {
            kind: ChangeKind::Updated,
            review: ReviewId(review),
            film: FilmId(film),
            previous_film: previous_film.map(FilmId),
            version,
        });
        prop_assert_eq!(notification, Ok(Notification::Reviews(changes.collect())));
    }
}
