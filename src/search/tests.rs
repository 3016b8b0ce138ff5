use super::*;

#[test]
fn a_text_needs_a_letter_or_a_digit() {
    for text in ["", "  ", "…", "'", "\u{301}", "\u{200b}", "—!?"] {
        assert_eq!(SearchText::parse(text), Err(NothingToSearch), "{text:?}");
    }
    assert_eq!(SearchText::parse(" 7 ").unwrap().words(), ["7"]);
}

#[test]
fn a_long_text_is_cut() {
    let text = format!("  {} end", "word ".repeat(20));
    let words = SearchText::parse(&text).unwrap();
    assert_eq!(words.words().len(), 20);
}

#[test]
fn a_set_has_the_kinds_that_it_is_made_of() {
    let set: KindSet = [SearchKind::Film, SearchKind::Review].into_iter().collect();
    assert!(set.has(SearchKind::Review) && !set.has(SearchKind::Critic));
    assert_eq!(set.names().collect::<Vec<_>>(), [NameKind::Film]);
    assert!(!set.has_all_names() && KindSet::ALL.has_all_names());
    assert_eq!(KindSet::from_iter([]).names().count(), 0);
}
