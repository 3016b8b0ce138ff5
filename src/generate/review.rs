//! Generates reviews, film by film.

use std::ops::Range;

use super::{
    Catalogue,
    critic::MEAN_BIAS,
    dates, excerpt,
    film::Film,
    random::{Purpose, Random},
    rating::{self, Rating},
    reviewer_picker::{Reviewer, ReviewerPicker},
    words::bylines::BYLINES,
};
use crate::catalogue::record::{Record, ReviewRecord};

/// The source of all reviews.
const SOURCE: &str = "generated";

/// An iterator over the reviews of a catalogue, grouped by film in the order of the films. It holds one
/// film in memory at a time.
pub(super) struct Reviews<'a> {
    catalogue: &'a Catalogue,
    reviewers: ReviewerPicker<'a>,
    films: Range<u32>,
    current: Option<CurrentFilm>,
}

/// The film whose reviews are being generated.
struct CurrentFilm {
    film: Film,
    random: Random,
    /// The numbers of the remaining reviews, counted from 0 over the whole catalogue.
    numbers: Range<u32>,
}

impl<'a> Reviews<'a> {
    /// Returns the reviews of these films.
    pub(super) fn of(catalogue: &'a Catalogue, films: Range<u32>) -> Self {
        Self {
            catalogue,
            reviewers: ReviewerPicker::new(
                &catalogue.critics,
                &catalogue.critic_shares,
                &catalogue.publication_shares,
            ),
            films,
            current: None,
        }
    }

    fn open(&mut self, number: u32) -> Option<CurrentFilm> {
        let numbers = self.catalogue.reviews_of(number);
        if numbers.is_empty() {
            return None;
        }
        self.reviewers.start_film(number);
        Some(CurrentFilm {
            film: self.catalogue.film(number),
            random: Random::new(self.catalogue.seed, Purpose::Reviews, number),
            numbers,
        })
    }
}

impl Iterator for Reviews<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        loop {
            if let Some(current) = &mut self.current
                && let Some(number) = current.numbers.next()
            {
                let reviewer = self.reviewers.next(&mut current.random);
                return Some(current.generate(self.catalogue, number, reviewer));
            }
            let film = self.films.next()?;
            self.current = self.open(film);
        }
    }
}

impl CurrentFilm {
    fn generate(&mut self, catalogue: &Catalogue, number: u32, reviewer: Reviewer) -> Record {
        let random = &mut self.random;
        let critic = reviewer
            .critic
            .and_then(|index| catalogue.critics.get(index));
        let publication = reviewer
            .publication
            .and_then(|index| catalogue.publication(index));
        let opinion = opinion(&self.film, critic.map(|critic| critic.bias), random);
        let rating = Rating::draw(opinion, random);
        let id = format!("{}-{}", catalogue.seed, u64::from(number) + 1);
        Record::Review(ReviewRecord {
            film: self.film.reference(),
            critic: critic.map(|critic| critic.named().reference()),
            publication: publication.map(|publication| publication.named().reference()),
            sentiment: match rating.score {
                Some(_) => None,
                None => rating::draw_sentiment(opinion, random),
            },
            score: rating.score,
            original_score: rating.original,
            score_rule: rating.rule,
            recommended: rating::draw_recommendation(opinion, random),
            top_critic: random.percent(26),
            byline: byline(critic.is_some(), random),
            excerpt: random.percent(92).then(|| excerpt::draw(opinion, random)),
            url: random
                .percent(85)
                .then(|| format!("https://example.org/reviews/{id}")),
            reviewed_on: self
                .film
                .release_date_or_middle_of_year()
                .and_then(|release_date| dates::reviewed_on(release_date, random)),
            source: Some(SOURCE.to_owned()),
            external_id: Some(id),
        })
    }
}

/// Draws a critic's opinion of a film, from 0 to 100: the film's quality, with a standard deviation of
/// about 15 points, shifted by the critic's bias.
fn opinion(film: &Film, bias: Option<u32>, random: &mut Random) -> u32 {
    const SCATTER: u32 = 25;
    let sum = film.quality + random.bell(SCATTER) + bias.unwrap_or(MEAN_BIAS);
    sum.saturating_sub(2 * SCATTER + MEAN_BIAS - 2).min(100)
}

/// Draws a byline, mostly for reviews without a critic. `None` if the review has no byline.
fn byline(has_critic: bool, random: &mut Random) -> Option<String> {
    let share = if has_critic { 3 } else { 60 };
    random
        .percent(share)
        .then(|| random.pick(BYLINES).to_owned())
}
