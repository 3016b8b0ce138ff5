//! Adds to published scores what they say of their scale and their audience: the maximum, the value as the source wrote it,
//! and whether critics or the public gave the scores. A source may publish the same kind of score of both.
//!
//! The constraint keeps its name, which servers of the previous version know. They insert the scores of critics, as before.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000028_scale_published_scores",
        up: UP.to_owned(),
        down: DOWN.to_owned(),
    }
}

const UP: &str = "
ALTER TABLE published_score
    ADD COLUMN audience text NOT NULL DEFAULT 'critics',
    ADD COLUMN scale smallint,
    ADD COLUMN original_value text,
    ADD CONSTRAINT published_score_audience_known CHECK (audience IN ('critics', 'public')),
    ADD CONSTRAINT published_score_scale_range CHECK (scale BETWEEN 1 AND 1000),
    ADD CONSTRAINT published_score_original_value_not_blank CHECK (original_value ~ '[^[:space:]]'),
    ADD CONSTRAINT published_score_original_has_value
        CHECK (value IS NOT NULL OR scale IS NULL AND original_value IS NULL),
    DROP CONSTRAINT published_score_unique,
    ADD CONSTRAINT published_score_unique UNIQUE (film_id, source, kind, audience);
COMMENT ON COLUMN published_score.audience IS 'Who gave the scores: critics, or the public.';
COMMENT ON COLUMN published_score.value IS 'From 0 to 100, whatever the scale of the source.';
COMMENT ON COLUMN published_score.scale IS 'The maximum of the source, such as 5, 10 or 100; null if it is unknown.';
COMMENT ON COLUMN published_score.original_value IS 'The value as the source wrote it; null if it is unknown.';
";

/// The scores of the public are deleted: without their audience they would be taken for scores of critics.
const DOWN: &str = "
DELETE FROM published_score WHERE audience = 'public';
ALTER TABLE published_score DROP CONSTRAINT published_score_unique;
ALTER TABLE published_score
    DROP COLUMN audience,
    DROP COLUMN scale,
    DROP COLUMN original_value,
    ADD CONSTRAINT published_score_unique UNIQUE (film_id, source, kind);
COMMENT ON COLUMN published_score.value IS NULL;
";
