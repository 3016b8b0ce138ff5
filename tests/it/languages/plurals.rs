//! The plural forms and numbers of the built-in languages are those of ICU, which Node.js has.

use std::process::Command;

use marquee::{
    score::{Basis, ScoreLabel, Share, Verdict},
    translations::{Language, Translations},
};
use serde_json::Value;

use crate::support::root;

/// The largest count.
const LIMIT: u32 = 10_000;

/// Returns the noun for a number of reviews in a film's label.
fn noun<'a>(language: &str, category: &str) -> &'a str {
    match (language, category) {
        ("en", "one") => "Critic",
        ("en", "other") => "Critics",
        ("de", "one") => "Kritik",
        ("de", "other") => "Kritiken",
        ("fr", "one") => "critique",
        ("fr", "other") => "critiques",
        _ => panic!("{language} has no category {category}"),
    }
}

#[test]
fn each_count_has_the_plural_form_and_the_digits_of_icu() {
    let translations = Translations::builtin();
    let mut command = Command::new("node");
    command
        .args(["plurals.mjs", &LIMIT.to_string()])
        .args(translations.languages().map(Language::tag))
        .current_dir(root().join("tests/clients"));
    let output = command.output().expect("Node.js is installed");
    assert!(output.status.success(), "{output:?}");
    let of_icu: Value = serde_json::from_slice(&output.stdout).unwrap();
    for language in translations.languages() {
        let tag = language.tag();
        let of_language = &of_icu[tag];
        for count in 0..=LIMIT {
            let category = of_language["categories"][count as usize].as_str().unwrap();
            assert_eq!(language.plural_category(count), category, "{tag} {count}");
            let number = of_language["numbers"][count as usize].as_str().unwrap();
            // Sources of English labels don't group digits.
            let ungrouped = count.to_string();
            let number = if tag == "en" { &ungrouped } else { number };
            let label = ScoreLabel::Scored {
                verdict: Verdict::UniversalAcclaim,
                count,
                basis: Basis::Critics,
            };
            let label = language.score_label(label).to_string();
            let expected = format!(" {number} {}", noun(tag, category));
            assert!(label.ends_with(&expected), "{label:?} {expected:?}");
            let share = language.share_label(Share {
                count,
                total: count,
            });
            let share = share.to_string();
            assert!(
                share.starts_with(number) && share.ends_with(number),
                "{share:?}"
            );
        }
    }
}
