use super::*;
use crate::score::ScoreInput;
use crate::score::arbitrary::reviews;
use proptest::prelude::*;

fn scores(values: &[i32]) -> Tally {
    Tally::of(values.iter().map(|value| ScoreInput {
        points: Points::new(*value),
        ..ScoreInput::default()
    }))
}

fn recommendations(yes: usize, no: usize) -> Tally {
    let review = |recommended| ScoreInput {
        recommended: Some(recommended),
        ..ScoreInput::default()
    };
    Tally::of([vec![review(true); yes], vec![review(false); no]].concat())
}

#[test]
fn without_scores_there_are_no_statistics() {
    let tally = recommendations(1, 1);
    assert_eq!((tally.lowest(), tally.highest()), (None, None));
    assert_eq!((tally.median(), tally.standard_deviation()), (None, None));
}

#[test]
fn the_median_is_the_middle_score_or_the_mean_of_the_middle_two() {
    assert_eq!(scores(&[100]).median(), Some(100.0));
    assert_eq!(scores(&[90, 10, 50]).median(), Some(50.0));
    assert_eq!(scores(&[0, 0, 75, 100]).median(), Some(37.5));
    assert_eq!(scores(&[100, 100]).median(), Some(100.0));
}

#[test]
fn equal_scores_deviate_by_zero_and_opposite_scores_by_50() {
    assert_eq!(scores(&[67, 67, 67]).standard_deviation(), Some(0.0));
    assert_eq!(scores(&[0, 100]).standard_deviation(), Some(50.0));
    assert_eq!(
        scores(&[20, 40, 40, 40, 50, 50, 70, 90]).standard_deviation(),
        Some(20.0)
    );
}

#[test]
fn the_percentage_of_recommendations_rounds_half_up() {
    assert_eq!(recommendations(0, 0).percent_recommended(), None);
    assert_eq!(recommendations(0, 3).percent_recommended(), Some(0));
    assert_eq!(recommendations(3, 0).percent_recommended(), Some(100));
    assert_eq!(recommendations(2, 1).percent_recommended(), Some(67));
    assert_eq!(
        recommendations(1, 7).percent_recommended(),
        Some(13),
        "12.5 rounds up"
    );
    assert_eq!(
        recommendations(199, 1).percent_recommended(),
        Some(100),
        "99.5 rounds up"
    );
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn the_quartiles_are_interpolated_between_scores() {
    let quartiles = |values: &[i32]| {
        let tally = scores(values);
        (tally.quartile(1), tally.quartile(3))
    };
    assert_eq!(quartiles(&[]), (None, None));
    assert_eq!(quartiles(&[70]), (Some(70.0), Some(70.0)));
    assert_eq!(quartiles(&[10, 20]), (Some(12.5), Some(17.5)));
    assert_eq!(quartiles(&[50, 10, 20, 30, 40]), (Some(20.0), Some(40.0)));
    assert_eq!(quartiles(&[0, 0, 100, 100]), (Some(0.0), Some(100.0)));
}

proptest! {
    #[test]
    fn the_statistics_equal_those_of_the_sorted_list_of_scores(reviews in reviews()) {
        let mut sorted: Vec<_> = reviews.iter().filter_map(|review| review.points).collect();
        sorted.sort_unstable();
        let tally = Tally::of(reviews);

        prop_assert_eq!(tally.lowest(), sorted.first().copied());
        prop_assert_eq!(tally.highest(), sorted.last().copied());

        let values: Vec<_> = sorted.iter().map(|points| f64::from(points.get())).collect();
        let statistics = (tally.median(), tally.standard_deviation());
        let (Some(median), Some(deviation)) = statistics else {
            prop_assert!(values.is_empty());
            return Ok(());
        };
        let half = values.len() / 2;
        let middle = match values.len() % 2 {
            1 => values[half],
            _ => f64::midpoint(values[half - 1], values[half]),
        };
        prop_assert!(is_near(median, middle));

        let count = f64::from(tally.scored_count());
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        prop_assert!(is_near(deviation, variance.sqrt()));
    }

    /// The whole percentage p is correct if and only if p - 1/2 <= 100 yes / all < p + 1/2.
    #[test]
    fn percent_recommended_is_the_nearest_whole_percentage(
        yes in 0_usize..300,
        no in 0_usize..300,
    ) {
        let all = yes + no;
        match recommendations(yes, no).percent_recommended().map(usize::from) {
            None => prop_assert_eq!(all, 0),
            Some(percent) => {
                prop_assert!(2 * percent * all <= 200 * yes + all);
                prop_assert!(200 * yes < 2 * percent * all + all);
            }
        }
    }
}
