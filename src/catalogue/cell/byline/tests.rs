use proptest::prelude::*;

use super::*;

#[test]
fn a_critic_is_named_without_the_introduction() {
    for text in [
        "Ann Example",
        "By Ann Example",
        "by Ann Example",
        " BY  Ann Example ",
        "By: Ann Example",
        "Reviewed by Ann Example",
    ] {
        assert_eq!(byline_names(text), Byline::Critic("Ann Example"), "{text}");
    }
    for name in [
        "Byron Smith",
        "Anders Anderson",
        "Sandy Rand",
        "Bo Withers",
        "Ann Example, Jr.",
    ] {
        assert_eq!(byline_names(name), Byline::Critic(name));
    }
}

#[test]
fn each_of_several_critics_is_found() {
    for (text, names) in [
        (
            "By Ann Field and Karl Stroem",
            vec!["Ann Field", "Karl Stroem"],
        ),
        ("ANN FIELD AND BEN ROOK", vec!["ANN FIELD", "BEN ROOK"]),
        ("A & B", vec!["A", "B"]),
        (
            "By Ann Field, Karl Stroem, and Tom Aske",
            vec!["Ann Field", "Karl Stroem", "Tom Aske"],
        ),
        (
            "Ann Field, Jr. and Karl Stroem",
            vec!["Ann Field", "Karl Stroem"],
        ),
        (
            "Ann Field; Karl Stroem with Tom Aske",
            vec!["Ann Field", "Karl Stroem", "Tom Aske"],
        ),
    ] {
        assert_eq!(byline_names(text), Byline::Critics(names), "{text}");
    }
}

#[test]
fn a_byline_of_a_group_or_of_nobody_names_no_critic() {
    for text in [
        "",
        " ",
        "By",
        "Staff",
        "By STAFF",
        "[Staff]",
        "Staff Writer",
        "Quay Weekly Staff",
        "n/a",
        "—",
        "Anonymous",
        "Karl Stroem [Not Credited]",
    ] {
        assert_eq!(byline_names(text), Byline::Uncredited, "{text}");
    }
}

#[test]
fn a_byline_that_is_too_long_is_not_split() {
    let long = "A and B, ".repeat(100_000);
    assert_eq!(byline_names(&long), Byline::Critic(long.trim()));
}

proptest! {
    #[test]
    fn every_name_is_a_part_of_the_byline(text in "(By |by|Staff|and| and | & |, |;|Jr|Ann|é| |\u{a0}|[(\\[)\\]]){0,10}") {
        match byline_names(&text) {
            Byline::Critic(name) => prop_assert!(!name.is_empty() && text.contains(name)),
            Byline::Critics(names) => {
                prop_assert!(names.len() > 1);
                prop_assert!(names.iter().all(|name| !name.is_empty() && text.contains(name)));
            }
            Byline::Uncredited => {}
        }
    }

    #[test]
    fn joined_names_are_split(names in proptest::collection::vec("[A-Z][j-z]{2,5} [A-Z][j-z]{2,5}", 2..5)) {
        let (last, first) = names.split_last().unwrap();
        let joined = format!("By {} and {last}", first.join(", "));
        prop_assert_eq!(byline_names(&joined), Byline::Critics(names.iter().map(String::as_str).collect()));
    }
}
