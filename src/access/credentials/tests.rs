use proptest::prelude::*;

use super::*;
use crate::access::token::RANDOM_BYTES;

#[test]
fn the_bearer_scheme_is_case_insensitive() {
    let token = Token::from_random(&[7; RANDOM_BYTES]).reveal();
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        assert!(matches!(
            parse(&format!("{scheme} {token}")),
            Ok(Credential::ApiToken(_))
        ));
    }
    assert!(parse(&format!("  Bearer   {token}\t")).is_ok());
    assert!(matches!(
        parse("Bearer aa.bb.cc"),
        Ok(Credential::Jwt("aa.bb.cc"))
    ));
}

#[test]
fn other_values_are_rejected() {
    let token = Token::from_random(&[7; RANDOM_BYTES]).reveal();
    for (value, expected) in [
        (String::new(), CredentialError::Scheme),
        ("Bearer".to_owned(), CredentialError::Scheme),
        ("Bearer ".to_owned(), CredentialError::Scheme),
        ("Basic dXNlcjpwYXNz".to_owned(), CredentialError::Scheme),
        (token.clone(), CredentialError::Scheme),
        (format!("Bearer\t{token}"), CredentialError::Scheme),
        (
            format!("Bearer {token} {token}"),
            CredentialError::Malformed,
        ),
        (
            format!("Bearer {token}, Bearer x"),
            CredentialError::Malformed,
        ),
        ("Bearer a.b".to_owned(), CredentialError::Malformed),
        // A JWT without a signature, as with the algorithm `none`, and an encrypted JWT.
        ("Bearer aa.bb.".to_owned(), CredentialError::Malformed),
        ("Bearer a.b.c.d.e".to_owned(), CredentialError::Malformed),
        ("Bearer a.b.c=".to_owned(), CredentialError::Malformed),
        (
            format!("Bearer {}", "a".repeat(MAX_LENGTH)),
            CredentialError::TooLong,
        ),
    ] {
        assert_eq!(parse(&value).unwrap_err(), expected, "{value}");
    }
}

#[test]
fn debug_output_hides_credentials() {
    let token = Token::from_random(&[7; RANDOM_BYTES]).reveal();
    let value = format!("Bearer {token}");
    let output = format!("{:?} {:?}", parse(&value), parse("Bearer aa.bb.cc"));
    assert!(!output.contains(&token[21..]) && !output.contains("aa.bb"));
}

proptest! {
    #[test]
    fn any_value_is_parsed_or_rejected(value: String, rest: String) {
        let _ = (parse(&value), parse(&format!("Bearer {rest}")), parse(&format!("Bearer {PREFIX}{rest}")));
    }
}
