//! Tests that a large catalogue is statistically similar to a real one.

use std::collections::{HashMap, HashSet};

use chrono::Datelike;

use super::{RecordsByKind, records_by_kind, size};
use crate::{
    catalogue::record::ReviewRecord,
    review::ScoreRule::{Fraction, Given, Letter, Percent, Stars},
};

/// Returns a catalogue of moderate size.
fn moderate() -> RecordsByKind {
    records_by_kind(size(2_000, 900, 120, 20_000), 2)
}

/// Returns the share of matching items in thousandths.
fn per_mille<T>(items: &[T], predicate: impl Fn(&T) -> bool) -> usize {
    items.iter().filter(|item| predicate(item)).count() * 1_000 / items.len()
}

fn share(records: &RecordsByKind, predicate: impl Fn(&ReviewRecord) -> bool) -> usize {
    per_mille(&records.reviews, predicate)
}

#[test]
fn a_third_has_no_score_and_the_others_are_written_in_every_form() {
    let records = moderate();
    assert!((315..350).contains(&share(&records, |review| review.score.is_none())));
    let unreadable =
        |review: &ReviewRecord| review.score.is_none() && review.original_score.is_some();
    assert!((8..20).contains(&share(&records, unreadable)));
    let share_of_rule = |rule| share(&records, |review| review.score_rule == Some(rule));
    assert!((450..650).contains(&share_of_rule(Fraction)));
    assert!((60..110).contains(&share_of_rule(Letter)));
    assert!((8..25).contains(&share_of_rule(Given)));
    assert!((2..10).contains(&share_of_rule(Stars)));
    assert!((1..8).contains(&share_of_rule(Percent)));
    let share_with_suffix = |suffix| {
        share(&records, |review| {
            review
                .original_score
                .iter()
                .any(|text| text.ends_with(suffix))
        })
    };
    assert!(share_with_suffix("/5") > share_with_suffix("/4"));
    assert!(share_with_suffix("/4") > share_with_suffix("/10"));
    assert!(share_with_suffix("/10") > share_with_suffix("/100"));
    assert!(share_with_suffix("/100") > 0);
}

#[test]
fn a_score_that_was_given_has_no_original_and_every_other_has_one() {
    for review in moderate()
        .reviews
        .iter()
        .filter(|review| review.score.is_some())
    {
        let is_given = review.score_rule == Some(Given);
        assert_eq!(review.original_score.is_none(), is_given, "{review:?}");
    }
}

/// Reads the score of "3.5/5", "4.0/4" or "4 out of 5", independently of the code under test.
fn fraction(original: &str) -> Option<u32> {
    let plain = original.replace(" out of ", "/").replace(" of ", "/");
    let (number, scale) = plain.split_once('/')?;
    let tenths = |text: &str| {
        let (integer, tenth) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        Some(integer.parse::<u32>().ok()? * 10 + tenth.parse::<u32>().ok()?)
    };
    let (number, scale) = (tenths(number)?, tenths(scale)?);
    Some((number * 200 + scale) / (scale * 2))
}

#[test]
fn the_score_of_a_fraction_is_its_rounded_quotient() {
    for review in moderate().reviews {
        if review.score_rule == Some(Fraction) {
            let points = review.score.map(|score| u32::from(score.get()));
            let expected = review.original_score.as_deref().and_then(fraction);
            assert_eq!(points, expected, "{:?}", review.original_score);
        }
    }
}

#[test]
fn a_recommendation_correlates_with_the_score() {
    let records = moderate();
    let recommended_share = |original: &str| {
        let mut reviews: Vec<_> = records.reviews.iter().collect();
        reviews.retain(|review| review.original_score.as_deref() == Some(original));
        reviews.retain(|review| review.recommended.is_some());
        per_mille(&reviews, |review| review.recommended == Some(true))
    };
    assert!(
        (350..700).contains(&recommended_share("2.5/4")),
        "{}",
        recommended_share("2.5/4")
    );
    assert!(recommended_share("2/5") < 150);
    assert!(recommended_share("5/5") > 900);
    assert!((900..950).contains(&share(&records, |review| review.recommended.is_some())));
    assert!((550..700).contains(&share(&records, |review| review.recommended == Some(true))));
}

#[test]
fn most_reviews_have_a_critic_and_a_publication() {
    let records = moderate();
    let named = |critic, publication| {
        share(&records, |review| {
            (review.critic.is_some(), review.publication.is_some()) == (critic, publication)
        })
    };
    assert!(named(true, true) > 950);
    assert!((12..30).contains(&named(false, true)));
    assert!((5..18).contains(&named(false, false)));
    assert!((230..290).contains(&share(&records, |review| review.top_critic)));
    assert!((30..80).contains(&share(&records, |review| review.byline.is_some())));
}

#[test]
fn excerpts_have_line_breaks_dashes_and_quotation_marks() {
    let records = moderate();
    let share_with = |c: char| {
        share(&records, |review| {
            review.excerpt.iter().any(|text| text.contains(c))
        })
    };
    assert!((900..940).contains(&share(&records, |review| review.excerpt.is_some())));
    assert!((1..20).contains(&share_with('\n')));
    assert!(
        share_with('—') > 50
            && share_with('“') > 30
            && share_with('"') > 30
            && share_with('é') > 10
    );
}

#[test]
fn most_reviews_appear_soon_after_the_release() {
    let records = moderate();
    let releases: HashMap<_, _> = records
        .films
        .iter()
        .filter_map(|film| Some((&film.film, film.release_date?)))
        .collect();
    let days: Vec<_> = records
        .reviews
        .iter()
        .filter_map(|review| Some((review.reviewed_on? - *releases.get(&review.film)?).num_days()))
        .collect();
    assert!(days.iter().all(|days| *days >= 0));
    assert!((750..900).contains(&per_mille(&days, |days| *days < 36)));
    assert!(days.iter().any(|days| *days > 20 * 365));
    assert!((40..80).contains(&share(&records, |review| review.reviewed_on.is_none())));
}

#[test]
fn most_films_are_recent_and_have_unique_titles() {
    let films = moderate().films;
    let titles: HashSet<_> = films.iter().map(|film| &film.film.title).collect();
    assert!((1_900..2_000).contains(&titles.len()), "{}", titles.len());
    let years: Vec<_> = films.iter().filter_map(|film| film.film.year).collect();
    assert!(years.iter().all(|year| (1920..=2025).contains(year)));
    assert!(per_mille(&years, |year| *year >= 2000) > 450);
    assert!(years.iter().any(|year| *year < 1945));
    for film in &films {
        let year = film.release_date.map(|date| date.year());
        assert!(year.is_none_or(|year| Some(year) == film.film.year.map(i32::from)));
    }
    assert!((880..950).contains(&per_mille(&films, |film| film.release_date.is_some())));
    assert!((450..550).contains(&per_mille(&films, |film| film.synopsis.is_some())));
}

#[test]
fn names_are_of_many_languages_and_some_are_shared() {
    let records = records_by_kind(size(0, 5_000, 500, 0), 2);
    let names: HashSet<_> = records
        .critics
        .iter()
        .map(|critic| &critic.critic.name)
        .collect();
    assert!((4_500..5_000).contains(&names.len()), "{}", names.len());
    let is_not_ascii = |name: &&Option<String>| name.iter().any(|name| !name.is_ascii());
    assert!(names.into_iter().filter(is_not_ascii).count() > 1_000);
    let has_default_weight = |publication: &_| {
        let publication: &crate::catalogue::record::PublicationRecord = publication;
        publication.weight == Some(crate::score::Weight::default())
    };
    assert!((750..850).contains(&per_mille(&records.publications, has_default_weight)));
}
