//! The statements of an export. All have the same parameters: $1 is the slugs of films, $2 the first day, $3 the last
//! day.

/// The condition that the filter selects a film.
const FILM_MATCHES: &str = "(cardinality($1::text[]) = 0 OR film.slug = ANY ($1))";

/// The condition that the filter selects the day of a review. A filter by day excludes a review without a day.
const DAY_MATCHES: &str = "($2::date IS NULL OR review.reviewed_on >= $2) AND ($3::date IS NULL OR review.reviewed_on <= $3)";

/// The condition that a film has a review on a selected day, if the filter selects days.
const FILM_HAS_REVIEWS: &str = "(
    ($2::date IS NULL AND $3::date IS NULL)
    OR EXISTS (
        SELECT FROM review WHERE review.film_id = film.id
            AND ($2::date IS NULL OR review.reviewed_on >= $2) AND ($3::date IS NULL OR review.reviewed_on <= $3)
    )
)";

/// Returns the condition that an exported review references a critic or publication. It holds for all of them if the
/// whole catalogue is exported.
fn is_in_exported_reviews(owner: &str, is_complete: bool) -> String {
    format!(
        "({is_complete} OR EXISTS (
            SELECT FROM review JOIN film ON film.id = review.film_id
            WHERE review.{owner}_id = {owner}.id AND {FILM_MATCHES} AND {DAY_MATCHES}
        ))"
    )
}

/// Returns the select item for the external ids of a film or critic.
fn external_ids(owner: &str) -> String {
    format!(
        "ARRAY(
            SELECT source || E'\\n' || external_id FROM {owner}_external_id
            WHERE {owner}_id = {owner}.id ORDER BY source, external_id
        ) AS external_ids"
    )
}

/// Returns the statement for films.
pub fn films() -> String {
    format!(
        "SELECT slug, title, year, release_date, runtime_minutes, directors, genres, synopsis, url, countries, cast_members,
             alternative_titles, poster_url, poster_width, poster_height, poster_alt, {}
         FROM film WHERE {FILM_MATCHES} AND {FILM_HAS_REVIEWS} ORDER BY slug",
        external_ids("film")
    )
}

/// Returns the statement for critics: for all, or only for those of exported reviews.
pub fn critics(is_complete: bool) -> String {
    format!(
        "SELECT slug, name, url, {} FROM critic WHERE {} ORDER BY slug",
        external_ids("critic"),
        is_in_exported_reviews("critic", is_complete)
    )
}

/// Returns the statement for publications: for all, or only for those of exported reviews.
pub fn publications(is_complete: bool) -> String {
    format!(
        "SELECT slug, name, url, weight FROM publication WHERE {} ORDER BY slug",
        is_in_exported_reviews("publication", is_complete)
    )
}

/// Returns the statement for the scores that sources publish for films.
pub fn published_scores() -> String {
    format!(
        "SELECT
            film.slug, film.title, film.year, score.source, score.kind, score.audience, score.value, score.scale,
            score.original_value, score.label, score.review_count, score.positive_count, score.mixed_count,
            score.negative_count
         FROM published_score AS score JOIN film ON film.id = score.film_id
         WHERE {FILM_MATCHES} AND {FILM_HAS_REVIEWS}
         ORDER BY film.slug, score.source, score.kind COLLATE \"C\", score.audience COLLATE \"C\""
    )
}

/// Returns the statement for reviews. Manual reviews without a critic and a publication have no other distinct key, so
/// they are sorted by id.
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
         WHERE {FILM_MATCHES} AND {DAY_MATCHES}
         ORDER BY film.slug, review.source, review.external_id, critic.slug, publication.slug, review.id"
    )
}
