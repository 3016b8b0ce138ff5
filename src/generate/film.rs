//! Films.

use chrono::NaiveDate;

use super::{
    names,
    random::{Purpose, Random},
    shares::ZipfMandelbrot,
    slugs::numbered,
    synopsis, title,
    words::genres::GENRES,
};
use crate::{
    catalogue::record::{FilmRecord, FilmRef, Record},
    slug,
};

/// The distribution of reviews over films: at 20 reviews a film on average, the most reviewed film has
/// several hundred and half of the films have eight or fewer. One film in 50 has none.
pub(super) const REVIEW_SHARES: ZipfMandelbrot = ZipfMandelbrot {
    offset_divisor: 200,
    offset: 4,
    power: 1,
    idle_divisor: Some(50),
};

/// The year of the newest films.
const LAST_YEAR: i16 = 2025;

/// The number of years that the catalogue covers.
const YEARS: u32 = 106;

/// The data of a film that its reviews need. It is generated from the film's random stream each time,
/// which takes less time than the database needs for a row, and no memory.
#[derive(Clone, Debug)]
pub(super) struct Film {
    title: String,
    year: i16,
    /// The base of the slug. Films of the same title and year share it.
    slug: String,
    /// The day of the release. `None` for some films.
    release_date: Option<NaiveDate>,
    /// The mean opinion of critics, from 0 to a little more than 100.
    pub(super) quality: u32,
    /// The stream that the other fields are drawn from.
    random: Random,
}

impl Film {
    pub(super) fn new(seed: u64, number: u32) -> Self {
        let mut random = Random::new(seed, Purpose::Film, number);
        let title = title::draw(&mut random);
        let year = year(&mut random);
        let day = 1 + random.below(365);
        Self {
            slug: slug::of_film(&title, Some(year)),
            title,
            year,
            release_date: NaiveDate::from_yo_opt(year.into(), day).filter(|_| random.percent(92)),
            quality: 20 + random.bell(24),
            random,
        }
    }

    /// Returns the slug without a number.
    pub(super) fn into_slug(self) -> String {
        self.slug
    }

    /// Returns the film with this number in its slug.
    pub(super) fn with_slug_number(mut self, number: u32) -> Self {
        self.slug = numbered(self.slug, number);
        self
    }

    /// Returns the day of the release, or the middle of its year if the day is unknown.
    pub(super) fn release_date_or_middle_of_year(&self) -> Option<NaiveDate> {
        self.release_date
            .or_else(|| NaiveDate::from_yo_opt(self.year.into(), 182))
    }

    pub(super) fn reference(&self) -> FilmRef {
        FilmRef {
            slug: Some(self.slug.clone()),
            title: Some(self.title.clone()),
            year: Some(self.year),
            ..FilmRef::default()
        }
    }

    pub(super) fn record(mut self) -> Record {
        let film = self.reference();
        let random = &mut self.random;
        Record::Film(FilmRecord {
            film,
            release_date: self.release_date,
            runtime_minutes: runtime(random),
            directors: directors(random),
            genres: genres(random),
            synopsis: random.percent(50).then(|| synopsis::draw(random)),
            url: random
                .percent(30)
                .then(|| format!("https://example.org/films/{}", self.slug)),
            ..FilmRecord::default()
        })
    }
}

/// Draws three years and returns the latest, because there are more recent films than old ones.
fn year(random: &mut Random) -> i16 {
    let ages = [(); 3].map(|()| random.below(YEARS));
    let age = ages.into_iter().min().unwrap_or(0);
    LAST_YEAR - i16::try_from(age).unwrap_or(0)
}

/// Draws a running time in minutes, about 110 on average. `None` for a few films.
fn runtime(random: &mut Random) -> Option<i32> {
    let minutes = 66 + random.bell(22);
    i32::try_from(minutes).ok().filter(|_| random.percent(96))
}

fn directors(random: &mut Random) -> Vec<String> {
    let count = random.weighted(&[(90, 1), (10, 2)]);
    let mut directors: Vec<_> = (0..count).map(|_| names::person(random)).collect();
    directors.dedup();
    directors
}

/// Draws one to three different genres.
fn genres(random: &mut Random) -> Vec<String> {
    let count = random.weighted(&[(35, 1), (45, 2), (20, 3)]);
    let mut genres: Vec<String> = Vec::with_capacity(count);
    for _ in 0..count {
        let genre = random.weighted(GENRES);
        if !genres.iter().any(|drawn| drawn == genre) {
            genres.push(genre.to_owned());
        }
    }
    genres
}
