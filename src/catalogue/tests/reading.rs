use std::num::NonZeroU16;

use super::*;
use crate::{
    catalogue::record::ReviewRecord, published_score::Audience, review::ScoreRule, score::Points,
};

fn review_with(json: &str, defaults: &Defaults) -> (ReviewRecord, Vec<String>) {
    match row_with(json, defaults).unwrap() {
        (Record::Review(review), warnings) => (review, warnings),
        other => panic!("{other:?}"),
    }
}

fn review(json: &str) -> (ReviewRecord, Vec<String>) {
    review_with(json, &Defaults::default())
}

/// Returns the score and rule of a review with these values, and the warnings.
fn scored(json: &str) -> (Option<u8>, Option<ScoreRule>, Vec<String>) {
    let (review, warnings) = review(&format!(r#"{{"film": "a", {json}}}"#));
    (review.score.map(Points::get), review.score_rule, warnings)
}

#[test]
fn a_review_is_read_by_the_aliases_of_its_columns() {
    let (review, warnings) = review(
        r#"{"Title": 1917, "Year": "2019", "Reviewer": " Ida Quist ", "Outlet": "Evening Post", "Rating": 3.5,
            "Fresh": "fresh", "is_top_critic": 1, "Quote": "a\r\nb", "Date": "2020-01-02T10:00:00Z", "Link": "https://a.example"}"#,
    );
    assert_eq!(
        warnings,
        ["original_score is a bare number without a scale; the review has no score"]
    );
    assert_eq!(review.film.title.as_deref(), Some("1917"));
    assert_eq!(review.film.year, Some(2019));
    assert_eq!(review.critic.unwrap().name.as_deref(), Some("Ida Quist"));
    assert_eq!(
        review.publication.unwrap().name.as_deref(),
        Some("Evening Post")
    );
    assert_eq!(review.original_score.as_deref(), Some("3.5"));
    assert_eq!((review.recommended, review.top_critic), (Some(true), true));
    assert_eq!(review.excerpt.as_deref(), Some("a\nb"));
    assert_eq!(review.reviewed_on.unwrap().to_string(), "2020-01-02");
    assert_eq!(review.url.as_deref(), Some("https://a.example"));
    assert_eq!(review.source, None);
}

#[test]
fn a_score_is_read_with_its_original_and_its_rule() {
    let no_warnings: Vec<String> = vec![];
    let contradiction =
        vec!["original_score reads as another score than score; score is used".to_owned()];
    for (json, expected) in [
        (
            r#""original_score": "4/5""#,
            (Some(80), Some(ScoreRule::Fraction), no_warnings.clone()),
        ),
        (
            r#""score": 80"#,
            (Some(80), Some(ScoreRule::Given), no_warnings.clone()),
        ),
        (
            r#""score": 80.0, "original_score": "4/5""#,
            (Some(80), Some(ScoreRule::Fraction), no_warnings.clone()),
        ),
        (
            r#""score": 79, "original_score": "4/5""#,
            (Some(79), Some(ScoreRule::Given), contradiction),
        ),
        (
            r#""score": 79, "original_score": "so so""#,
            (Some(79), Some(ScoreRule::Given), no_warnings.clone()),
        ),
        (
            r#""score": 79, "original_score": "4/5", "score_rule": "Stars""#,
            (Some(79), Some(ScoreRule::Stars), no_warnings.clone()),
        ),
        (
            r#""score": 79, "score_rule": "percent""#,
            (Some(79), Some(ScoreRule::Percent), no_warnings),
        ),
    ] {
        assert_eq!(scored(json), expected, "{json}");
    }
}

#[test]
fn an_original_score_that_matches_no_rule_is_stored_with_a_warning() {
    for (original, reason) in [
        ("so so", "is in words"),
        ("6/5", "is above its own scale"),
        ("3.5.5", "has an unknown form"),
    ] {
        let warning = format!("original_score {reason}; the review has no score");
        let (review, warnings) = review(&format!(
            r#"{{"film": "a", "original_score": "{original}"}}"#
        ));
        assert_eq!(
            (review.score, review.score_rule, warnings),
            (None, None, vec![warning])
        );
        assert_eq!(review.original_score.as_deref(), Some(original));
    }
}

#[test]
fn an_invalid_web_address_is_ignored_with_a_warning() {
    let (review, warnings) = review(r#"{"film": "a", "critic": "b", "url": "see page 5"}"#);
    assert_eq!(review.url, None);
    assert_eq!(
        warnings,
        ["url is not of the form http(s)://host… and was ignored"]
    );
}

#[test]
fn columns_that_a_kind_does_not_use_are_ignored_with_a_warning() {
    let (record, warnings) = row(r#"{"kind": "critic", "critic": "a", "score": "x", "genres": ["b"], "film": " ", "weight": null}"#).unwrap();
    assert!(matches!(record, Record::Critic(_)));
    assert_eq!(
        warnings,
        [
            "score is not used in a row of this kind and was ignored",
            "genres is not used in a row of this kind and was ignored",
        ]
    );
}

#[test]
fn the_default_source_applies_to_rows_without_one() {
    let defaults = Defaults {
        source: Some("post".to_owned()),
        ..Defaults::default()
    };
    let source = |json| review_with(json, &defaults).0.source;
    assert_eq!(
        source(r#"{"film": "a", "critic": "b", "id": 5}"#).as_deref(),
        Some("post")
    );
    assert_eq!(
        source(r#"{"film": "a", "critic": "b", "source": " "}"#).as_deref(),
        Some("post")
    );
    assert_eq!(
        source(r#"{"film": "a", "critic": "b", "source": "page", "id": 5}"#).as_deref(),
        Some("page")
    );
    assert!(
        row_with(
            r#"{"kind": "published_score", "film": "a", "measure": "score", "label": "Good"}"#,
            &defaults
        )
        .is_ok()
    );
}

#[test]
fn the_value_of_a_published_score_is_read_on_its_scale() {
    let published = |columns: &str| {
        let line = format!(
            r#"{{"kind": "published_score", "film": "a", "source": "b", "measure": "score", {columns}}}"#
        );
        match row(&line).unwrap().0 {
            Record::PublishedScore(score) => (
                score.value.map(u8::from),
                score.scale.map(NonZeroU16::get),
                score.original_value,
            ),
            other => panic!("{other:?}"),
        }
    };
    let original = |text: &str| Some(text.to_owned());
    for (columns, expected) in [
        (
            r#""original_score": "7.9", "scale": 10"#,
            (Some(79), Some(10), original("7.9")),
        ),
        (
            r#""original_score": "4.5", "scale": "5""#,
            (Some(90), Some(5), original("4.5")),
        ),
        (
            r#""original_score": "★★★★", "scale": 5"#,
            (Some(80), Some(5), original("★★★★")),
        ),
        (
            r#""original_score": "81%""#,
            (Some(81), None, original("81%")),
        ),
        (
            r#""original_score": "7/10""#,
            (Some(70), None, original("7/10")),
        ),
        (
            r#""score": 78, "original_score": "7.9", "scale": 10"#,
            (Some(78), Some(10), original("7.9")),
        ),
        (
            r#""score": 78, "original_score": "tbd""#,
            (Some(78), None, original("tbd")),
        ),
        (r#""score": 78, "scale": 100"#, (Some(78), Some(100), None)),
        (r#""label": "Fine""#, (None, None, None)),
    ] {
        assert_eq!(published(columns), expected, "{columns}");
    }
}

#[test]
fn the_audience_of_a_published_score_is_critics_unless_the_row_has_another_one() {
    let audience = |column: &str| {
        let line = format!(
            r#"{{"kind": "published_score", "film": "a", "source": "b", "measure": "score", "score": 1{column}}}"#
        );
        match row(&line).unwrap().0 {
            Record::PublishedScore(score) => score.audience,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(audience(""), Audience::Critics);
    assert_eq!(audience(r#", "audience": "critics""#), Audience::Critics);
    assert_eq!(audience(r#", "audience": "Public""#), Audience::Public);
}
