use super::*;

#[test]
fn a_score_is_a_whole_number_from_0_to_100() {
    let eighty = Ok(Points::new(80).unwrap());
    assert_eq!(points(&Cell::text(" 80 ")), eighty);
    assert_eq!(points(&Cell::Number(Number::Unsigned(80))), eighty);
    assert_eq!(points(&Cell::Number(Number::Float(80.0))), eighty);
    for (cell, quoted) in [
        (Cell::text("80.0"), r#""80.0""#),
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
        "0", "0.001", "1.250", "100.01", ".5", "1.", "-1", "1,5", "1e1", "99999999", "",
    ] {
        let reason =
            format!(r#"must be a number from 0.01 to 100 with at most two decimals, not "{text}""#);
        assert_eq!(weight(&Cell::text(text)), Err(reason));
    }
}
