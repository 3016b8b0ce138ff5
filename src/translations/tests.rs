mod errors;
mod fluent;
mod properties;

use super::*;
use crate::score::{Basis, ScoreLabel, Sentiment, Share, Verdict};

pub(super) const VERDICTS: [Verdict; 5] = [
    Verdict::UniversalAcclaim,
    Verdict::GenerallyFavorable,
    Verdict::MixedOrAverage,
    Verdict::GenerallyUnfavorable,
    Verdict::OverwhelmingDislike,
];

/// All messages of Polish, which has three plural forms.
pub(super) const POLISH: &str = "
verdict-universal-acclaim = Powszechne uznanie
verdict-generally-favorable = Recenzje w większości pozytywne
verdict-mixed-or-average = Recenzje mieszane
verdict-generally-unfavorable = Recenzje w większości negatywne
verdict-overwhelming-dislike = Powszechna niechęć
film-score = { $verdict } – { $count } { $count ->
    [one] recenzja
    [few] recenzje
   *[many] recenzji
}
reviewer-score = { $verdict } – { $count } { $count ->
    [one] recenzja
    [few] recenzje
   *[many] recenzji
}
no-score = Brak oceny – { $counted } z { $wanted } { $wanted ->
    [one] recenzji
   *[other] recenzji
}
share = { $count } z { $total }
share-positive = Pozytywne
share-mixed = Mieszane
share-negative = Negatywne
share-unrated = Bez oceny
sentiment-positive = Pozytywna
sentiment-mixed = Mieszana
sentiment-negative = Negatywna
";

pub(super) fn site(texts: &[(&str, &str)]) -> BTreeMap<String, String> {
    let texts = texts.iter();
    texts
        .map(|(locale, text)| ((*locale).to_owned(), (*text).to_owned()))
        .collect()
}

fn with(texts: &[(&str, &str)]) -> Translations {
    Translations::new(&site(texts)).expect("the texts are valid")
}

pub(super) fn language<'a>(translations: &'a Translations, tag: &str) -> &'a Language {
    let mut languages = translations.languages();
    languages
        .find(|language| language.tag() == tag)
        .expect("the language exists")
}

pub(super) fn scored(verdict: Verdict, count: u32, basis: Basis) -> ScoreLabel {
    ScoreLabel::Scored {
        verdict,
        count,
        basis,
    }
}

fn film(language: &Language, count: u32) -> String {
    let label = scored(Verdict::GenerallyFavorable, count, Basis::Critics);
    language.score_label(label).to_string()
}

fn no_score(language: &Language, counted: u32, wanted: u32) -> String {
    let label = ScoreLabel::Unscored { counted, wanted };
    language.score_label(label).to_string()
}

/// The wording that sources use, and that pages and published scores are compared with.
#[test]
fn english_labels_of_scores_are_verdict_dash_based_on_and_the_ungrouped_number() {
    let translations = with(&[]);
    let english = language(&translations, "en");
    for verdict in VERDICTS {
        assert_eq!(english.verdict_label(verdict).to_string(), verdict.label());
        for count in [0, 1, 2, 11, 100, 999, 1_000, 1_234_567, u32::MAX] {
            for (basis, one, many) in [
                (Basis::Critics, "Critic", "Critics"),
                (Basis::Reviews, "Review", "Reviews"),
            ] {
                let noun = if count == 1 { one } else { many };
                let expected = format!("{} - based on {count} {noun}", verdict.label());
                let label = english.score_label(scored(verdict, count, basis));
                assert_eq!(label.to_string(), expected);
            }
            let share = Share {
                count,
                total: 1_234,
            };
            let label = english.share_label(share).to_string();
            assert_eq!(label, format!("{count} out of 1234"));
        }
    }
}

#[test]
fn a_label_without_a_score_says_how_many_reviews_are_wanted() {
    let translations = with(&[]);
    let english = language(&translations, "en");
    for (counted, wanted, expected) in [
        (3, 4, "No score yet - 3 of 4 reviews"),
        (1, 4, "No score yet - 1 of 4 reviews"),
        (0, 4, "No score yet - 0 of 4 reviews"),
        (0, 1, "No score yet - 0 of 1 review"),
        (1_000, 2_000, "No score yet - 1000 of 2000 reviews"),
    ] {
        assert_eq!(no_score(english, counted, wanted), expected);
        assert!(expected.starts_with(crate::score::NO_SCORE));
    }
    let german = language(&translations, "de");
    assert_eq!(
        no_score(german, 3, 4),
        "Noch keine Wertung – 3 von 4 Kritiken"
    );
    assert_eq!(
        no_score(german, 0, 1),
        "Noch keine Wertung – 0 von 1 Kritik"
    );
    let french = language(&translations, "fr");
    assert_eq!(
        no_score(french, 3, 4),
        "Pas encore de note – 3 critiques sur 4"
    );
    assert_eq!(
        no_score(french, 0, 4),
        "Pas encore de note – 0 critique sur 4"
    );
    assert_eq!(
        no_score(french, 1, 4),
        "Pas encore de note – 1 critique sur 4"
    );
}

#[test]
fn german_and_french_have_their_own_plural_forms_and_numbers() {
    let translations = with(&[]);
    let german = language(&translations, "de");
    assert_eq!(film(german, 11), "Überwiegend positiv – 11 Kritiken");
    assert_eq!(film(german, 1), "Überwiegend positiv – 1 Kritik");
    assert_eq!(film(german, 0), "Überwiegend positiv – 0 Kritiken");
    assert_eq!(film(german, 1_234), "Überwiegend positiv – 1.234 Kritiken");
    let french = language(&translations, "fr");
    let of = |count| film(french, count).replace("Critiques généralement favorables – ", "");
    assert_eq!(of(11), "11 critiques");
    assert_eq!(of(1), "1 critique");
    assert_eq!(of(0), "0 critique");
    assert_eq!(of(1_234), "1\u{202f}234 critiques");
    assert_eq!(of(1_000_000), "1\u{202f}000\u{202f}000 de critiques");
    let share = Share {
        count: 9,
        total: 11,
    };
    assert_eq!(german.share_label(share).to_string(), "9 von 11");
    assert_eq!(french.share_label(share).to_string(), "9 sur 11");
    assert_eq!(
        german.share_name(None).to_string(),
        "Ohne Wertung",
        "the share of the unrated reviews"
    );
    let positive = Sentiment::Positive;
    assert_eq!(french.share_name(Some(positive)).to_string(), "Positives");
    assert_eq!(french.sentiment_label(positive).to_string(), "Positive");
}

#[test]
fn a_site_overrides_single_messages() {
    let text = "\u{feff}verdict-generally-favorable = Sehenswert\nshare = { $count }/{ $total }\n";
    let translations = with(&[("de", text)]);
    let german = language(&translations, "de");
    assert_eq!(film(german, 11), "Sehenswert – 11 Kritiken");
    let share = Share {
        count: 9,
        total: 11,
    };
    assert_eq!(german.share_label(share).to_string(), "9/11");
    assert_eq!(
        no_score(german, 3, 4),
        "Noch keine Wertung – 3 von 4 Kritiken"
    );
    let english = language(&translations, "en");
    assert_eq!(
        film(english, 11),
        "Generally favorable reviews - based on 11 Critics"
    );
}

#[test]
fn a_site_adds_a_language_with_its_plural_forms() {
    for text in [POLISH.to_owned(), POLISH.replace('\n', "\r\n")] {
        let translations = with(&[("pl", &text)]);
        let polish = language(&translations, "pl");
        let of = |count| film(polish, count).replace("Recenzje w większości pozytywne – ", "");
        assert_eq!(of(1), "1 recenzja");
        assert_eq!(of(3), "3 recenzje");
        assert_eq!(of(12), "12 recenzji");
        assert_eq!(of(22), "22 recenzje");
        // Polish groups digits from five on.
        assert_eq!(of(1_234), "1234 recenzje");
        assert_eq!(of(12_345), "12\u{a0}345 recenzji");
    }
}

/// A text of "de-AT" is German with a few words of its own.
#[test]
fn a_variant_of_a_language_inherits_its_messages() {
    let german = "verdict-mixed-or-average = Durchwachsen\n";
    let austrian = "no-score = No ka Wertung – { $counted } vo { $wanted }\n";
    let translations = with(&[("de", german), ("de-AT", austrian)]);
    let austrian = language(&translations, "de-AT");
    let mixed = austrian.verdict_label(Verdict::MixedOrAverage).to_string();
    assert_eq!(mixed, "Durchwachsen");
    assert_eq!(no_score(austrian, 3, 4), "No ka Wertung – 3 vo 4");
    assert_eq!(
        film(austrian, 1_234),
        "Überwiegend positiv – 1\u{a0}234 Kritiken",
        "the digits are grouped as in Austria"
    );
}

#[test]
fn a_text_may_refer_to_terms_and_messages() {
    let text = "
-noun = Kritik
verdict-mixed-or-average = Gemischte { -noun }en
sentiment-mixed = { verdict-mixed-or-average }{\" \"}({ share-mixed })
film-score = { $count ->
    [0] Keine { -noun }: { $verdict }
    [one] Eine { -noun }: { $verdict }
   *[other] { NUMBER($count, useGrouping: \"false\") } { -noun }en: { $verdict }
}
";
    let translations = with(&[("de", text)]);
    let german = language(&translations, "de");
    assert_eq!(film(german, 0), "Keine Kritik: Überwiegend positiv");
    assert_eq!(film(german, 1), "Eine Kritik: Überwiegend positiv");
    assert_eq!(film(german, 1_234), "1234 Kritiken: Überwiegend positiv");
    let mixed = german.sentiment_label(Sentiment::Mixed).to_string();
    assert_eq!(mixed, "Gemischte Kritiken (Gemischt)");
}

#[test]
fn markup_is_text() {
    let text = "verdict-mixed-or-average = <b>Gemischt</b> & \"so\"\n";
    let translations = with(&[("de", text)]);
    let german = language(&translations, "de");
    let label = german.verdict_label(Verdict::MixedOrAverage).to_string();
    assert_eq!(label, "<b>Gemischt</b> & \"so\"");
}

/// Languages that CLDR does not know have one plural form.
#[test]
fn a_language_without_plural_rules_has_one_form() {
    let text = POLISH
        .replace("[one] recenzja\n    [few] recenzje\n   *[many]", "*[other]")
        .replace("[one] recenzji\n   ", "");
    let translations = with(&[("tlh", &text)]);
    let klingon = language(&translations, "tlh");
    assert_eq!(film(klingon, 1), film(klingon, 2).replace('2', "1"));
}
