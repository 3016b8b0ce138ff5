use super::*;

#[test]
fn each_type_has_one_value_until_the_map_is_cleared() {
    let values = TypeMap::default();
    assert_eq!(*values.get_or_insert_with(|| 1_u8), 1);
    assert_eq!(*values.get_or_insert_with(|| "text"), "text");
    assert_eq!(*values.get_or_insert_with(|| 2_u8), 1);
    values.clear();
    assert_eq!(*values.get_or_insert_with(|| 2_u8), 2);
}
