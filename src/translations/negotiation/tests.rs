use std::{collections::BTreeMap, sync::Arc};

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::translations::{RequestLanguage, tests::POLISH};

/// The built-in languages, two of Chinese, and one with a region.
fn translations() -> Arc<Translations> {
    let polish_forms = "[one] recenzja\n    [few] recenzje\n   *[many]";
    let text = POLISH
        .replace(polish_forms, "*[other]")
        .replace("[one] recenzji\n   ", "");
    let site: BTreeMap<_, _> = ["zh-Hans", "zh-hant", "ja-JP"]
        .into_iter()
        .map(|tag| (tag.to_owned(), text.clone()))
        .collect();
    Arc::new(Translations::new(&site).expect("the texts are valid"))
}

fn negotiated<'a>(translations: &'a Translations, header: &str) -> &'a str {
    let index = translations.negotiate([header]);
    &translations.at(index).tag
}

#[test]
fn the_language_is_that_of_the_best_range_that_has_one() {
    let translations = translations();
    for (header, expected) in [
        ("de", "de"),
        ("DE", "de"),
        ("de-AT", "de"),
        ("de-Latn-AT-1996", "de"),
        ("de-x-private", "de"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
        ("en;q=0.5,de;q=0.8", "de"),
        ("en;q=0.8,de;q=0.8", "en"),
        ("de;q=0.8,en;q=0.8", "de"),
        ("es, de;q=0.1", "de"),
        ("es, *;q=0.5, de;q=0.1", "en"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK-x-a", "zh-Hant"),
        ("zh-Hans-CN", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("ja", "ja-JP"),
        ("ja-JP-mac", "ja-JP"),
        ("j", "en"),
        ("deu", "en"),
        ("d", "en"),
        ("de;q=0", "en"),
        ("de-AT, de;q=0", "en"),
        ("de;q=0.000, fr;q=0.001", "fr"),
        ("de;q=2, fr;q=0.5", "fr"),
        ("de;q=0.1234, fr;q=0.5", "fr"),
        ("de;q=x, fr;q=0.5", "fr"),
        ("de ; Q=0.9 , fr;q=1.000", "fr"),
        ("*", "en"),
        ("", "en"),
        (",,de,,", "de"),
        ("de_AT", "en"),
        ("<script>, de", "de"),
    ] {
        assert_eq!(negotiated(&translations, header), expected, "{header}");
    }
    let index = translations.negotiate(["es", "fr"]);
    assert_eq!(translations.at(index).tag, "fr", "of several headers");
}

#[test]
fn a_locale_is_looked_up_alike_and_falls_back_to_the_default() {
    let request = RequestLanguage::negotiate(translations().into(), ["fr"]);
    assert!(!request.is_default());
    for (locale, expected) in [
        (None, "fr"),
        (Some("de-AT"), "de"),
        (Some("es"), "en"),
        (Some("zh-MO"), "zh-Hant"),
    ] {
        assert_eq!(request.for_locale(locale).tag(), expected);
    }
}

#[test]
fn a_language_tag_is_recognized_by_its_form() {
    for tag in [
        "de",
        "de-AT",
        "zh-Hant-TW",
        "sl-rozaj-biske-1994",
        "de-x-a",
        "ast",
    ] {
        assert!(is_language_tag(tag), "{tag}");
    }
    let long = "de-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd";
    for text in [
        "", "d", "*", "de_AT", "de-", "-de", "de--AT", "d1", "de AT", "dé", long,
    ] {
        assert!(!is_language_tag(text), "{text}");
    }
}

proptest! {
    #[test]
    fn any_header_gives_a_language(
        parts in vec(select(vec!["de", "fr", "-", "AT", "*", ",", ";", "q", "=", "0", ".", "1", "9", " ", "x", "zh", "Hant", "\t", "é", "\u{0}"]), 0..40),
        other in any::<String>(),
    ) {
        let translations = translations_once();
        for header in [parts.concat(), other] {
            let index = translations.negotiate([header.as_str()]);
            prop_assert!(index < translations.languages().count());
            // The whole header in another case means the same.
            prop_assert_eq!(index, translations.negotiate([header.to_ascii_uppercase().as_str()]));
        }
    }

    /// A reference by the words of RFC 4647: the language of the first range, in the order of the qualities, that has
    /// one among its prefixes.
    #[test]
    fn the_first_range_in_the_order_of_qualities_wins(
        ranges in vec((select(vec!["de", "de-CH", "fr", "fr-CA", "en", "en-GB", "es", "it-CH"]), 1_u16..=1_000), 0..8),
    ) {
        let members: Vec<_> = ranges.iter().map(|(tag, quality)| format!("{tag};q={}.{:03}", quality / 1_000, quality % 1_000)).collect();
        let best = ranges.iter().enumerate()
            .filter(|(_, (tag, _))| ["de", "fr", "en"].contains(&&tag[..2]))
            .max_by_key(|(index, (_, quality))| (*quality, Reverse(*index)));
        let expected = best.map_or("en", |(_, (tag, _))| &tag[..2]);
        let translations = translations_once();
        prop_assert_eq!(negotiated(&translations, &members.join(", ")), expected);
    }
}

fn translations_once() -> Arc<Translations> {
    static ONCE: std::sync::LazyLock<Arc<Translations>> = std::sync::LazyLock::new(translations);
    Arc::clone(&ONCE)
}
