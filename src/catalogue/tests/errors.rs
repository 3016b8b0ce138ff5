use super::*;

/// Returns the only error of a row.
fn error(json: &str) -> String {
    let mut errors = row(json).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

/// Returns the only error of a review with this column.
fn error_with(column: &str, value: &str) -> String {
    error(&format!(r#"{{"film": "a", "{column}": {value}}}"#))
}

#[test]
fn all_flaws_of_a_row_are_returned_together() {
    let errors = row(
        r#"{"film_year": 1869, "score": "80.5", "reviewed_on": "Jul 15", "film_slug": "A", "url": 5, "critic": {}, "external_id": 1}"#,
    );
    assert_eq!(
        errors.unwrap_err(),
        [
            "critic: is an object, which no column accepts",
            r#"score: must be a whole number from 0 to 100, not "80.5""#,
            "external_id: a review's external_id needs a source: fill in the column source, or pass --source",
            r#"film_slug: must be lower-case letters a to z and digits with single hyphens between, such as "pusher-1996", not "A""#,
            "film_year: must be a whole number from 1870 to 2200, not 1869",
            r#"reviewed_on: must be a date of the form YYYY-MM-DD, not "Jul 15""#,
        ]
    );
}

#[test]
fn a_row_needs_the_columns_of_its_kind() {
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
        assert_eq!(error(json), expected);
    }
    assert_eq!(
        row(r#"{"kind": "published_score"}"#).unwrap_err(),
        [
            "source: a published score needs a source: fill in the column source, or pass --source",
            "measure: a published score needs a measure: score or percent_recommended",
            "score: a published score needs score or label",
            "film: a published score needs film or film_slug",
        ]
    );
}

#[test]
fn the_flaw_of_a_malformed_value_describes_the_expected_form() {
    for (column, value, expected) in [
        (
            "score_rule",
            r#""stars""#,
            "score_rule: is allowed only together with score",
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
        ("byline", r#""a\nb""#, "byline: contains a line break"),
        (
            "critic",
            r#""a\u0000b""#,
            "critic: contains the control character U+0000",
        ),
        (
            "excerpt",
            r#""a\u001b""#,
            "excerpt: contains the control character U+001B",
        ),
        ("excerpt", "true", "excerpt: must be a string, not true"),
        ("source", r#"["a"]"#, "source: must be a string, not a list"),
        (
            "publication",
            r#"["a", 1]"#,
            "publication: is a list that contains something other than strings",
        ),
        ("title", "null", "film: occurs twice in this row"),
    ] {
        assert_eq!(error_with(column, value), expected);
    }
}

#[test]
fn the_flaw_of_a_column_of_one_kind_describes_the_expected_form() {
    assert_eq!(
        error(r#"{"film": "a", "score": 80, "score_rule": "guess"}"#),
        r#"score_rule: must be given, fraction, stars, letter or percent, not "guess""#
    );
    assert_eq!(
        error(r#"{"kind": "film", "film": "a", "runtime": 0}"#),
        "runtime_minutes: must be a whole number from 1 to 2147483647, not 0"
    );
    assert_eq!(
        error(r#"{"kind": "publication", "publication": "a", "weight": 0.001}"#),
        "weight: must be a number from 0.01 to 100 with at most two decimals, not 0.001"
    );
    assert_eq!(
        error(
            r#"{"kind": "published_score", "film": "a", "source": "b", "measure": "votes", "score": 1}"#
        ),
        r#"measure: must be score or percent_recommended, not "votes""#
    );
    assert_eq!(
        error(r#"{"kind": "critic", "critic": "a", "external_ids": "tt1"}"#),
        r#"external_ids: must be strings of the form source:id, not "tt1""#
    );
}

#[test]
fn each_string_has_a_maximum_length() {
    let with = |column: &str, length: usize| {
        let text = "a".repeat(length);
        row(&format!(
            r#"{{"film": "a", "recommended": true, "{column}": "{text}"}}"#
        ))
    };
    for (column, limit) in [
        ("film_slug", 300),
        ("critic", 300),
        ("byline", 300),
        ("original_score", 200),
        ("source", 200),
        ("url", 2_000),
        ("excerpt", 10_000),
    ] {
        assert!(with(column, limit).is_ok());
        let reason = format!(
            "{column}: is {} characters long, and at most {limit} are allowed",
            limit + 1
        );
        assert_eq!(with(column, limit + 1), Err(vec![reason]));
    }
}

#[test]
fn an_invalid_value_is_not_also_reported_as_missing() {
    assert_eq!(
        error(r#"{"film": {}}"#),
        "film: is an object, which no column accepts"
    );
    assert_eq!(
        error(r#"{"film": "a", "score": 101, "score_rule": "given", "original_score": "x"}"#),
        "score: must be a whole number from 0 to 100, not 101"
    );
    assert_eq!(
        error(r#"{"film": "a", "source": {}, "external_id": "1"}"#),
        "source: is an object, which no column accepts"
    );
}

#[test]
fn a_row_that_has_only_a_film_is_no_review() {
    for json in [
        r#"{"film": "a"}"#,
        r#"{"film_slug": "a", "film_year": 1996, "url": "https://a.example", "top_critic": true}"#,
        r#"{"film": "a", "source": "b", "external_id": "1"}"#,
        r#"{"kind": "review", "film": "a", "recommended": "none", "critic": " "}"#,
        r#"{"film": "a", "genres": ["b"], "release_date": "2020-01-01"}"#,
    ] {
        assert_eq!(
            error(json),
            "film: is all that this review says: it needs a critic, publication, byline, excerpt, score, original_score, \
             sentiment, recommended or reviewed_on; if the file is a list of films, write film into a column named kind, or \
             import it by `marquee import FILE --as films`",
            "{json}"
        );
    }
    for content in [
        r#""critic_slug": "b""#,
        r#""publication": "b""#,
        r#""score": 0"#,
        r#""original_score": "b""#,
        r#""sentiment": "mixed""#,
        r#""recommended": false"#,
        r#""byline": "b""#,
        r#""excerpt": "b""#,
        r#""reviewed_on": "2020-01-01""#,
    ] {
        assert!(
            row(&format!(r#"{{"film": "a", {content}}}"#)).is_ok(),
            "{content}"
        );
    }
}

#[test]
fn a_published_score_that_has_no_value_yet_needs_a_label() {
    let score = |label| {
        row(&format!(
            r#"{{"kind": "published_score", "film": "a", "source": "b", "measure": "score", "score": "tbd", "label": "{label}"}}"#
        ))
    };
    assert!(score("Soon").is_ok());
    assert_eq!(
        score("").unwrap_err(),
        ["score: says that there is no score yet: leave out the row, or fill in label"]
    );
}

#[test]
fn the_value_of_a_published_score_needs_a_scale_and_a_readable_original_score() {
    let errors = |columns: &str| {
        let line = format!(
            r#"{{"kind": "published_score", "film": "a", "source": "b", "measure": "score", {columns}}}"#
        );
        row(&line).unwrap_err()
    };
    let unread = |reason: &str| {
        format!(
            "original_score: can't be read as a value from 0 to its maximum, because it is {reason}; \
             fill in the column scale if it is a number, or score"
        )
    };
    for (columns, expected) in [
        (r#""original_score": "7.9""#, unread("a bare number")),
        (
            r#""original_score": "7.9", "scale": 5"#,
            unread("a bare number above 5"),
        ),
        (
            r#""original_score": "tbd", "label": "Fine""#,
            unread("words"),
        ),
        (
            r#""label": "Fine", "scale": 5"#,
            "scale: is allowed only together with original_score or score".to_owned(),
        ),
        (
            r#""original_score": "7.9", "scale": 0"#,
            "scale: must be a whole number from 1 to 1000, not 0".to_owned(),
        ),
        (
            r#""score": 1, "audience": "users""#,
            r#"audience: must be critics or public, not "users""#.to_owned(),
        ),
    ] {
        assert_eq!(errors(columns), [expected], "{columns}");
    }
}
