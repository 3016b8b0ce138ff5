//! Whether a critic or a publication is kinder or harsher than the others.

use super::ratio::Ratio;
use super::{Policy, Rated, Tally};

impl Policy {
    /// By how many points, on average, the reviewer scores a film above (positive) or below
    /// (negative) what the film scores without that review. From -100 to 100, each film counting
    /// once. The film's score is the rounded one under this policy, because that is what others see
    /// of it.
    ///
    /// `given` pairs each of the reviewer's reviews with the tally of its film, the review
    /// included. Reviews without a score don't count, nor do films that have no score without the
    /// review. `None` when nothing counts.
    pub fn leaning<'film>(
        &self,
        given: impl IntoIterator<Item = (Rated, &'film Tally)>,
    ) -> Option<f64> {
        let (mut difference, mut films) = (0_i64, 0_i64);
        for own_less_others in given
            .into_iter()
            .filter_map(|(review, film)| self.difference(review, film))
        {
            difference += i64::from(own_less_others);
            films += 1;
        }
        Ratio::new(difference, films).map(Ratio::to_f64)
    }

    /// The review's score less the film's score without it.
    fn difference(&self, review: Rated, film: &Tally) -> Option<i16> {
        let own = review.points?;
        let others = self.value(&film.without(review)?)?;
        Some(i16::from(own) - i16::from(others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Points;
    use crate::score::arbitrary::{policy, reviews};
    use proptest::prelude::*;

    fn scored(points: i32) -> Rated {
        Rated {
            points: Points::new(points),
            ..Rated::default()
        }
    }

    fn film(points: &[i32]) -> Tally {
        Tally::of(points.iter().copied().map(scored))
    }

    #[test]
    fn a_leaning_is_the_mean_difference_from_what_the_others_say() {
        let liked = film(&[100, 70, 70, 70, 70]);
        let disliked = film(&[20, 60, 60, 61, 61]);
        let given = [(scored(100), &liked), (scored(20), &disliked)];

        assert_eq!(
            Policy::default().leaning(given),
            Some((30.0 - 41.0) / 2.0),
            "60.5 is published as 61"
        );
    }

    #[test]
    fn a_film_without_a_score_of_its_own_does_not_count() {
        let thin = film(&[100, 70, 70, 70]);
        let full = film(&[50, 50, 50, 50, 50]);
        let house = Policy::default();

        assert_eq!(house.leaning([(scored(100), &thin)]), None);
        assert_eq!(
            house.leaning([(scored(100), &thin), (scored(50), &full)]),
            Some(0.0)
        );
    }

    #[test]
    fn a_review_without_a_score_does_not_count() {
        let review = Rated {
            recommended: Some(true),
            ..Rated::default()
        };
        let mut tally = film(&[50, 50, 50, 50]);
        tally.add(review);

        assert_eq!(Policy::default().leaning([(review, &tally)]), None);
        assert_eq!(Policy::default().leaning([]), None);
    }

    proptest! {
        #[test]
        fn a_leaning_agrees_with_scoring_each_film_without_the_review(
            films in proptest::collection::vec(reviews(), 0..6),
            policy in policy(),
        ) {
            let tallies: Vec<_> = films.iter().map(Tally::of).collect();
            let given = films
                .iter()
                .zip(&tallies)
                .filter_map(|(reviews, tally)| Some((*reviews.first()?, tally)));

            let differences: Vec<_> = films
                .iter()
                .filter_map(|reviews| {
                    let (first, others) = reviews.split_first()?;
                    let others = policy.value(&Tally::of(others))?;
                    Some(f64::from(first.points?.get()) - f64::from(others.get()))
                })
                .collect();
            match policy.leaning(given) {
                None => prop_assert!(differences.is_empty()),
                Some(leaning) => {
                    let count = u32::try_from(differences.len()).expect("a few films");
                    let expected = differences.iter().sum::<f64>() / f64::from(count);
                    prop_assert!((leaning - expected).abs() < 1e-9);
                    prop_assert!(leaning.abs() <= 100.0);
                }
            }
        }
    }
}
