use super::*;

#[test]
fn valid_credentials_are_known_until_they_become_invalid_and_the_set_is_bounded() {
    let known = KnownCredentials::default();
    assert!(!known.contains(b"one"));
    known.record(b"one", true);
    assert!(known.contains(b"one") && !known.contains(b"other"));
    known.record(b"one", false);
    assert!(!known.contains(b"one"));
    for number in 0..2 * MAX_CREDENTIALS {
        known.record(&number.to_le_bytes(), true);
    }
    assert!(known.fingerprints.len() <= MAX_CREDENTIALS);
}
