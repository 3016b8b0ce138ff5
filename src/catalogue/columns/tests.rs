use super::*;

#[test]
fn a_set_contains_the_inserted_columns() {
    let mut set = Columns::default();
    assert!(set.is_empty());
    assert!(
        set.insert(Column::Film) && !set.insert(Column::Film) && set.insert(Column::NegativeCount)
    );
    assert_eq!(format!("{set:?}"), "{Film, NegativeCount}");
    assert_eq!(set, Columns::of(&[Column::NegativeCount, Column::Film]));
    assert_eq!(
        set.difference(Columns::of(&[Column::Film])),
        Columns::of(&[Column::NegativeCount])
    );
    assert_eq!(
        Column::ALL.into_iter().collect::<Columns>().iter().count(),
        Column::ALL.len()
    );
}
