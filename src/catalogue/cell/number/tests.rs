use proptest::prelude::*;

use super::*;

#[test]
fn a_score_is_a_whole_number_from_0_to_100() {
    let eighty = Ok(Points::new(80).unwrap());
    assert_eq!(points(&Cell::text(" 80 ")), eighty);
    assert_eq!(points(&Cell::Number(Number::Unsigned(80))), eighty);
    assert_eq!(points(&Cell::Number(Number::Float(80.0))), eighty);
    for (cell, quoted) in [
        (Cell::text("80.5"), r#""80.5""#),
        (Cell::text("8.000"), r#""8.000""#),
        (Cell::text("8,000"), r#""8,000""#),
        (Cell::text(".0"), r#"".0""#),
        (Cell::text("+80"), r#""+80""#),
        (Cell::text("101"), r#""101""#),
        (Cell::text("-1"), r#""-1""#),
        (
            Cell::text("99999999999999999999"),
            r#""99999999999999999999""#,
        ),
        (Cell::Number(Number::Float(80.5)), "80.5"),
        (Cell::Number(Number::Float(f64::NAN)), "NaN"),
        (
            Cell::Number(Number::Unsigned(u64::MAX)),
            "18446744073709551615",
        ),
        (Cell::Flag(true), "true"),
        (Cell::List(vec!["80".into()]), "a list"),
    ] {
        let reason = format!("must be a whole number from 0 to 100, not {quoted}");
        assert_eq!(points(&cell), Err(reason));
    }
}

#[test]
fn a_count_fits_the_database_column() {
    assert_eq!(count(&Cell::text("2147483647")), Ok(2_147_483_647));
    assert_eq!(
        count(&Cell::text("2147483648")),
        Err(r#"must be a whole number from 0 to 2147483647, not "2147483648""#.to_owned())
    );
    assert!(count(&Cell::Number(Number::Integer(-1))).is_err());
}

#[test]
fn a_weight_has_at_most_two_decimals() {
    for (text, hundredths) in [
        ("1", 100),
        ("0.5", 50),
        ("1.25", 125),
        ("0.01", 1),
        ("100.00", 10_000),
    ] {
        let expected = Ok(Weight::from_hundredths(hundredths).unwrap());
        assert_eq!(weight(&Cell::text(text)), expected);
        let number = Cell::Number(Number::Float(text.parse().unwrap()));
        assert_eq!(weight(&number), expected);
    }
    for text in [
        "0", "0.001", "1.250", "100.01", ".5", "1.", "-1", "1,500", "1e1", "99999999", "",
    ] {
        let reason =
            format!(r#"must be a number from 0.01 to 100 with at most two decimals, not "{text}""#);
        assert_eq!(weight(&Cell::text(text)), Err(reason));
    }
}

#[test]
fn a_whole_number_may_have_decimals_that_are_zero() {
    for (text, number) in [("101.0", 101), ("101.00", 101), ("101,0", 101), ("0.0", 0)] {
        assert_eq!(count(&Cell::text(text)), Ok(number), "{text}");
    }
    assert_eq!(
        weight(&Cell::text("1,5")),
        Ok(Weight::from_hundredths(150).unwrap())
    );
}

#[test]
fn a_published_value_is_read_on_its_scale() {
    let read = |text, out_of| {
        let value = published_value(text, NonZeroU16::new(out_of).unwrap());
        value.map(|value| value.map(Points::get))
    };
    for (text, out_of, expected) in [
        ("7.9", 10, Some(79)),
        ("8,7", 10, Some(87)),
        ("6,05", 10, Some(61)),
        ("4.5", 5, Some(90)),
        ("71", 100, Some(71)),
        ("67.0", 100, Some(67)),
        ("67%", 10, Some(67)),
        ("4/5", 10, Some(80)),
        ("0", 100, Some(0)),
        ("tbd", 10, None),
        ("n/a", 10, None),
        ("", 10, None),
    ] {
        assert_eq!(read(text, out_of), Ok(expected), "{text}");
    }
    for text in ["11", "-1", "good"] {
        assert_eq!(
            read(text, 10),
            Err(format!("must be a number from 0 to 10, not {text:?}"))
        );
    }
}

proptest! {
    #[test]
    fn a_whole_number_is_read_with_or_without_decimals(number in 0_u32..=i32::MAX.unsigned_abs()) {
        for text in [number.to_string(), format!("{number}.0"), format!("{number},0"), format!("{number}.00")] {
            prop_assert_eq!(count(&Cell::text(&text)), Ok(number));
        }
    }

    #[test]
    fn a_comma_means_the_same_as_a_point(tenths in 0_u16..=100) {
        let (point, comma) = (format!("{}.{}", tenths / 10, tenths % 10), format!("{},{}", tenths / 10, tenths % 10));
        let ten = NonZeroU16::new(10).unwrap();
        let expected = Points::new(i64::from(tenths)).map(Some);
        prop_assert_eq!(published_value(&point, ten).ok(), expected);
        prop_assert_eq!(published_value(&comma, ten).ok(), expected);
    }

    #[test]
    fn any_text_is_a_number_or_an_error(text: String) {
        let cell = Cell::text(&text);
        let _ = (points(&cell), count(&cell), weight(&cell));
        let value = published_value(&text, NonZeroU16::MIN);
        prop_assert!(value.is_ok() || !text.trim().is_empty());
    }
}
