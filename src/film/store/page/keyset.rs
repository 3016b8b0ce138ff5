//! The orders of films in SQL.

use std::sync::LazyLock;

use entity::{film, film_tally};
use sea_orm::sea_query::Expr;

use crate::{
    database::keyset::Keyset,
    film::{FilmOrder, FilmOrderField, store::tally},
    text::{
        MAX_NAME_LENGTH,
        sort_title::{ARTICLES, MARKS},
    },
};

/// Returns the order of a page.
pub fn keyset(order: FilmOrder) -> Keyset {
    let key = match order.field {
        FilmOrderField::Title => Expr::col((film::Entity, film::Column::Title)),
        FilmOrderField::ReleaseDate => Expr::col((film::Entity, film::Column::ReleaseDate)),
        FilmOrderField::Score => tally(film_tally::Column::Score),
        FilmOrderField::ReviewCount => tally(film_tally::Column::ReviewCount),
        FilmOrderField::SortTitle => Expr::cust(SORT_TITLE.as_str()),
        FilmOrderField::LatestReview => tally(film_tally::Column::LastReviewedOn),
        FilmOrderField::StandardDeviation => Expr::cust(DEVIATION),
        FilmOrderField::HiddenGem => Expr::cust("(film_tally.score - film_tally.review_count)"),
    };
    // The index of a tally's column ends with the tally's own `film_id`.
    let id = match order.field {
        FilmOrderField::Score | FilmOrderField::ReviewCount => tally(film_tally::Column::FilmId),
        _ => Expr::col((film::Entity, film::Column::Id)),
    };
    Keyset {
        key: Some(key),
        is_nullable: order.tag().is_nullable,
        is_index_descending: false,
        key_range: None,
        id,
        direction: order.direction,
    }
}

/// The expression of [`sort_folded`](crate::text::sort_title::sort_folded).
static SORT_TITLE: LazyLock<String> = LazyLock::new(|| {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let marks = quoted(MARKS);
    let articles = quoted(&format!("^({})", ARTICLES.join("|")));
    let start = format!("ltrim(film.title_search, {marks})");
    let rest = format!("ltrim(regexp_replace({start}, {articles}, ''), {marks})");
    format!("left(coalesce(nullif({rest}, ''), film.title_search), {MAX_NAME_LENGTH})")
});

/// The expression of [`deviation_key`](crate::score::deviation_key), with exact numbers but for the square root.
const DEVIATION: &str = "(
SELECT floor(sqrt(div(1000000 * (n * squares - total * total), n * n)))::bigint
FROM (
    SELECT
        sum(reviews)::numeric AS n, sum(reviews * points)::numeric AS total,
        sum(reviews * points * points)::numeric AS squares
    FROM (
        SELECT reviews::bigint, ordinality - 1 AS points
        FROM unnest(film_tally.score_counts) WITH ORDINALITY AS counted (reviews, ordinality)
    ) AS scores
) AS sums
WHERE n > 0)";
