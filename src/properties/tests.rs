use proptest::prelude::*;

proptest! {
    #[test]
    fn variables_of_any_type_get_a_response(choices in prop::collection::vec(any::<u8>(), 0..120)) {
        super::variables(&choices);
    }
}
