//! The films of the index that match a filter: their number, and the ids of a page.

use std::cmp::Ordering;

use super::{FilmIndex, entry::Entry, matcher::Matcher};
use crate::{
    film::{FilmFilter, FilmOrder, FilmOrderField},
    pagination::{PageRequest, Position, SortKey},
};

impl FilmIndex {
    /// Returns the number of the films that match a filter.
    pub fn count(&self, filter: &FilmFilter) -> usize {
        let films = self.films.read();
        let matcher = Matcher::new(filter, &films.genre_ids);
        films
            .entries
            .iter()
            .filter(|film| matcher.matches(film))
            .count()
    }

    /// Returns the number of all films.
    pub fn len(&self) -> usize {
        self.films.read().entries.len()
    }

    /// Returns those of the films with these ids that are listed and match a filter, in the same order.
    pub fn matching(&self, filter: &FilmFilter, ids: &[i64]) -> Vec<i64> {
        let films = self.films.read();
        let matcher = Matcher::new(filter, &films.genre_ids);
        let is_match = |id: &i64| {
            let index = films.entries.binary_search_by_key(id, |film| film.id);
            let film = index.ok().and_then(|index| films.entries.get(index));
            film.is_some_and(|film| film.review_count.is_some() && matcher.matches(film))
        };
        ids.iter().copied().filter(is_match).collect()
    }

    /// Returns the ids of the listed films that match a filter.
    pub fn ids(&self, filter: &FilmFilter) -> Vec<i64> {
        let films = self.films.read();
        let matcher = Matcher::new(filter, &films.genre_ids);
        let listed = films
            .entries
            .iter()
            .filter(|film| film.review_count.is_some());
        let matching = listed.filter(|film| matcher.matches(film));
        matching.map(|film| film.id).collect()
    }

    /// Returns the ids of a page and one more, in any order. `None` for the order by title, which only the database
    /// knows.
    pub fn page(
        &self,
        filter: &FilmFilter,
        order: FilmOrder,
        request: &PageRequest,
    ) -> Option<Vec<i64>> {
        if order.field == FilmOrderField::Title {
            return None;
        }
        let films = self.films.read();
        let matcher = Matcher::new(filter, &films.genre_ids);
        let tag = order.tag();
        let is_in_range = |position: &Position| {
            let is_after = |after| tag.compare(after, position) == Ordering::Less;
            let is_before = |before| tag.compare(position, before) == Ordering::Less;
            request.after.as_ref().is_none_or(is_after)
                && request.before.as_ref().is_none_or(is_before)
        };
        let listed = films
            .entries
            .iter()
            .filter(|film| film.review_count.is_some());
        let matching = listed.filter(|film| matcher.matches(film));
        let mut positions: Vec<Position> = matching
            .map(|film| position(film, order.field))
            .filter(is_in_range)
            .collect();
        let limit = usize::from(request.size) + 1;
        if positions.len() > limit {
            positions.select_nth_unstable_by(limit - 1, |one, other| {
                let forwards = tag.compare(one, other);
                if request.is_from_end {
                    forwards.reverse()
                } else {
                    forwards
                }
            });
            positions.truncate(limit);
        }
        Some(positions.into_iter().map(|position| position.id).collect())
    }
}

/// Returns the position of a film in any order but that by title.
fn position(film: &Entry, field: FilmOrderField) -> Position {
    let key = match field {
        FilmOrderField::Title => SortKey::Missing,
        FilmOrderField::ReleaseDate => film.release_date.map_or(SortKey::Missing, SortKey::Date),
        FilmOrderField::Score => film
            .score
            .map_or(SortKey::Missing, |score| SortKey::Number(score.into())),
        FilmOrderField::ReviewCount => film
            .review_count
            .map_or(SortKey::Missing, |count| SortKey::Number(count.into())),
    };
    Position { key, id: film.id }
}
