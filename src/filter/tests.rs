use super::*;

#[test]
fn wildcards_are_escaped() {
    assert_eq!(Substring::new(r"50%_\").pattern(), r"%50\%\_\\%");
}

#[test]
fn a_decomposed_string_equals_the_composed_one() {
    assert_eq!(Substring::new("Cafe\u{301}"), Substring::new("Caf\u{e9}"));
}

#[test]
fn a_string_has_its_case_folded_and_no_blanks_around_it() {
    let string = Substring::new(" \u{3000}STRASSE İ\t");
    assert_eq!(string, Substring::new("straße i"));
    assert_eq!(string.folded(), "strasse i");
}

#[test]
fn a_string_with_control_characters_excludes_all_titles() {
    assert!(Substring::new("a\tb").excludes_all());
    assert!(!Substring::new("").excludes_all());
    for marks in ["\u{301}", "\u{200b}", "\u{b4}", " \u{301} "] {
        assert!(Substring::new(marks).excludes_all(), "{marks:?}");
    }
    assert!(!Substring::new("\u{b4}a").excludes_all());
}

#[test]
fn a_range_without_a_valid_number_excludes_all() {
    let range = |from, to| IntRange { from, to };
    for (range, expected) in [
        (range(None, None), false),
        (range(Some(60), Some(60)), false),
        (range(Some(61), Some(60)), true),
        (range(Some(101), None), true),
        (range(None, Some(-1)), true),
        (range(Some(-5), Some(200)), false),
    ] {
        assert_eq!(range.excludes_all(0, 100), expected, "{range:?}");
    }
}
