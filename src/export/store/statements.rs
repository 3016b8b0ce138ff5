//! The statements of an export. Their parameters are the same for all: $1 the slugs of films, $2 the first day, $3 the last.

/// A film that was asked for.
const FILM_WANTED: &str = "(cardinality($1::text[]) = 0 OR film.slug = ANY ($1))";

/// A review on a day that was asked for. One that bears no day is on none.
const DAY_WANTED: &str = "($2::date IS NULL OR review.reviewed_on >= $2) AND ($3::date IS NULL OR review.reviewed_on <= $3)";

/// A film that was asked for, with a review on a day that was asked for if days were.
const FILM_GIVEN: &str = "(
    ($2::date IS NULL AND $3::date IS NULL)
    OR EXISTS (
        SELECT FROM review WHERE review.film_id = film.id
            AND ($2::date IS NULL OR review.reviewed_on >= $2) AND ($3::date IS NULL OR review.reviewed_on <= $3)
    )
)";

/// Whoever is in no review that is given out stays out, unless everything is given out.
fn named_in_reviews(owner: &str, every: bool) -> String {
    format!(
        "({every} OR EXISTS (
            SELECT FROM review JOIN film ON film.id = review.film_id
            WHERE review.{owner}_id = {owner}.id AND {FILM_WANTED} AND {DAY_WANTED}
        ))"
    )
}

/// The names that sources have for something.
fn external_ids(owner: &str) -> String {
    format!(
        "ARRAY(
            SELECT source || E'\\n' || external_id FROM {owner}_external_id
            WHERE {owner}_id = {owner}.id ORDER BY source, external_id
        ) AS external_ids"
    )
}

/// Films.
pub fn films() -> String {
    format!(
        "SELECT slug, title, year, release_date, runtime_minutes, directors, genres, synopsis, url, {}
         FROM film WHERE {FILM_WANTED} AND {FILM_GIVEN} ORDER BY slug",
        external_ids("film")
    )
}

/// Critics; every one, or those who are in reviews that are given out.
pub fn critics(every: bool) -> String {
    format!(
        "SELECT slug, name, url, {} FROM critic WHERE {} ORDER BY slug",
        external_ids("critic"),
        named_in_reviews("critic", every)
    )
}

/// Publications, likewise.
pub fn publications(every: bool) -> String {
    format!(
        "SELECT slug, name, url, weight FROM publication WHERE {} ORDER BY slug",
        named_in_reviews("publication", every)
    )
}

/// What sources say of films.
pub fn published_scores() -> String {
    format!(
        "SELECT
            film.slug, film.title, film.year, told.source, told.kind, told.value, told.label, told.review_count,
            told.positive_count, told.mixed_count, told.negative_count
         FROM published_score AS told JOIN film ON film.id = told.film_id
         WHERE {FILM_WANTED} AND {FILM_GIVEN}
         ORDER BY film.slug, told.source, told.kind COLLATE \"C\""
    )
}

/// Reviews. Those by hand that name nobody have nothing to be told apart by, and keep the order in which they came.
pub fn reviews() -> String {
    format!(
        "SELECT
            film.slug AS film_slug, film.title AS film_title, film.year AS film_year,
            critic.slug AS critic_slug, critic.name AS critic_name,
            publication.slug AS publication_slug, publication.name AS publication_name,
            review.score, review.original_score, review.score_rule, review.sentiment, review.recommended, review.top_critic,
            review.byline, review.excerpt, review.url, review.reviewed_on, review.source, review.external_id
         FROM review
         JOIN film ON film.id = review.film_id
         LEFT JOIN critic ON critic.id = review.critic_id
         LEFT JOIN publication ON publication.id = review.publication_id
         WHERE {FILM_WANTED} AND {DAY_WANTED}
         ORDER BY film.slug, review.source, review.external_id, critic.slug, publication.slug, review.id"
    )
}
