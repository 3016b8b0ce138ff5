use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_period_is_the_intersection_of_all_periods() {
    let counting = Counting::default().within(Some(day("2020-01-01")), Some(day("2020-12-31")));
    let counting = counting.within(None, Some(day("2020-06-30")));
    let counting = counting.within(Some(day("2019-01-01")), None);
    assert_eq!(counting.filter.since, Some(day("2020-01-01")));
    assert_eq!(counting.filter.until, Some(day("2020-06-30")));
    assert!(counting.as_filter().is_some() && !counting.is_default());
    assert!(Counting::default().within(None, None).is_default());
    let empty = counting.within(Some(day("2021-01-01")), None);
    assert!(empty.filter.excludes_all());
}

#[test]
fn the_order_of_weights_does_not_matter_and_each_is_given_once() {
    let weight = |hundredths| Weight::from_hundredths(hundredths).unwrap();
    let one = (CriticId(1), weight(50));
    let two = (CriticId(2), weight(200));
    let post = (PublicationId(1), weight(300));
    let weights = |critics: &[_], publications: &[_]| {
        CustomWeights::new(critics.to_vec(), publications.to_vec(), false)
    };
    assert_eq!(weights(&[one, two], &[post]), weights(&[two, one], &[post]));
    assert_eq!(weights(&[one, two, one], &[]), Err(RepeatedWeight::Critic));
    let other = (CriticId(1), weight(51));
    assert_eq!(weights(&[one, other], &[]), Err(RepeatedWeight::Critic));
    assert_eq!(
        weights(&[], &[post, post]),
        Err(RepeatedWeight::Publication)
    );
    assert!(weights(&[], &[]).unwrap().is_empty());
    let counting = Counting {
        weights: Some(Arc::new(weights(&[one], &[]).unwrap())),
        ..Counting::default()
    };
    assert_eq!(counting.as_filter(), None);
}
