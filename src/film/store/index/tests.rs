use super::*;

fn row(id: i64, title: &str) -> EntryRow {
    EntryRow {
        id,
        year: None,
        release_date: None,
        genres: vec!["Drama".to_owned()],
        title: title.to_owned(),
        score: None,
        review_count: Some(0),
    }
}

fn titles(films: &Films) -> Vec<&str> {
    films.entries.iter().map(|film| &*film.title).collect()
}

/// Returns the films 1 to 8 without 3, as of now.
fn films(clock: &InvalidationClock) -> Films {
    let mut films = Films::default();
    let rows = [1, 2, 4, 5, 6, 7, 8].map(|id| row(id, "old"));
    films.apply(Changes::All, rows.into(), clock.now().unwrap());
    films
}

fn connected_clock() -> InvalidationClock {
    let clock = InvalidationClock::default();
    clock.on_connect();
    clock
}

#[test]
fn only_changed_films_are_read_again() {
    let clock = connected_clock();
    let mut films = films(&clock);
    assert!(films.is_current(&clock));
    assert_eq!(films.changes(&clock), Changes::Some(vec![]));

    clock.invalidate(Tag::of(TagKind::FilmReviews, 5));
    clock.invalidate(Tag::of(TagKind::CriticReviews, 6));
    assert!(!films.is_current(&clock));
    assert_eq!(films.changes(&clock), Changes::Some(vec![5]));
    let now = clock.now().unwrap();
    films.apply(Changes::Some(vec![5]), vec![row(5, "new")], now);

    // Another transaction had taken the id 3 before that of film 4, and commits now.
    clock.invalidate(Tag::of(TagKind::Film, 3));
    assert_eq!(films.changes(&clock), Changes::Some(vec![3]));
    let now = clock.now().unwrap();
    films.apply(Changes::Some(vec![3]), vec![row(3, "late")], now);
    assert_eq!(
        titles(&films),
        ["old", "old", "late", "old", "new", "old", "old", "old"]
    );

    clock.invalidate(Tag::of(TagKind::Film, 1));
    films.apply(Changes::Some(vec![1]), vec![], clock.now().unwrap());
    assert_eq!(films.entries.len(), 7, "a film without a row is deleted");
}

#[test]
fn all_films_are_read_again_after_many_changes_or_a_gap_in_the_notifications() {
    let clock = connected_clock();
    assert_eq!(Films::default().changes(&clock), Changes::All);
    let before_the_gap = films(&clock);
    clock.invalidate_all();
    assert_eq!(before_the_gap.changes(&clock), Changes::All);

    let films = films(&clock);
    for id in [1, 2, 4] {
        clock.invalidate(Tag::of(TagKind::Film, id));
    }
    assert_eq!(films.changes(&clock), Changes::All);
}
