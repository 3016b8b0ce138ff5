//! Creates the tables of films, publications and critics.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000001_create_catalogue",
        up: UP.to_owned(),
        down: DOWN.to_owned(),
    }
}

/// Titles and names use the root collation of Unicode ("und-x-icu"), regardless of the database's locale, so that
/// "Émile" sorts next to "Emile" on every machine. Each order of a list has an index. A nullable column has one for
/// each direction, because nulls come last in both. Dates and timestamps are limited to the range that the API can
/// represent; that of PostgreSQL is larger.
const UP: &str = r#"
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE film (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug            text COLLATE "C" NOT NULL,
    title           text COLLATE "und-x-icu" NOT NULL,
    year            smallint,
    release_date    date,
    runtime_minutes integer,
    directors       text[] NOT NULL DEFAULT '{}',
    genres          text[] NOT NULL DEFAULT '{}',
    synopsis        text,
    url             text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT film_slug_unique UNIQUE (slug),
    CONSTRAINT film_moments_range CHECK (
        created_at BETWEEN '0001-01-02' AND '9999-12-30' AND updated_at BETWEEN '0001-01-02' AND '9999-12-30'
    ),
    CONSTRAINT film_slug_form CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT film_title_not_blank CHECK (title ~ '\S'),
    CONSTRAINT film_year_range CHECK (year BETWEEN 1870 AND 2200),
    CONSTRAINT film_release_date_range CHECK (release_date BETWEEN '0001-01-01' AND '9999-12-31'),
    CONSTRAINT film_directors_plain
        CHECK (CASE WHEN array_ndims(directors) > 1 THEN false ELSE array_position(directors, NULL) IS NULL END),
    CONSTRAINT film_genres_plain
        CHECK (CASE WHEN array_ndims(genres) > 1 THEN false ELSE array_position(genres, NULL) IS NULL END),
    CONSTRAINT film_runtime_positive CHECK (runtime_minutes > 0)
);
CREATE INDEX film_by_title ON film (title, id);
CREATE INDEX film_by_release_date ON film (release_date, id);
CREATE INDEX film_by_release_date_desc ON film (release_date DESC NULLS LAST, id);
CREATE INDEX film_by_year ON film (year);
CREATE INDEX film_by_genre ON film USING gin (genres);
CREATE INDEX film_by_title_text ON film USING gin (title gin_trgm_ops);

CREATE TABLE publication (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug       text COLLATE "C" NOT NULL,
    name       text COLLATE "und-x-icu" NOT NULL,
    url        text,
    weight     integer NOT NULL DEFAULT 100,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT publication_slug_unique UNIQUE (slug),
    CONSTRAINT publication_moments_range CHECK (
        created_at BETWEEN '0001-01-02' AND '9999-12-30' AND updated_at BETWEEN '0001-01-02' AND '9999-12-30'
    ),
    CONSTRAINT publication_slug_form CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT publication_name_not_blank CHECK (name ~ '\S'),
    CONSTRAINT publication_weight_range CHECK (weight BETWEEN 1 AND 10000)
);
COMMENT ON COLUMN publication.weight IS 'In hundredths: 100 counts once, 150 one and a half times.';
CREATE INDEX publication_by_name ON publication (name, id);
CREATE INDEX publication_by_name_text ON publication USING gin (name gin_trgm_ops);

CREATE TABLE critic (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug       text COLLATE "C" NOT NULL,
    name       text COLLATE "und-x-icu" NOT NULL,
    url        text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT critic_slug_unique UNIQUE (slug),
    CONSTRAINT critic_moments_range CHECK (
        created_at BETWEEN '0001-01-02' AND '9999-12-30' AND updated_at BETWEEN '0001-01-02' AND '9999-12-30'
    ),
    CONSTRAINT critic_slug_form CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT critic_name_not_blank CHECK (name ~ '\S')
);
CREATE INDEX critic_by_name ON critic (name, id);
CREATE INDEX critic_by_name_text ON critic USING gin (name gin_trgm_ops);
"#;

/// The extension is not dropped, because other schemas may use it.
const DOWN: &str = r"
DROP TABLE critic;
DROP TABLE publication;
DROP TABLE film;
";
