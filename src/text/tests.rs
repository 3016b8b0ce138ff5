use proptest::prelude::*;

use super::*;

#[test]
fn strings_are_normalized_to_nfc() {
    assert_eq!(
        line("Rene\u{301}e", MAX_NAME_LENGTH),
        Ok("Renée".to_owned())
    );
    // The length is that of the normal form.
    assert_eq!(line("e\u{301}e\u{301}", 2), Ok("éé".to_owned()));
    assert_eq!(
        passage("e\u{301}\r\na", MAX_NAME_LENGTH),
        Ok("é\na".to_owned())
    );
}

proptest! {
    #[test]
    fn normalizing_twice_changes_nothing_more(text: String) {
        for normalize in [line, passage] {
            if let Ok(normalized) = normalize(&text, MAX_NAME_LENGTH) {
                prop_assert!(normalized.chars().count() <= MAX_NAME_LENGTH && !normalized.contains('\0'));
                // Trimming may move a combining mark to the start, but that doesn't change the result again.
                prop_assert_eq!(normalize(&normalized, MAX_NAME_LENGTH), Ok(normalized));
            }
        }
    }
}
