//! Grades in several parts, a value and its maximum: in columns beside each other, or in an object in a cell.

use super::{choices::is_same_name, description::GradeRange};
use crate::{
    json,
    review::original_score::{self, DefaultScales, UnreadReason},
};

/// The keys of the value, in objects of JSON. Those of schema.org are `ratingValue`, `bestRating` and `worstRating`.
const VALUES: [&str; 4] = ["value", "rating", "ratingValue", "score"];
/// The keys of the maximum.
const MAXIMA: [&str; 5] = ["max", "maximum", "scale", "outOf", "bestRating"];
/// The keys of the minimum.
const MINIMA: [&str; 3] = ["min", "minimum", "worstRating"];

/// Returns the path of the object of which a column has the value of a grade: `rating` of `rating.value`.
pub(super) fn object_of(name: &str) -> Option<&str> {
    let (object, key) = name.rsplit_once('.')?;
    is_one_of(key, &VALUES).then_some(object)
}

/// Returns the columns with the minimum and the maximum of the grades in a column: members of the same object.
pub(super) fn range_of(name: &str, header: &[String]) -> GradeRange {
    let Some(object) = object_of(name) else {
        return GradeRange::default();
    };
    let find = |keys: &[&str]| {
        let mut names = header.iter();
        let found = names.find(|other| {
            let parts = other.rsplit_once('.');
            parts.is_some_and(|(path, key)| is_same_name(path, object) && is_one_of(key, keys))
        });
        found.cloned()
    };
    GradeRange {
        minimum: find(&MINIMA),
        maximum: find(&MAXIMA),
    }
}

fn is_one_of(key: &str, keys: &[&str]) -> bool {
    keys.iter().any(|known| is_same_name(key, known))
}

/// Returns a grade with its scale, such as "4/5". A value that has its own scale stays as it is. A scale that begins at
/// another number than 0 or 1 is written out, so that the grade isn't read as one from 0.
pub(super) fn joined(value: &str, minimum: &str, maximum: &str) -> String {
    if maximum.is_empty() || !is_bare_number(value) {
        return value.to_owned();
    }
    if ["", "0", "1"].contains(&minimum) {
        return format!("{value}/{maximum}");
    }
    format!("{value} out of {minimum}..{maximum}")
}

/// Returns the grade of an object in a cell, such as `{"value": 4, "max": 5}`; `None` if it has no value and no maximum.
pub(super) fn of_object(text: &str) -> Option<String> {
    let object: serde_json::Map<String, serde_json::Value> = json::from_str(text).ok()?;
    let find = |keys: &[&str]| {
        let mut members = object.iter();
        let (_, value) = members.find(|(key, _)| is_one_of(key, keys))?;
        match value {
            serde_json::Value::String(text) => Some(text.trim().to_owned()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    };
    let (value, maximum) = (find(&VALUES)?, find(&MAXIMA)?);
    Some(joined(&value, &find(&MINIMA).unwrap_or_default(), &maximum))
}

/// Returns whether a grade is a number that doesn't say of how many.
pub(super) fn is_bare_number(text: &str) -> bool {
    let scales = DefaultScales {
        bare: None,
        ..DefaultScales::default()
    };
    original_score::read(text, &scales) == Err(UnreadReason::BareNumber)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_an_object_is_a_grade_with_its_maximum() {
        for (text, grade) in [
            (r#"{"value":4,"max":5}"#, Some("4/5")),
            (r#"{"rating": "3.5", "scale": 4}"#, Some("3.5/4")),
            (
                r#"{"@type":"Rating","ratingValue":"7","bestRating":"10","worstRating":1}"#,
                Some("7/10"),
            ),
            (r#"{"value":"B+","max":5}"#, Some("B+")),
            (r#"{"value":2,"max":5,"min":-5}"#, Some("2 out of -5..5")),
            (r#"{"value":4}"#, None),
            (r#"{"value":[4],"max":5}"#, None),
            ("{4/5}", None),
        ] {
            assert_eq!(of_object(text).as_deref(), grade, "{text}");
        }
        let scales = DefaultScales::default();
        assert_eq!(
            original_score::read("2 out of -5..5", &scales),
            Err(UnreadReason::NotFromZero)
        );
    }

    #[test]
    fn the_range_of_a_grade_is_in_the_same_object() {
        let header = ["film", "rating.value", "rating.max", "seat.max"].map(str::to_owned);
        let range = range_of("rating.value", &header);
        assert_eq!(range.maximum.as_deref(), Some("rating.max"));
        assert_eq!(range.minimum, None);
        assert_eq!(range_of("film", &header), GradeRange::default());
    }
}
