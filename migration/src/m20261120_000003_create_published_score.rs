//! Creates the table of scores that sources publish for films, next to the scores that Marquee computes.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000003_create_published_score",
        up: UP.to_owned(),
        down: DOWN.to_owned(),
    }
}

const UP: &str = r#"
CREATE TABLE published_score (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    film_id        bigint NOT NULL,
    source         text COLLATE "C" NOT NULL,
    kind           text NOT NULL,
    value          smallint,
    label          text,
    review_count   integer,
    positive_count integer,
    mixed_count    integer,
    negative_count integer,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT published_score_film_known FOREIGN KEY (film_id) REFERENCES film (id) ON DELETE CASCADE,
    CONSTRAINT published_score_moments_range CHECK (
        created_at BETWEEN '0001-01-02' AND '9999-12-30' AND updated_at BETWEEN '0001-01-02' AND '9999-12-30'
    ),
    CONSTRAINT published_score_unique UNIQUE (film_id, source, kind),
    CONSTRAINT published_score_source_not_blank CHECK (source ~ '\S'),
    CONSTRAINT published_score_kind_known CHECK (kind IN ('score', 'percent_recommended')),
    CONSTRAINT published_score_value_range CHECK (value BETWEEN 0 AND 100),
    CONSTRAINT published_score_label_not_blank CHECK (label ~ '\S'),
    CONSTRAINT published_score_counts_not_negative
        CHECK (review_count >= 0 AND positive_count >= 0 AND mixed_count >= 0 AND negative_count >= 0),
    CONSTRAINT published_score_says_something CHECK (value IS NOT NULL OR label IS NOT NULL)
);
"#;

const DOWN: &str = "DROP TABLE published_score;";
