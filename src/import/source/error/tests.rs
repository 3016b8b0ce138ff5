use super::*;

#[test]
fn large_numbers_are_grouped_by_thousands() {
    for (number, expected) in [
        (0, "0"),
        (999, "999"),
        (1_000, "1,000"),
        (1_234_007, "1,234,007"),
        (u64::MAX, "18,446,744,073,709,551,615"),
    ] {
        assert_eq!(Grouped(number).to_string(), expected);
    }
}

#[test]
fn an_error_is_unchanged_after_wrapping_and_unwrapping() {
    let error = SourceError::from(io::Error::from(SourceError::Empty));
    assert!(matches!(error, SourceError::Empty));
    let error = SourceError::from(io::Error::from(io::ErrorKind::BrokenPipe));
    assert!(matches!(error, SourceError::Read(_)));
    assert_eq!(error.line(), None);
}
