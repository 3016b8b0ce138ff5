use super::*;

#[test]
fn a_boolean_is_read_from_common_words() {
    for yes in ["true", "YES", "1", "Y", " t "] {
        assert_eq!(flag(&Cell::text(yes)), Ok(true), "{yes}");
    }
    for no in ["False", "no", "0", "n", "F"] {
        assert_eq!(flag(&Cell::text(no)), Ok(false), "{no}");
    }
    assert_eq!(flag(&Cell::Flag(true)), Ok(true));
    assert_eq!(flag(&Cell::Number(Number::Unsigned(0))), Ok(false));
    assert_eq!(
        flag(&Cell::text("fresh")),
        Err(r#"must be true or false, not "fresh""#.to_owned())
    );
}

#[test]
fn a_recommendation_may_be_fresh_or_rotten() {
    assert_eq!(recommendation(&Cell::text("Fresh")), Ok(true));
    assert_eq!(recommendation(&Cell::text("rotten")), Ok(false));
    assert_eq!(
        recommendation(&Cell::Number(Number::Unsigned(2))),
        Err("must be true or false, or fresh or rotten, not 2".to_owned())
    );
}
