//! The problems of a site's texts, all reported at once.

use super::{POLISH, site};
use crate::translations::{MAX_LANGUAGES, MAX_TEXT_BYTES, Translations};

fn errors(texts: &[(&str, &str)]) -> Vec<String> {
    let errors = Translations::new(&site(texts)).expect_err("the texts are invalid");
    errors.iter().map(ToString::to_string).collect()
}

/// Asserts the only error of a German text.
fn assert_error(text: &str, expected: &str) {
    assert_eq!(errors(&[("de", text)]), [expected], "{text}");
}

#[test]
fn all_errors_of_all_texts_are_reported_at_once() {
    let german = "verdict-mixed-or-average = Gemischt\nshare = { $count } von { $totl }\n\nno-skore = Noch nichts\nno-score = { PLURAL($wanted) }\n";
    let polish = POLISH.replace("share-mixed = Mieszane\n", "");
    assert_eq!(
        errors(&[
            ("de", german),
            ("tlh", "x = y"),
            ("pl", &polish),
            ("x_y", "")
        ]),
        [
            "`de`, line 2, message `share`: uses the unknown variable `$totl`; it has `$count` and `$total`",
            "`de`, line 4, message `no-skore`: no label uses it; `no-score` is similar. A text of your own that others refer to is a term, whose name begins with `-`",
            "`de`, line 5, message `no-score`: uses the function `PLURAL`, which doesn't exist; the only one is `NUMBER`",
            "`pl`: a new language has all messages, and this one lacks `share-mixed`",
            "`tlh`, line 1, message `x`: no label uses it; known are `verdict-universal-acclaim`, `verdict-generally-favorable`, `verdict-mixed-or-average`, `verdict-generally-unfavorable`, `verdict-overwhelming-dislike`, `film-score`, `reviewer-score`, `no-score`, `share`, `share-positive`, `share-mixed`, `share-negative`, `share-unrated`, `sentiment-positive`, `sentiment-mixed`, `sentiment-negative`. A text of your own that others refer to is a term, whose name begins with `-`",
            "`x_y`: this is not a language tag, such as \"de\" or \"zh-Hant\"",
        ]
    );
}

#[test]
fn a_message_uses_each_of_its_variables() {
    assert_error(
        "share = { $count }",
        "`de`, line 1, message `share`: does not use the variable `$total`",
    );
    assert_eq!(
        errors(&[("de", "no-score = Noch keine Wertung")]),
        [
            "`de`, line 1, message `no-score`: does not use the variable `$counted`",
            "`de`, line 1, message `no-score`: does not use the variable `$wanted`",
        ]
    );
}

#[test]
fn syntax_errors_name_their_line_and_message() {
    assert_error(
        "share-mixed = Gemischt\n\nshare-negative Negativ\n",
        "`de`, line 3, message `share-negative`: this is not valid Fluent: Expected a token starting with \"=\"",
    );
    assert_error(
        "share = { $count } { $total\n",
        "`de`, line 2, message `share`: this is not valid Fluent: Expected a token starting with \"}\"",
    );
}

#[test]
fn a_selection_is_by_a_number_and_by_forms_of_the_language() {
    let share = |selector: &str, key: &str| {
        format!(
            "share = {{ $total }} {{ $count }} {{ {selector} ->\n    [{key}] a\n   *[other] b\n}}"
        )
    };
    assert_error(
        &share("$count", "few"),
        "`de`, line 2, message `share`: selects the plural category `few`; this language has `one`, `other`",
    );
    assert_error(
        &share("$count", "1.5"),
        "`de`, line 2, message `share`: selects the number 1.5, and all numbers are whole and not negative",
    );
    assert_error(
        &share("\"x\"", "one"),
        "`de`, line 1, message `share`: selects by something that isn't a variable",
    );
    assert_error(
        &share("NUMBER($count, type: \"ordinal\")", "one"),
        "`de`, line 1, message `share`: gives `NUMBER` the unknown option `type`; the only one is `useGrouping`",
    );
    assert_error(
        "film-score = { $count } { $verdict ->\n   *[other] b\n}",
        "`de`, line 1, message `film-score`: selects by `$verdict`, and only a number can select",
    );
}

#[test]
fn duplicates_attributes_and_unknown_references_are_errors() {
    assert_error(
        "share-mixed = a\nshare-mixed = b\n",
        "`de`, line 2, message `share-mixed`: is defined twice; remove one of them",
    );
    assert_error(
        "share-mixed = a\n    .title = b\n",
        "`de`, line 2, message `share-mixed`: has an attribute, and labels have none; remove it",
    );
    assert_error(
        "-brand = Kino\nshare-mixed = { -brant }\n",
        "`de`, line 2, message `share-mixed`: refers to the unknown `-brant`; `-brand` is similar",
    );
    assert_error(
        "-brand = Kino\nshare-mixed = { -brand(case: \"x\") }\n",
        "`de`, line 2, message `share-mixed`: refers to a text with an attribute or with arguments, which labels don't have; refer to the text alone",
    );
}

#[test]
fn a_text_that_refers_to_itself_is_an_error() {
    assert_error(
        "-a = { -b }\n-b = x { -a }\nshare-mixed = { -a }\n",
        "`de`, line 2, message `share-mixed`: refers to itself, or through too many others: `share-mixed` → `-a` → `-b` → `-a`",
    );
    assert_error(
        "share-mixed = { share-mixed }\n",
        "`de`, line 1, message `share-mixed`: refers to itself, or through too many others: `share-mixed` → `share-mixed`",
    );
}

/// Each term repeats the one before it ten times, so that the last one would have ten billion parts.
#[test]
fn a_billion_laughs_are_an_error() {
    let levels = (1..=10).map(|level| {
        let repeated = format!("{{ -a{} }}", level - 1).repeat(10);
        format!("-a{level} = {repeated}\n")
    });
    let levels: Vec<_> = levels.collect();
    let text = format!("-a0 = ha\n{}share-mixed = {{ -a10 }}\n", levels.concat());
    let errors = errors(&[("de", &text)]);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(
        errors[0].contains("message `share-mixed`: is too large"),
        "{errors:?}"
    );
}

#[test]
fn a_label_is_one_short_line() {
    assert_error(
        &format!("share-mixed = {}", "x".repeat(81)),
        "`de`, line 1, message `share-mixed`: may be up to 81 characters long, and at most 80 are allowed",
    );
    assert_error(
        &format!("share = {{ $count }} {{ $total }} {}", "x".repeat(200)),
        "`de`, line 1, message `share`: may be up to 228 characters long, and at most 200 are allowed",
    );
    assert_error(
        "share-mixed = a\n    b\n",
        "`de`, line 1, message `share-mixed`: has a line break or another control character; a label is one line",
    );
    assert_error(
        "share-mixed = a{ \"\\u0007\" }\n",
        "`de`, line 1, message `share-mixed`: has a line break or another control character; a label is one line",
    );
    assert_error(
        "share-mixed = { \" \" }\n",
        "`de`, line 1, message `share-mixed`: is blank",
    );
}

/// The parser calls itself for each level, so a deep text would overflow the stack of a thread.
#[test]
fn deep_nesting_is_an_error() {
    for nested in ["{", "{ NUMBER(", "{ A("] {
        let text = format!("share-mixed = {}", nested.repeat(5_000));
        let errors = errors(&[("de", &text)]);
        assert_eq!(errors.len(), 1);
        assert!(errors[0].contains("at most 500 are allowed"), "{errors:?}");
        let text = format!("share-mixed = {}", nested.repeat(250));
        assert!(!super::errors::errors(&[("de", &text)]).is_empty());
    }
}

#[test]
fn sizes_and_locales_are_bounded() {
    let text = " ".repeat(MAX_TEXT_BYTES + 1);
    assert_error(
        &text,
        "`de`: the text has 65537 bytes, and at most 65536 are allowed",
    );
    let many: Vec<_> = (0..=MAX_LANGUAGES)
        .map(|number| format!("de-x{number:03}"))
        .collect();
    let many: Vec<_> = many.iter().map(|locale| (locale.as_str(), "")).collect();
    let errors = errors(&many);
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].ends_with("there are 65 languages, and at most 64 are allowed"),
        "{errors:?}"
    );
    for locale in [
        "",
        "d",
        "de_AT",
        "de-",
        "*",
        "und",
        "de-AT-x",
        "1de",
        "i-klingon",
    ] {
        let errors = super::errors::errors(&[(locale, "")]);
        assert_eq!(errors.len(), 1, "{locale}");
        assert!(errors[0].ends_with("this is not a language tag, such as \"de\" or \"zh-Hant\""));
    }
}

#[test]
fn the_number_of_errors_is_bounded() {
    let lines = (0..1_000).map(|number| format!("x{number} = y\n"));
    let text = lines.collect::<Vec<_>>().concat();
    let errors = errors(&[("de", &text)]);
    assert_eq!(errors.len(), 101);
    assert_eq!(errors[100], "`de`: there are 900 more problems");
}
