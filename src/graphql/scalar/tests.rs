use super::*;

#[test]
fn only_the_canonical_form_of_a_date_is_valid() {
    let parse = |text: &str| Date::parse(Value::String(text.to_owned())).ok();
    assert_eq!(
        parse("2013-07-15").map(|date| date.to_value()),
        Some("2013-07-15".into())
    );
    for text in [
        "2013-7-15",
        "2013-02-30",
        "+2013-07-15",
        "0000-01-01",
        "12013-07-15",
        "2013-07-15 ",
        "",
    ] {
        assert!(parse(text).is_none(), "{text}");
    }
    assert!(Date::parse(Value::from(20_130_715)).is_err());
}
