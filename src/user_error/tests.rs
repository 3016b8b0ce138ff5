use super::*;

#[test]
fn an_error_has_the_path_to_its_value() {
    let mut errors = UserErrors::default();
    errors.add("critic.name", UserErrorCode::Blank, "the name is blank");
    errors.add("", UserErrorCode::Blank, "there is nothing");
    let fields: Vec<_> = errors
        .into_vec()
        .into_iter()
        .map(|error| error.field.join("/"))
        .collect();
    assert_eq!(fields, ["input/critic/name", "input"]);
}
