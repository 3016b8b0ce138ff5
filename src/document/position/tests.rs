use super::*;

#[test]
fn lines_end_with_lf_cr_or_crlf_and_columns_count_code_units() {
    let text = "a\nb\r\nc\rd\u{1F39E}e";
    let positions = Positions::new(text);
    let at = |character: &str| {
        let Pos { line, column } = positions.at(text.find(character).unwrap());
        (line, column)
    };
    assert_eq!(at("a"), (1, 1));
    assert_eq!(at("b"), (2, 1));
    assert_eq!(at("c"), (3, 1));
    assert_eq!(at("d"), (4, 1));
    assert_eq!(at("e"), (4, 4));
    assert_eq!(positions.at(text.len()).column, 5);
}
