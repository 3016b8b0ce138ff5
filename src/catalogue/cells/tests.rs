use super::*;

#[test]
fn a_blank_value_leaves_a_column_empty() {
    for blank in [
        Cell::Blank,
        Cell::text(" \u{a0}\n"),
        Cell::List(vec![]),
        Cell::List(vec![" ".into()]),
    ] {
        let mut cells = Cells::new();
        cells.insert(Column::Film, blank);
        assert!(cells.filled().is_empty());
        assert_eq!(*cells.get(Column::Film), Cell::Blank);
    }
}

#[test]
fn a_second_value_even_a_blank_one_makes_a_column_invalid() {
    let mut cells = Cells::new();
    cells.insert(Column::Film, Cell::text("Pusher"));
    cells.insert(Column::Film, Cell::Blank);
    assert_eq!(
        *cells.get(Column::Film),
        Cell::Invalid(InvalidValue::Repeated)
    );
    assert!(cells.filled().contains(Column::Film));
}

#[test]
fn a_byline_becomes_the_critic_if_it_names_one() {
    for (byline, column, text, warning) in [
        ("By Ann Field", Column::Critic, "Ann Field", None),
        ("Staff", Column::Byline, "Staff", None),
        (
            "By Ann Field and Karl Stroem",
            Column::Byline,
            "By Ann Field and Karl Stroem",
            Some(Warning::SeveralCritics),
        ),
    ] {
        let mut cells = Cells::new();
        assert_eq!(cells.insert_byline(byline), warning);
        assert_eq!(cells.get(column), &Cell::text(text));
        assert_eq!(cells.filled().iter().count(), 1);
    }
}
