use proptest::prelude::*;

use super::*;

#[test]
fn a_title_of_any_script_has_a_slug() {
    assert_eq!(of_film("Pusher", Some(1996)), "pusher-1996");
    assert_eq!(of_film("Żółw & gżegżółka", None), "zolw-gzegzolka");
    assert_eq!(of("???"), "unnamed");
    assert_eq!(of_film("???", Some(1999)), "1999");
}

#[test]
fn a_long_slug_is_truncated_before_its_year() {
    assert_eq!(of(&"ß".repeat(300)), "s".repeat(MAX_LENGTH));
    let title = format!("{} {}", "a".repeat(MAX_LENGTH - 1), "b".repeat(100));
    assert_eq!(
        of_film(&title, Some(1996)),
        format!("{}-1996", "a".repeat(MAX_LENGTH - 1))
    );
}

#[test]
fn a_taken_slug_gets_a_number_and_every_slug_is_unique() {
    let taken = ["ann", "ann-2", "bob-1"].map(str::to_owned);
    let mut free = FreeSlugs::new(taken.into());
    let bases = ["ann", "ann-4", "ann", "ann", "bob", "bob"];
    let slugs = bases.map(|base| free.take(base));
    assert_eq!(slugs, ["ann-3", "ann-4", "ann-5", "ann-6", "bob", "bob-2"]);
}

proptest! {
    /// A constraint of the database rejects any other form.
    #[test]
    fn every_slug_has_the_form_that_the_database_requires(text: String) {
        let slug = of(&text);
        prop_assert!(!slug.is_empty() && !slug.starts_with('-') && !slug.ends_with('-') && !slug.contains("--"));
        prop_assert!(slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{slug}");
    }
}
