use proptest::{collection::btree_map, option, prelude::*};

use super::*;
use crate::score::PolicyDraft;

fn draft() -> impl Strategy<Value = RulesDraft> {
    let thresholds = proptest::sample::subsequence((1_i64..=100).collect::<Vec<_>>(), 4);
    let reading = (
        1_i64..=100,
        option::of(1_i64..=1_000),
        option::of(proptest::sample::select(&DateOrder::ALL[..])),
    );
    let locale = proptest::sample::select(&["en", "en-GB", "de", "de-AT", "fr-CA"][..]);
    let comment = r#"(# [ -~äöüß"\\']*\n|\n){0,3}"#;
    let text = (comment, "[A-Za-z'\"\\\\]{1,20}")
        .prop_map(|(comment, word)| format!("{comment}verdict-mixed-or-average = {word}\n"));
    let messages = btree_map(locale.prop_map(str::to_owned), text, 0..3);
    (
        1_i64..=1_000_000,
        thresholds,
        any::<(bool, bool, bool)>(),
        reading,
        messages,
    )
        .prop_map(
            |(minimum, thresholds, flags, reading, messages)| RulesDraft {
                policy: PolicyDraft {
                    minimum_reviews: minimum,
                    acclaim_from: thresholds[3],
                    positive_from: thresholds[2],
                    mixed_from: thresholds[1],
                    dislike_below: thresholds[0],
                    estimate: flags.0,
                    weighting: if flags.1 {
                        Weighting::Equal
                    } else {
                        Weighting::ByPublication
                    },
                },
                stars_out_of: reading.0,
                bare_scores_out_of: reading.1,
                date_order: reading.2,
                more_reviews_per_critic: flags.2,
                messages,
            },
        )
}

proptest! {
    #[test]
    fn the_file_of_any_rules_gives_the_same_rules(draft in draft()) {
        let rules = draft.validate().unwrap();
        // TOML normalizes the ends of lines.
        let text = format(&rules);
        prop_assert_eq!(parse(&text), Ok(rules), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_rejected(text: String) {
        if let Err(errors) = parse(&text) {
            prop_assert!(!errors.is_empty());
        }
    }
}

#[test]
fn an_empty_file_has_the_rules_of_a_new_site() {
    assert_eq!(parse(""), Ok(SiteRules::default()));
}

#[test]
fn all_errors_of_a_file_are_told_at_once() {
    let text = r#"
        title = "our rules"
        [scoring]
        minimum_reviews = 0
        minimun_reviews = 3
        acclaim_from = "81"
        weighting = "by_critic"
        [reading]
        stars_out_of = 5.0
        date_order = "ymd"
        [reviews]
        more_reviews_per_critic = 1
        [messages]
        de = 3
    "#;
    assert_eq!(
        parse(text).unwrap_err(),
        [
            "scoring.acclaim_from: must be an integer, not \"81\" of type string",
            "scoring.weighting: must be \"by_publication\" or \"equal\", not \"by_critic\" of type string",
            "reading.stars_out_of: must be an integer, not 5 of type float",
            "reading.date_order: must be \"dmy\" or \"mdy\", not \"ymd\" of type string",
            "reviews.more_reviews_per_critic: must be true or false, not 1 of type integer",
            "messages.de: must be a text, not 3 of type integer",
            "scoring.minimun_reviews: unknown key; [scoring] has minimum_reviews, acclaim_from, positive_from, mixed_from, dislike_below, estimate, weighting",
            "title: unknown key; the file has [scoring], [reading], [reviews] and [messages]",
            "scoring.minimum_reviews: must be from 1 to 1000000, not 0",
        ]
    );
    let errors = parse("[scoring").unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
}
