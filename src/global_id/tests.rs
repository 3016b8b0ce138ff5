use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn an_encoded_id_decodes_to_itself(kind in prop::sample::select(&Kind::ALL[..]), key in 1..=i64::MAX) {
        let id = GlobalId { kind, key };
        prop_assert_eq!(GlobalId::decode(&id.encode()), Some(id));
    }

    #[test]
    fn an_id_is_only_decoded_from_its_canonical_encoding(text: String) {
        properties::an_id_is_only_decoded_from_its_canonical_encoding(&text);
    }
}

#[test]
fn other_spellings_of_a_key_are_rejected() {
    for text in [
        "Film:01", "Film:+1", "Film:0", "Film:-1", "film:1", "Film:1 ", "Film", "",
    ] {
        assert_eq!(
            GlobalId::decode(&BASE64_URL_SAFE_NO_PAD.encode(text)),
            None,
            "{text}"
        );
    }
}
