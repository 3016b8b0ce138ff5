use super::*;
use crate::search::SearchText;

fn points(text: &str, name: &str) -> Option<Points> {
    let text = SearchText::parse(text).unwrap();
    let name = SearchText::parse(name).unwrap().words().join(" ");
    Ranking::new(text.words()).points(&name, &mut Buffers::default())
}

/// Asserts that a text finds names in this order.
fn assert_order(text: &str, names: &[&str]) {
    let points: Vec<_> = names.iter().map(|name| points(text, name)).collect();
    assert!(
        points.windows(2).all(|pair| pair[0] > pair[1]),
        "{text}: {points:?}"
    );
}

#[test]
fn only_a_name_that_is_the_text_has_all_points() {
    assert_eq!(points("the long road", "The Long Road"), Some(EQUAL));
    assert_eq!(
        points("new york new york", "New York, New York"),
        Some(EQUAL)
    );
    assert!(points("the long road", "The Long Roads") < Some(EQUAL));
    assert!(points("the long road", "Long Road, The") < Some(EQUAL));
}

#[test]
fn the_nearer_name_comes_first() {
    assert_order("road", &["Road", "Roadside", "The Road Back Home", "Rod"]);
    assert_order(
        "the road",
        &["The Road", "The Long Road", "The Rod of Iron"],
    );
    assert_order("long road", &["Long Road", "Road Long", "The Long Road"]);
    assert_order(
        "the lon",
        &["The London Eye", "Lonely Are the Days of Rain"],
    );
    assert_order("puhser", &["Pusher", "Pusher II", "Push"]);
}

#[test]
fn names_with_about_as_many_other_letters_are_equal() {
    assert_eq!(points("star", "Star Wars"), points("star", "Star Trek"));
    assert_eq!(points("pu", "Pusher"), points("pu", "Pumpkin"));
}

#[test]
fn errors_that_people_make_are_forgiven() {
    for (text, name) in [
        ("puhser", "Pusher"),
        ("scorcese", "Martin Scorsese"),
        ("godfahter the", "The Godfather"),
        ("spiderman", "Spider-Man"),
        ("spider man", "Spiderman Returns"),
        ("the silent", "Silent"),
        ("godfxt", "The Godfather"),
        ("одисея", "Одиссея"),
        ("東京語", "東京物語"),
        ("roadmovie", "Road Movie"),
    ] {
        assert!(points(text, name).is_some(), "{text} {name}");
    }
}

#[test]
fn other_names_are_not_found() {
    for (text, name) in [
        ("xkcd", "Pusher"),
        ("on", "In"),
        ("cat", "Dog"),
        ("the end", "The Beginning"),
        ("qwertz uiop", "The Quiet One"),
        ("冬京", "東京"),
        ("a b c d", "Road"),
    ] {
        assert_eq!(points(text, name), None, "{text} {name}");
    }
}

#[test]
fn a_beginning_matches_as_far_as_it_goes() {
    let ranking = Ranking::new(SearchText::parse("long pus").unwrap().words());
    assert_eq!(ranking.matched_length("pusher"), Some(3));
    assert_eq!(ranking.matched_length("lomg"), Some(4));
    assert_eq!(ranking.matched_length("cat"), None);
}
