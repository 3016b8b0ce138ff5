use super::*;

/// The only flaw of a row.
fn flaw(json: &str) -> String {
    let mut flaws = row(json).unwrap_err();
    assert_eq!(flaws.len(), 1, "{flaws:?}");
    flaws.remove(0)
}

/// The only flaw of a review that has this too.
fn flaw_with(column: &str, value: &str) -> String {
    flaw(&format!(r#"{{"film": "a", "{column}": {value}}}"#))
}

#[test]
fn all_flaws_of_a_row_are_told_at_once() {
    let flaws = row(
        r#"{"film_year": 1869, "score": "80.0", "reviewed_on": "Jul 15", "film_slug": "A", "url": 5, "critic": {}, "external_id": 1}"#,
    );
    assert_eq!(
        flaws.unwrap_err(),
        [
            "critic: is an object, which no column holds",
            r#"score: must be a whole number from 0 to 100, not "80.0""#,
            "external_id: a review's external_id needs a source: give the column, or say --source",
            r#"film_slug: must be small letters a to z and digits with single hyphens between, such as "pusher-1996", not "A""#,
            "film_year: must be a whole number from 1870 to 2200, not 1869",
            r#"reviewed_on: must be a day of the form YYYY-MM-DD, not "Jul 15""#,
        ]
    );
}

#[test]
fn a_row_needs_what_its_kind_says() {
    for (json, expected) in [
        ("{}", "film: a review needs film or film_slug"),
        (
            r#"{"kind": "film"}"#,
            "film: a film needs film or film_slug",
        ),
        (
            r#"{"kind": "critic"}"#,
            "critic: a critic needs critic or critic_slug",
        ),
        (
            r#"{"kind": "publication"}"#,
            "publication: a publication needs publication or publication_slug",
        ),
        (
            r#"{"kind": "movie"}"#,
            r#"kind: must be review, film, critic, publication or published_score, not "movie""#,
        ),
    ] {
        assert_eq!(flaw(json), expected);
    }
    assert_eq!(
        row(r#"{"kind": "published_score"}"#).unwrap_err(),
        [
            "source: a published score needs a source: give the column, or say --source",
            "measure: a published score needs one: score or percent_recommended",
            "score: a published score needs score or label",
            "film: a published score needs film or film_slug",
        ]
    );
}

#[test]
fn a_value_of_the_wrong_form_is_told_with_the_right_one() {
    for (column, value, expected) in [
        (
            "score_rule",
            r#""stars""#,
            "score_rule: may be given only with a score",
        ),
        (
            "sentiment",
            r#""good""#,
            r#"sentiment: must be positive, mixed or negative, not "good""#,
        ),
        (
            "recommended",
            r#""maybe""#,
            r#"recommended: must be true or false, or fresh or rotten, not "maybe""#,
        ),
        (
            "top_critic",
            "2",
            "top_critic: must be true or false, not 2",
        ),
        ("byline", r#""a\nb""#, "byline: holds a line break"),
        (
            "critic",
            r#""a\u0000b""#,
            "critic: holds the control character U+0000",
        ),
        (
            "excerpt",
            r#""a\u001b""#,
            "excerpt: holds the control character U+001B",
        ),
        ("excerpt", "true", "excerpt: must be a text, not true"),
        ("source", r#"["a"]"#, "source: must be a text, not a list"),
        (
            "publication",
            r#"["a", 1]"#,
            "publication: is a list that holds something other than texts",
        ),
        ("title", "null", "film: stands twice in this row"),
    ] {
        assert_eq!(flaw_with(column, value), expected);
    }
}

#[test]
fn a_value_that_only_some_kinds_have_is_told_with_the_right_one() {
    assert_eq!(
        flaw(r#"{"film": "a", "score": 80, "score_rule": "guess"}"#),
        r#"score_rule: must be given, fraction, stars, letter or percent, not "guess""#
    );
    assert_eq!(
        flaw(r#"{"kind": "film", "film": "a", "runtime": 0}"#),
        "runtime_minutes: must be a whole number from 1 to 2147483647, not 0"
    );
    assert_eq!(
        flaw(r#"{"kind": "publication", "publication": "a", "weight": 0.001}"#),
        "weight: must be a number from 0.01 to 100 with at most two decimals, not 0.001"
    );
    assert_eq!(
        flaw(
            r#"{"kind": "published_score", "film": "a", "source": "b", "measure": "votes", "score": 1}"#
        ),
        r#"measure: must be score or percent_recommended, not "votes""#
    );
    assert_eq!(
        flaw(r#"{"kind": "critic", "critic": "a", "external_ids": "tt1"}"#),
        r#"external_ids: must be texts of the form source:id, not "tt1""#
    );
}

#[test]
fn each_text_has_a_limit() {
    for (column, limit) in [
        ("film_slug", 300),
        ("critic", 300),
        ("byline", 300),
        ("original_score", 200),
        ("source", 200),
        ("url", 2_000),
        ("excerpt", 10_000),
    ] {
        assert!(
            row(&format!(
                r#"{{"film": "a", "{column}": "{}"}}"#,
                "a".repeat(limit)
            ))
            .is_ok()
        );
        let reason = format!(
            "{column}: is {} characters long, and at most {limit} are allowed",
            limit + 1
        );
        assert_eq!(
            flaw_with(column, &format!("\"{}\"", "a".repeat(limit + 1))),
            reason
        );
    }
}

#[test]
fn a_flawed_value_is_not_told_to_be_missing_too() {
    assert_eq!(
        flaw(r#"{"film": {}}"#),
        "film: is an object, which no column holds"
    );
    assert_eq!(
        flaw(r#"{"film": "a", "score": 101, "score_rule": "given", "original_score": "x"}"#),
        "score: must be a whole number from 0 to 100, not 101"
    );
    assert_eq!(
        flaw(r#"{"film": "a", "source": {}, "external_id": "1"}"#),
        "source: is an object, which no column holds"
    );
}
