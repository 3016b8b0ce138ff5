use super::*;

#[test]
fn twenty_different_names_are_stored_and_the_others_are_counted() {
    let mut names = UnknownNames::default();
    assert!(names.is_empty());
    for number in 0..50 {
        names.add(&format!("n{}", number % 25));
    }
    assert_eq!((names.names().len(), names.omitted()), (20, 10));
    assert!(
        names
            .to_string()
            .ends_with(r#""n18", "n19", and others, 10 times"#),
        "{names}"
    );
}

#[test]
fn a_name_is_quoted_and_truncated() {
    let mut names = UnknownNames::default();
    names.add("a\u{7}");
    names.add(&"é".repeat(100));
    assert_eq!(
        names.to_string(),
        format!(r#""a\u{{7}}", "{}…""#, "é".repeat(60))
    );
}
