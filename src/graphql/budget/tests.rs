use super::*;

#[test]
fn bytes_are_counted_up_to_the_limit() {
    let budget = TextBudget::new(10);
    assert_eq!(budget.take(4), Ok(()));
    assert_eq!(budget.clone().take(6), Ok(()));
    assert_eq!(budget.take(1), Err(11));
    budget.reset();
    assert!(budget.try_take(4));
    let used = budget.used();
    assert!(budget.try_take(6) && !budget.try_take(1));
    budget.restore(used);
    assert_eq!(budget.used(), 4);
    assert_eq!(budget.take(6), Ok(()));
    assert_eq!(budget.take(usize::MAX), Err(usize::MAX));
}
