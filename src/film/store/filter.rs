//! The SQL condition of a filter of films.

use entity::{film, film_tally};
use sea_orm::{
    QueryFilter,
    sea_query::{Expr, ExprTrait, extension::postgres::PgExpr},
};

use super::tally;
use crate::{
    cache::tag::{Tag, TagKind},
    database::sql,
    film::filter::{FilmFilter, GenreFilter},
};

/// The generated column of folded titles, as searches compare them.
pub const TITLE_SEARCH: &str = "title_search";

/// The generated column of genres in NFC, without white space around them.
const GENRES_NORMALIZED: &str = "genres_normalized";

impl FilmFilter {
    /// Returns whether the filter has a field.
    pub(super) fn is_given(&self) -> bool {
        *self != Self::default()
    }

    /// Returns whether the filter needs the film's tally.
    pub(super) const fn needs_tally(&self) -> bool {
        self.depends_on_scores() || self.minimum_reviews.is_some() || self.has_unscored.is_some()
    }

    /// Returns whether the filter depends only on what the index has of a film. It doesn't have the authors of reviews.
    pub(super) const fn is_indexed(&self) -> bool {
        self.critic.is_none() && self.publication.is_none()
    }

    /// Visits the tags of what may change which films match.
    pub(super) fn visit_tags(&self, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::any(TagKind::Film));
        if self.needs_tally() {
            visit(Tag::any(TagKind::FilmReviews));
        }
        if let Some(critic) = self.critic {
            visit(Tag::of(TagKind::CriticReviews, critic));
        }
        if let Some(publication) = self.publication {
            visit(Tag::of(TagKind::PublicationReviews, publication));
        }
    }
}

/// Adds the condition of a filter to a statement for films. If the filter needs the tally, the statement joins it.
pub fn filtered<S: QueryFilter>(mut select: S, filter: &FilmFilter) -> S {
    let FilmFilter {
        year,
        release_date,
        genres,
        director,
        title,
        score,
        verdict,
        minimum_reviews,
        has_unscored,
        critic,
        publication,
    } = filter;
    let column = |column| Expr::col((film::Entity, column));
    let reviews = || tally(film_tally::Column::ReviewCount);
    let conditions = [
        year.from.map(|from| column(film::Column::Year).gte(from)),
        year.to.map(|to| column(film::Column::Year).lte(to)),
        release_date
            .from
            .map(|from| column(film::Column::ReleaseDate).gte(from)),
        release_date
            .to
            .map(|to| column(film::Column::ReleaseDate).lte(to)),
        title.as_ref().map(|title| {
            let folded = Expr::col((film::Entity, TITLE_SEARCH));
            sql::contains(folded, title)
        }),
        score
            .from
            .map(|from| tally(film_tally::Column::Score).gte(from)),
        score.to.map(|to| tally(film_tally::Column::Score).lte(to)),
        verdict.map(|verdict| tally(film_tally::Column::Score).eq_any(verdict.scores())),
        minimum_reviews.map(|minimum| reviews().gte(minimum)),
        has_unscored.map(|has_unscored| {
            let scored = tally(film_tally::Column::ScoredCount);
            if has_unscored {
                reviews().gt(scored)
            } else {
                reviews().eq(scored)
            }
        }),
        director.as_ref().map(|director| {
            Expr::cust_with_values(
                "$1 = ANY (SELECT fold_search(director) FROM unnest(film.directors) AS director)",
                [director.folded()],
            )
        }),
        critic.map(|critic| reviewed_by("critic_id", critic)),
        publication.map(|publication| reviewed_by("publication_id", publication)),
    ];
    for condition in conditions.into_iter().flatten() {
        select = select.filter(condition);
    }
    with_genres(select, genres)
}

fn with_genres<S: QueryFilter>(mut select: S, genres: &GenreFilter) -> S {
    let column = || Expr::col((film::Entity, GENRES_NORMALIZED));
    if !genres.all.is_empty() {
        select = select.filter(column().contains(genres.all.clone()));
    }
    if let Some(any) = &genres.any {
        select = select.filter(Expr::cust_with_exprs(
            "$1 && $2",
            [column(), Expr::val(any.clone())],
        ));
    }
    select
}

/// Returns the condition for the films with a review whose column has this key. The database finds all of them by the
/// index of the column, or the reviews of each film, whichever it expects to be faster.
fn reviewed_by(column: &str, key: i64) -> Expr {
    Expr::cust_with_values(
        format!("film.id IN (SELECT film_id FROM review WHERE {column} = $1)"),
        [key],
    )
}
