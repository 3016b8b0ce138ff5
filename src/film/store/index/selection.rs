//! The films of the index that match a filter: their number, and the ids of a page.

use super::{FilmIndex, entry::Entry, matcher::Matcher};
use crate::{
    film::{FilmOrder, FilmOrderField, filter::FilmFilter, hidden_gem, number},
    pagination::{PageRequest, Position, SortKey},
    text::sort_title::sort_folded,
};

impl FilmIndex {
    /// Returns the number of the films that match a filter.
    pub fn count(&self, filter: &FilmFilter) -> usize {
        let matcher = Matcher::new(filter, self);
        self.entries
            .iter()
            .filter(|film| matcher.matches(film))
            .count()
    }

    /// Returns those of the films with these ids that are listed and match a filter, in the same order.
    pub fn matching(&self, filter: &FilmFilter, ids: &[i64]) -> Vec<i64> {
        let matcher = Matcher::new(filter, self);
        let is_match = |id: &i64| {
            let index = self.entries.binary_search_by_key(id, |film| film.id);
            let film = index.ok().and_then(|index| self.entries.get(index));
            film.is_some_and(|film| film.review_count.is_some() && matcher.matches(film))
        };
        ids.iter().copied().filter(is_match).collect()
    }

    /// Returns the ids of the listed films that match a filter.
    pub fn ids(&self, filter: &FilmFilter) -> Vec<i64> {
        let matcher = Matcher::new(filter, self);
        let listed = self
            .entries
            .iter()
            .filter(|film| film.review_count.is_some());
        let matching = listed.filter(|film| matcher.matches(film));
        matching.map(|film| film.id).collect()
    }

    /// Returns the positions of a page and one more, in any order. `None` for the order by title, which only the database
    /// knows.
    pub fn page(
        &self,
        filter: &FilmFilter,
        order: FilmOrder,
        request: &PageRequest,
    ) -> Option<Vec<Position>> {
        if order.field == FilmOrderField::Title {
            return None;
        }
        let matcher = Matcher::new(filter, self);
        let listed = self
            .entries
            .iter()
            .filter(|film| film.review_count.is_some());
        let matching = listed.filter(|film| matcher.matches(film));
        let positions = matching.map(|film| position(film, order.field));
        Some(request.select(positions, order.tag()))
    }
}

/// Returns the position of a film in any order but that by title.
fn position(film: &Entry, field: FilmOrderField) -> Position {
    let key = match field {
        FilmOrderField::Title => SortKey::Missing,
        FilmOrderField::ReleaseDate => film.release_date.map_or(SortKey::Missing, SortKey::Date),
        FilmOrderField::Score => number(film.score),
        FilmOrderField::ReviewCount => number(film.review_count),
        FilmOrderField::SortTitle => SortKey::Text(sort_folded(&film.title).into_owned()),
        FilmOrderField::LatestReview => film
            .last_reviewed_on
            .map_or(SortKey::Missing, SortKey::Date),
        FilmOrderField::StandardDeviation => number(film.deviation),
        FilmOrderField::HiddenGem => {
            let score = film.score.zip(film.review_count);
            number(score.map(|(score, reviews)| hidden_gem(score, reviews)))
        }
    };
    Position { key, id: film.id }
}
