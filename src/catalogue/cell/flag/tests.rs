use super::*;

#[test]
fn a_boolean_is_read_from_common_words() {
    for yes in ["true", "YES", "1", "Y", " t ", "Ja", "oui", "Sí", "WAHR"] {
        assert_eq!(flag(&Cell::text(yes)), Ok(Some(true)), "{yes}");
    }
    for no in ["False", "no", "0", "n", "F", "nein", "Non", "FAUX"] {
        assert_eq!(flag(&Cell::text(no)), Ok(Some(false)), "{no}");
    }
    assert_eq!(flag(&Cell::Flag(true)), Ok(Some(true)));
    assert_eq!(flag(&Cell::Number(Number::Unsigned(0))), Ok(Some(false)));
    assert_eq!(
        flag(&Cell::text("fresh")),
        Err(r#"must be true or false, not "fresh""#.to_owned())
    );
}

#[test]
fn a_recommendation_may_be_fresh_or_rotten() {
    assert_eq!(recommendation(&Cell::text("Fresh")), Ok(Some(true)));
    assert_eq!(recommendation(&Cell::text("rotten")), Ok(Some(false)));
    assert_eq!(
        recommendation(&Cell::Number(Number::Unsigned(2))),
        Err("must be true or false, or fresh or rotten, not 2".to_owned())
    );
}

#[test]
fn a_third_word_is_no_value() {
    for text in ["none", "N/A", "-", "null"] {
        assert_eq!(flag(&Cell::text(text)), Ok(None), "{text}");
        assert_eq!(recommendation(&Cell::text(text)), Ok(None), "{text}");
    }
    assert!(recommendation(&Cell::text("maybe")).is_err());
}
