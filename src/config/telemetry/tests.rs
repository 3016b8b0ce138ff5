use super::*;

#[test]
fn a_share_is_a_number_from_0_to_1() {
    assert_eq!(parse_share("0.25"), Ok(0.25));
    for invalid in ["-0.1", "1.1", "NaN", "inf", "", "half"] {
        assert!(parse_share(invalid).is_err(), "{invalid}");
    }
}
