//! What holds for every text.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{VERDICTS, scored, site};
use crate::{
    score::{Basis, ScoreLabel, Share},
    translations::{Translations, compile::MAX_LABEL_CHARS},
};

/// Generates texts of parts that occur in Fluent.
fn text() -> impl Strategy<Value = String> {
    let parts = vec![
        "share",
        "no-score",
        "film-score",
        "share-mixed",
        "-a",
        "-b",
        " = ",
        "\n",
        "\r\n",
        "    ",
        "{",
        "}",
        "{ ",
        " }",
        "$count",
        "$total",
        "$verdict",
        "$x",
        " ->",
        "[one]",
        "*[other]",
        "[0]",
        "\"",
        "\\u0041",
        "\\",
        "NUMBER(",
        ")",
        "useGrouping: ",
        "0",
        "# ",
        ".a",
        "ä",
        "\u{202f}",
        "share = { $count } { $total }\n",
        "-a = x\n",
        "{ -a }",
        "{ -b }",
        "\0",
    ];
    vec(select(parts), 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_text_is_compiled_or_rejected(
        text in prop_oneof![text(), any::<String>()],
        count in any::<u32>(),
        other in any::<u32>(),
    ) {
        let translations = match Translations::new(&site(&[("de", &text)])) {
            Ok(translations) => translations,
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                let lines = text.lines().count() + 1;
                for error in errors {
                    prop_assert!(error.line.is_none_or(|line| (1..=lines).contains(&line)));
                }
                return Ok(());
            }
        };
        for language in translations.languages() {
            let share = Share { count, total: other };
            let mut labels = vec![
                language.share_label(share).to_string(),
                language.score_label(ScoreLabel::Unscored { counted: count, wanted: other }).to_string(),
            ];
            for verdict in VERDICTS {
                labels.push(language.verdict_label(verdict).to_string());
                let label = scored(verdict, count, Basis::Critics);
                labels.push(language.score_label(label).to_string());
            }
            for label in labels {
                prop_assert!(!label.chars().any(char::is_control));
                prop_assert!(label.chars().count() <= MAX_LABEL_CHARS);
            }
        }
    }
}
