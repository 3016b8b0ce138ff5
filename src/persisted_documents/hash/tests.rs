use proptest::prelude::*;

use super::*;

#[test]
fn a_hash_is_the_sha_256_of_the_text() {
    let hash = DocumentHash::of("{ __typename }").to_string();
    assert_eq!(
        hash,
        "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b"
    );
    assert_eq!(
        DocumentHash::parse(&hash.to_uppercase()),
        DocumentHash::parse(&hash)
    );
    for text in [
        "",
        "7f56",
        &hash[1..],
        &format!("{hash}0"),
        &hash.replace('7', "g"),
    ] {
        assert_eq!(DocumentHash::parse(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn a_parsed_hash_formats_as_the_same_digits(text in "[0-9a-f]{64}|\\PC{0,70}", document: String) {
        if let Some(hash) = DocumentHash::parse(&text) {
            prop_assert_eq!(hash.to_string(), text.to_lowercase());
        }
        let hash = DocumentHash::of(&document);
        prop_assert_eq!(DocumentHash::parse(&hash.to_string()), Some(hash));
    }
}
