//! Adds what a site shows of a film besides its reviews: countries, cast, other titles, and a poster.
//!
//! The columns have constant defaults, so the table isn't rewritten. It is locked against all access while its
//! constraints are checked, which takes milliseconds for 100,000 films.

use crate::{
    SqlMigration,
    m20261120_000007_create_versions::{FILM_COLUMNS, create_trigger},
};

/// The added columns.
const COLUMNS: [&str; 7] = [
    "countries",
    "cast_members",
    "alternative_titles",
    "poster_url",
    "poster_width",
    "poster_height",
    "poster_alt",
];

pub(crate) fn migration() -> SqlMigration {
    let columns: Vec<&str> = FILM_COLUMNS.iter().chain(&COLUMNS).copied().collect();
    SqlMigration {
        name: "m20261201_000035_describe_films",
        up: format!("{ADD}{}", count_versions(&columns)),
        down: format!("{}{}", count_versions(&FILM_COLUMNS), drop_columns()),
    }
}

const ADD: &str = "
ALTER TABLE film
    ADD COLUMN countries text[] NOT NULL DEFAULT '{}',
    ADD COLUMN cast_members text[] NOT NULL DEFAULT '{}',
    ADD COLUMN alternative_titles text[] NOT NULL DEFAULT '{}',
    ADD COLUMN poster_url text,
    ADD COLUMN poster_width integer,
    ADD COLUMN poster_height integer,
    ADD COLUMN poster_alt text,
    ADD CONSTRAINT film_countries_plain
        CHECK (CASE WHEN array_ndims(countries) > 1 THEN false ELSE array_position(countries, NULL) IS NULL END),
    ADD CONSTRAINT film_cast_members_plain
        CHECK (CASE WHEN array_ndims(cast_members) > 1 THEN false ELSE array_position(cast_members, NULL) IS NULL END),
    ADD CONSTRAINT film_alternative_titles_plain
        CHECK (CASE WHEN array_ndims(alternative_titles) > 1 THEN false ELSE array_position(alternative_titles, NULL) IS NULL END),
    ADD CONSTRAINT film_poster_size CHECK (poster_width > 0 AND poster_height > 0);
COMMENT ON COLUMN film.alternative_titles IS 'Other titles, each with the tag of its language in brackets behind it, if it is known.';
COMMENT ON COLUMN film.poster_width IS 'The width of the poster in pixels. Without poster_url it means nothing.';
";

/// Makes the trigger of versions compare these columns.
fn count_versions(columns: &[&str]) -> String {
    format!(
        "DROP TRIGGER film_count_version ON film;{}",
        create_trigger("film", columns)
    )
}

fn drop_columns() -> String {
    let columns = COLUMNS.map(|column| format!("DROP COLUMN {column}"));
    format!("ALTER TABLE film {};", columns.join(", "))
}
