use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::shorten;

#[test]
fn a_short_passage_stays_on_one_line() {
    assert_eq!(shorten("Quiet,\n and  long.", 18), "Quiet, and long.");
    assert_eq!(shorten("Quiet", 5), "Quiet");
    assert_eq!(shorten("", 5), "");
}

#[test]
fn a_long_passage_is_cut_after_a_word() {
    assert_eq!(shorten("Quiet and long", 12), "Quiet and…");
    assert_eq!(shorten("Quiet, and long", 8), "Quiet…");
    assert_eq!(shorten("Quiet and long", 10), "Quiet and…");
    assert_eq!(shorten("Quiet and long", 9), "Quiet…");
    assert_eq!(shorten("Quietness", 5), "Quie…");
    assert_eq!(shorten("Quietness", 1), "…");
}

#[test]
fn text_without_blanks_is_cut_as_well() {
    assert_eq!(shorten("静かな映画の夜", 4), "静かな…");
}

#[test]
fn a_character_is_what_readers_count() {
    let flags = "🇩🇰🇸🇪🇳🇴";
    assert_eq!(shorten(flags, 3), flags);
    assert_eq!(shorten(flags, 2), "🇩🇰…");
    assert_eq!(shorten("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
}

proptest! {
    #[test]
    fn the_result_fits_and_is_the_start_of_the_passage(passage in "\\PC{0,40}", limit in 1_usize..30) {
        let line = passage.split_whitespace().collect::<Vec<_>>().join(" ");
        let short = shorten(&passage, limit);
        prop_assert!(short.graphemes(true).count() <= limit);
        if let Some(kept) = short.strip_suffix('…').filter(|_| short != line) {
            prop_assert!(line.starts_with(kept));
        } else {
            prop_assert_eq!(short, line);
        }
    }
}
