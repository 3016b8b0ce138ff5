use proptest::{option, prelude::*, sample::select};

use super::{original_score::DefaultScales, *};
use crate::user_error::UserErrorCode;

fn set(text: &str) -> Patch<String> {
    Patch::Set(text.to_owned())
}

/// Returns the draft after `patch`, or the fields and codes of the errors.
fn applied(
    draft: &ReviewDraft,
    patch: ReviewPatch,
) -> Result<ReviewDraft, Vec<(String, UserErrorCode)>> {
    let mut draft = draft.clone();
    let mut errors = UserErrors::default();
    let is_new = draft == ReviewDraft::default();
    draft.apply(patch, is_new, &SiteRules::default(), &mut errors);
    if errors.is_empty() {
        return Ok(draft);
    }
    let errors = errors.into_vec().into_iter();
    Err(errors
        .map(|error| (error.field[1..].join("."), error.code))
        .collect())
}

fn scores_of(draft: &ReviewDraft) -> (Option<u8>, Option<&str>, Option<ScoreRule>) {
    let score = draft.score.map(Points::get);
    (score, draft.original_score.as_deref(), draft.score_rule)
}

fn add(score: Option<i32>, original: Option<&str>) -> ReviewPatch {
    ReviewPatch {
        score: score.into(),
        original_score: original.map(str::to_owned).into(),
        ..ReviewPatch::default()
    }
}

#[test]
fn a_score_is_given_or_read_from_the_original_score() {
    let new = ReviewDraft::default();
    for (score, original, expected) in [
        (Some(70), None, (Some(70), None, Some(ScoreRule::Given))),
        (
            None,
            Some("3.5/5"),
            (Some(70), Some("3.5/5"), Some(ScoreRule::Fraction)),
        ),
        (
            Some(70),
            Some("3.5/5"),
            (Some(70), Some("3.5/5"), Some(ScoreRule::Fraction)),
        ),
        (
            None,
            Some(" B+ "),
            (Some(83), Some("B+"), Some(ScoreRule::Letter)),
        ),
        (
            Some(60),
            Some("worth it"),
            (Some(60), Some("worth it"), Some(ScoreRule::Given)),
        ),
    ] {
        let draft = applied(&new, add(score, original)).unwrap();
        assert_eq!(scores_of(&draft), expected);
    }
}

#[test]
fn contradictory_and_invalid_values_are_rejected_with_their_field() {
    let new = ReviewDraft::default();
    let field = |field: &str, code| vec![(field.to_owned(), code)];
    for (patch, expected) in [
        (add(Some(71), Some("3.5/5")), field("score", Contradiction)),
        (
            add(Some(101), None),
            field("score", UserErrorCode::OutOfRange),
        ),
        (add(None, Some("7")), field("originalScore", Invalid)),
        (add(None, Some("a\0")), field("originalScore", Invalid)),
        (add(None, Some(" ")), field("", Blank)),
        (ReviewPatch::default(), field("", Blank)),
    ] {
        assert_eq!(applied(&new, patch), Err(expected));
    }
    let patch = ReviewPatch {
        sentiment: Patch::Set(Sentiment::Negative),
        ..add(Some(90), None)
    };
    assert_eq!(applied(&new, patch), Err(field("sentiment", Contradiction)));
}

#[test]
fn an_unreadable_original_score_is_allowed_with_a_recommendation() {
    let patch = ReviewPatch {
        recommended: Patch::Set(true),
        ..add(None, Some("Half Price"))
    };
    let draft = applied(&ReviewDraft::default(), patch).unwrap();
    assert_eq!(scores_of(&draft), (None, Some("Half Price"), None));
}

#[test]
fn an_update_leaves_score_and_original_score_in_agreement() {
    let draft = applied(&ReviewDraft::default(), add(None, Some("3.5/5"))).unwrap();
    let change = |score, original_score| {
        let patch = ReviewPatch {
            score,
            original_score,
            ..ReviewPatch::default()
        };
        applied(&draft, patch).map(|draft| {
            let (score, original, rule) = scores_of(&draft);
            (score, original.map(str::to_owned), rule)
        })
    };
    let given = Some(ScoreRule::Given);
    assert_eq!(
        change(Patch::Keep, Patch::Clear),
        Ok((Some(70), None, given))
    );
    assert_eq!(
        change(Patch::Set(80), Patch::Clear),
        Ok((Some(80), None, given))
    );
    let fraction = Some(ScoreRule::Fraction);
    assert_eq!(
        change(Patch::Keep, set("4/5")),
        Ok((Some(80), Some("4/5".to_owned()), fraction))
    );
    for (score, original) in [(Patch::Set(80), Patch::Keep), (Patch::Clear, Patch::Keep)] {
        assert_eq!(
            change(score, original),
            Err(vec![("score".to_owned(), Contradiction)])
        );
    }
    // Without a score of its own, the original score is read.
    assert_eq!(
        change(Patch::Clear, set("4/5")),
        Ok((Some(80), Some("4/5".to_owned()), fraction))
    );
    // The review would have no rating left.
    assert_eq!(
        change(Patch::Clear, Patch::Clear),
        Err(vec![(String::new(), Blank)])
    );
}

#[test]
fn an_imported_review_without_a_rating_may_change_in_other_fields() {
    let imported = ReviewDraft {
        byline: Some("Staff".to_owned()),
        ..ReviewDraft::default()
    };
    let patch = ReviewPatch {
        excerpt: set("A fine one."),
        ..ReviewPatch::default()
    };
    assert!(applied(&imported, patch).is_ok());
}

fn patches() -> impl Strategy<Value = ReviewPatch> {
    let originals = select(&["3.5/5", "B+", "***", "7", "Half Price", "5/4", " ", ""][..]);
    let sentiments = select(&[Sentiment::Positive, Sentiment::Mixed, Sentiment::Negative][..]);
    (
        patch(-1..=101_i32),
        patch(originals.prop_map(str::to_owned)),
        patch(sentiments),
        patch(any::<bool>()),
    )
        .prop_map(
            |(score, original_score, sentiment, recommended)| ReviewPatch {
                score,
                original_score,
                sentiment,
                recommended,
                ..ReviewPatch::default()
            },
        )
}

fn patch<T: std::fmt::Debug + Clone>(
    values: impl Strategy<Value = T>,
) -> impl Strategy<Value = Patch<T>> {
    (any::<bool>(), option::of(values)).prop_map(|(is_absent, value)| match value {
        _ if is_absent => Patch::Keep,
        None => Patch::Clear,
        Some(value) => Patch::Set(value),
    })
}

proptest! {
    /// The database and the importers rely on this for every review.
    #[test]
    fn score_rule_and_original_score_agree_after_any_changes(history in prop::collection::vec(patches(), 1..6)) {
        let mut draft = ReviewDraft::default();
        for patch in history {
            let Ok(next) = applied(&draft, patch) else { continue };
            prop_assert_eq!(next.score.is_some(), next.score_rule.is_some());
            let reading = next
                .original_score
                .as_deref()
                .map(|text| original_score::read(text, &DefaultScales::default()));
            match reading {
                Some(Ok(reading)) => prop_assert_eq!(Some(reading.score), next.score),
                _ => prop_assert!(next.score_rule.is_none_or(|rule| rule == ScoreRule::Given)),
            }
            draft = next;
        }
    }
}
