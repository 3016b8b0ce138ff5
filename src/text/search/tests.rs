use super::*;

/// Texts that a reader takes for the same.
const EQUAL: [(&str, &str); 22] = [
    ("Amélie", "amelie"),
    ("AMELIE", "Ame\u{301}lie"),
    ("ΝΎΧΤΑ", "νυχτα"),
    ("ΔΡΟΜΟΣ", "δρόμος"),
    ("Ἀγάπη", "αγαπη"),
    ("ᾠδή", "ωδη"),
    ("Straße", "STRASSE"),
    ("GROẞ", "gross"),
    ("İzmir", "izmir"),
    ("ışık", "ISIK"),
    ("Kjærlighet på Ærø", "kjaerlighet pa aero"),
    ("Søren", "soren"),
    ("Wałęsa", "walesa"),
    ("Ёлки", "елки"),
    ("ЗИМА", "зима"),
    ("Ｗｏｒｌｄ　１", "world 1"),
    ("ｶﾞﾗｽ", "ガラス"),
    ("\u{1107}\u{1161}\u{11ab}", "반"),
    ("ﬁre", "fire"),
    ("Rosemary’s", "Rosemary's"),
    ("שָׁלוֹם", "שלום"),
    ("co\u{ad}operate", "cooperate"),
];

/// Texts that are different words.
const DIFFERENT: [(&str, &str); 8] = [
    ("か", "が"),
    ("は", "ぱ"),
    ("日本", "二本"),
    ("ข้าว", "ขาว"),
    ("кит", "кот"),
    ("o", "ö1"),
    ("각", "가"),
    ("क", "क\u{93c}"),
];

#[test]
fn names_that_look_alike_are_equal() {
    for (one, other) in EQUAL {
        assert_eq!(fold(one), fold(other));
    }
}

#[test]
fn marks_that_distinguish_letters_remain() {
    for (one, other) in DIFFERENT {
        assert_ne!(fold(one), fold(other));
    }
}

#[test]
fn folding_twice_changes_nothing() {
    for character in ('\0'..=char::MAX).filter(|c| !c.is_control()) {
        let once = fold(&character.to_string());
        assert_eq!(fold(&once), once, "{character:?}");
    }
}

#[test]
fn ranges_are_sorted() {
    for ranges in [&SEPARATORS[..], &IDEOGRAPHS[..]] {
        assert!(ranges.iter().all(|(first, last)| first <= last));
        assert!(ranges.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }
}

#[test]
fn words_are_separated_by_blanks_and_punctuation() {
    let split = |text: &str| words(&fold(text)).join("|");
    assert_eq!(split("  Don't Look-Now (1973)…"), "dont|look|now|1973");
    assert_eq!(split("«Ночь»—день"), "ночь|день");
    assert_eq!(split("東京物語 2"), "東|京|物|語|2");
    assert_eq!(split("ひかりの夜"), "ひ|か|り|の|夜");
    assert_eq!(split("기생충"), "기생충");
    assert_eq!(split("'—' … !"), "");
    assert_eq!(split(&"x".repeat(70)), "x".repeat(MAX_WORD_LENGTH));
}

#[test]
fn tokens_are_the_words_with_their_places() {
    let text = "Don’t «Łódź» e\u{301}te\u{301}. 夜";
    let found: Vec<(&str, String)> = tokens(text)
        .into_iter()
        .map(|token| (&text[token.range], token.word))
        .collect();
    let expected = [
        ("Don’t", "dont"),
        ("Łódź", "lodz"),
        ("e\u{301}te\u{301}", "ete"),
        ("夜", "夜"),
    ];
    assert_eq!(found, expected.map(|(text, word)| (text, word.to_owned())));
}
