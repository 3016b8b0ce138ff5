use super::*;

#[test]
fn a_draft_of_rules_gives_the_same_rules() {
    let rules = SiteRules::default();
    assert_eq!(RulesDraft::of(&rules).validate(), Ok(rules));
}

#[test]
fn all_errors_of_a_draft_are_found_at_once() {
    let draft = RulesDraft {
        policy: PolicyDraft {
            minimum_reviews: 0,
            positive_from: 90,
            dislike_below: 50,
            ..PolicyDraft::default()
        },
        stars_out_of: 101,
        bare_scores_out_of: Some(0),
        messages: BTreeMap::from([
            ("de".to_owned(), "film-score = {$count".to_owned()),
            ("not a locale".to_owned(), "text".to_owned()),
        ]),
        ..RulesDraft::default()
    };
    let errors = draft.validate().unwrap_err().into_vec();
    let messages: Vec<String> = errors
        .iter()
        .map(|error| format!("{}: {}", error.field[1], error.message))
        .collect();
    assert_eq!(
        messages,
        [
            "minimumReviews: must be from 1 to 1000000, not 0",
            "positiveFrom: must be from 3 to 80, not 90",
            "dislikeBelow: must be from 1 to 39, not 50",
            "starsOutOf: must be from 1 to 100, not 101",
            "bareScoresOutOf: must be from 1 to 1000, not 0",
            "messages: `de`, line 1, message `film-score`: this is not valid Fluent: Expected a token starting with \"}\"",
            "messages: `not a locale`: this is not a language tag, such as \"de\" or \"zh-Hant\"",
        ]
    );
}

#[test]
fn a_change_keeps_what_it_does_not_give_and_null_sets_the_default() {
    let mut draft = RulesDraft {
        stars_out_of: 5,
        bare_scores_out_of: Some(10),
        date_order: Some(DateOrder::DayMonthYear),
        ..RulesDraft::default()
    };
    draft.policy.minimum_reviews = 2;
    draft.apply(RulesPatch {
        minimum_reviews: Patch::Clear,
        mixed_from: Patch::Set(50),
        bare_scores_out_of: Patch::Clear,
        ..RulesPatch::default()
    });
    let rules = draft.validate().unwrap();
    assert_eq!(rules.policy.minimum_reviews(), 4);
    assert_eq!(rules.policy.bands().mixed_from(), 50);
    assert_eq!(rules.reading.stars_out_of.get(), 5);
    assert_eq!(rules.reading.bare_scores_out_of, None);
    assert_eq!(rules.reading.date_order, Some(DateOrder::DayMonthYear));
}
