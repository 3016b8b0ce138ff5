use proptest::prelude::*;

use super::*;

#[test]
fn a_lifetime_is_a_number_and_a_unit() {
    let start: DateTime<Utc> = "2024-02-29T12:30:00Z".parse().unwrap();
    for (text, end) in [
        ("1m", "2024-02-29T12:31:00Z"),
        ("36h", "2024-03-02T00:30:00Z"),
        ("90d", "2024-05-29T12:30:00Z"),
        ("2w", "2024-03-14T12:30:00Z"),
        ("1y", "2025-02-28T12:30:00Z"),
        ("100y", "2124-02-29T12:30:00Z"),
    ] {
        let lifetime: Lifetime = text.parse().unwrap();
        assert_eq!(lifetime.end(start), end.parse().ok(), "{text}");
    }
}

#[test]
fn other_strings_are_rejected() {
    for text in [
        "",
        "d",
        "90",
        "0d",
        "-1d",
        "+1d",
        "1.5d",
        "90 d",
        " 90d",
        "90D",
        "90d ",
        "90s",
        "101y",
        "36501d",
        "99999999999d",
        "1é",
        "é",
        "٣d",
    ] {
        assert_eq!(text.parse::<Lifetime>(), Err(InvalidLifetime), "{text}");
    }
}

proptest! {
    #[test]
    fn any_string_is_parsed_or_rejected(text: String, number: u64, unit in "[mhdwy]") {
        let start = DateTime::<Utc>::MIN_UTC;
        for text in [text, format!("{number}{unit}")] {
            if let Ok(lifetime) = text.parse::<Lifetime>() {
                prop_assert!(lifetime.end(start).is_some_and(|end| end > start));
            }
        }
    }
}
