use proptest::prelude::*;

use super::*;

fn bytes(last: u8) -> [u8; RANDOM_BYTES] {
    let mut bytes = [0xfb; RANDOM_BYTES];
    bytes[RANDOM_BYTES - 1] = last;
    bytes
}

#[test]
fn a_token_has_the_documented_format() {
    let token = Token::from_random(&bytes(0xfb)).reveal();
    assert_eq!(
        token,
        "marquee_fbfbfbfbfbfb_-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s"
    );
}

#[test]
fn the_hash_is_the_sha_256_of_the_secret() {
    let token = Token::from_random(&[0; RANDOM_BYTES]);
    let hash = u128::from_be_bytes(token.hash().as_bytes()[..16].try_into().unwrap());
    // The first 16 bytes of the output of `head -c 32 /dev/zero | sha256sum`.
    assert_eq!(format!("{hash:x}"), "66687aadf862bd776c8fc18b8e9f8e20");
}

#[test]
fn debug_output_hides_secrets() {
    let token = Token::from_random(&bytes(1));
    assert_eq!(format!("{token:?}"), "marquee_fbfbfbfbfbfb_(hidden)");
    assert_eq!(format!("{:?}", token.hash()), "(hidden)");
    assert_eq!(format!("{token:#?}"), "marquee_fbfbfbfbfbfb_(hidden)");
}

#[test]
fn other_spellings_of_a_token_are_rejected() {
    let token = Token::from_random(&bytes(0xfb)).reveal();
    assert!(Token::parse(&token).is_some());
    for text in [
        String::new(),
        token.to_uppercase(),
        token.replace("fbfb", "FBFB"),
        token.replace("marquee_", "marquee-"),
        format!("{token}="),
        format!("{token} "),
        format!(" {token}"),
        // The last of the 43 characters encodes two surplus bits, which must be zero.
        format!("{}t", &token[..token.len() - 1]),
        token[..token.len() - 1].to_owned(),
        token[8..].to_owned(),
        "marquee_".to_owned(),
        "marquee__".to_owned(),
        "marquee_fbfbfbfbfbfb_".to_owned(),
        "marquee_fbfbfbfbfbé_".to_owned(),
    ] {
        assert!(Token::parse(&text).is_none(), "{text}");
    }
}

proptest! {
    #[test]
    fn a_token_survives_a_round_trip(random: [u8; 19], more: [u8; 19]) {
        let mut bytes = [0; RANDOM_BYTES];
        bytes[..19].copy_from_slice(&random);
        bytes[19..].copy_from_slice(&more);
        let token = Token::from_random(&bytes);
        let parsed = Token::parse(&token.reveal()).unwrap();
        prop_assert_eq!(parsed.public_id(), token.public_id());
        let (actual, expected) = (parsed.hash(), token.hash());
        prop_assert_eq!(actual.as_bytes(), expected.as_bytes());
        prop_assert_eq!(PublicId::parse(&token.public_id().to_string()), Some(token.public_id()));
    }

    #[test]
    fn any_string_is_parsed_or_rejected(text: String, id in "[0-9a-fA-F]{0,13}", secret in "[-_A-Za-z0-9=]{40,45}") {
        for text in [text.clone(), format!("{PREFIX}{text}"), format!("{PREFIX}{id}_{text}"), format!("{PREFIX}{id}_{secret}")] {
            if let Some(token) = Token::parse(&text) {
                prop_assert_eq!(token.reveal(), text);
            }
        }
    }
}
