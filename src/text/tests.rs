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

#[test]
fn blanks_in_names_become_one_space() {
    let normal = |text| name(text, MAX_NAME_LENGTH);
    assert_eq!(
        normal(" Ren\u{e9}e \u{a0} Dubois\u{2003}"),
        Ok("Renée Dubois".to_owned())
    );
    assert_eq!(normal("Renée\tDubois"), Err(TextError::Tab));
    assert_eq!(normal("Renée\nDubois"), Err(TextError::LineBreak));
    // The length is that of the normal form.
    assert_eq!(name("a    b", 3), Ok("a b".to_owned()));
}

proptest! {
    #[test]
    fn normalizing_twice_changes_nothing_more(text: String) {
        for normalize in [line, name, passage] {
            if let Ok(normalized) = normalize(&text, MAX_NAME_LENGTH) {
                prop_assert!(normalized.chars().count() <= MAX_NAME_LENGTH && !normalized.contains('\0'));
                // Trimming may move a combining mark to the start, but that doesn't change the result again.
                prop_assert_eq!(normalize(&normalized, MAX_NAME_LENGTH), Ok(normalized));
            }
        }
    }
}

#[test]
fn case_is_folded_without_regard_to_the_language_and_the_context() {
    for (text, expected) in [
        ("The Lamp 2", "the lamp 2"),
        ("STRASSE ẞ Straße", "strasse ss strasse"),
        ("ΟΔΟΣ οδος οδοσ", "οδοσ οδοσ οδοσ"),
        ("İstanbul IŞIK ışık", "istanbul işik işik"),
        // "İ" in NFD, and in lower case.
        ("I\u{307}stanbul i\u{307}stanbul", "istanbul istanbul"),
        ("E\u{301}clair", "\u{e9}clair"),
        // A folded character may compose with the next.
        ("J\u{30c}", "\u{1f0}"),
        ("ﬁlm Ǆ Ꭰ 𐐀 Ａ", "film ǆ Ꭰ 𐐨 ａ"),
    ] {
        assert_eq!(folded(text), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn canonically_equivalent_strings_have_the_same_folding(text: String) {
        let (composed, decomposed): (String, String) = (text.nfc().collect(), text.nfd().collect());
        prop_assert_eq!(folded(&text), folded(&composed));
        prop_assert_eq!(folded(&text), folded(&decomposed));
        let folding = folded(&text);
        prop_assert_eq!(normalized(&folding), folding.as_str());
    }
}
