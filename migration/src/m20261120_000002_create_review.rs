//! Creates the table of reviews.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000002_create_review",
        up: UP.to_owned(),
        down: DOWN.to_owned(),
    }
}

/// Deleting a film deletes its reviews. Deleting a critic or a publication doesn't: the reviews remain valid, and the
/// film's score is computed from them.
///
/// `implied_sentiment` is the sentiment that an unscored review counts as: the declared one, or else that of the
/// recommendation. `weight` is the publication's weight. It is copied to the review, so that the sums of a tally need
/// only the changed rows. The trigger below sets it for every writer. It takes a share lock on the publication, so that
/// a change of the weight and a new review block each other. `publication_reweigh_check`, in the migration of the
/// tallies, covers reviews that the transaction's snapshot doesn't contain.
const UP: &str = r#"
CREATE TABLE review (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    film_id           bigint NOT NULL,
    critic_id         bigint,
    publication_id    bigint,
    score             smallint,
    original_score    text,
    score_rule        text,
    sentiment         text,
    recommended       boolean,
    implied_sentiment text GENERATED ALWAYS AS (
        CASE
            WHEN score IS NOT NULL THEN NULL
            WHEN sentiment IS NOT NULL THEN sentiment
            WHEN recommended THEN 'positive'
            WHEN NOT recommended THEN 'negative'
        END
    ) STORED,
    weight            integer NOT NULL DEFAULT 100,
    top_critic        boolean NOT NULL DEFAULT false,
    byline            text,
    excerpt           text,
    url               text,
    reviewed_on       date,
    source            text COLLATE "C",
    external_id       text COLLATE "C",
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT review_film_known FOREIGN KEY (film_id) REFERENCES film (id) ON DELETE CASCADE,
    CONSTRAINT review_critic_known FOREIGN KEY (critic_id) REFERENCES critic (id) ON DELETE SET NULL,
    CONSTRAINT review_publication_known FOREIGN KEY (publication_id) REFERENCES publication (id) ON DELETE SET NULL,
    CONSTRAINT review_score_range CHECK (score BETWEEN 0 AND 100),
    CONSTRAINT review_score_has_rule CHECK ((score IS NULL) = (score_rule IS NULL)),
    CONSTRAINT review_score_rule_known CHECK (score_rule IN ('given', 'fraction', 'stars', 'letter', 'percent')),
    CONSTRAINT review_sentiment_known CHECK (sentiment IN ('positive', 'mixed', 'negative')),
    CONSTRAINT review_original_score_not_blank CHECK (original_score ~ '\S'),
    CONSTRAINT review_byline_not_blank CHECK (byline ~ '\S'),
    CONSTRAINT review_excerpt_not_blank CHECK (excerpt ~ '\S'),
    CONSTRAINT review_source_not_blank CHECK (source ~ '\S' AND external_id ~ '\S'),
    CONSTRAINT review_date_range CHECK (reviewed_on BETWEEN '0001-01-01' AND '9999-12-31'),
    CONSTRAINT review_moments_range CHECK (
        created_at BETWEEN '0001-01-02' AND '9999-12-30' AND updated_at BETWEEN '0001-01-02' AND '9999-12-30'
    ),
    CONSTRAINT review_source_has_id CHECK ((source IS NULL) = (external_id IS NULL))
);
COMMENT ON COLUMN review.weight IS 'The publication''s weight in hundredths; written by the trigger review_weigh only.';

CREATE UNIQUE INDEX review_source_unique ON review (source, external_id) WHERE source IS NOT NULL;
CREATE UNIQUE INDEX review_by_hand_unique ON review (film_id, critic_id, publication_id) NULLS NOT DISTINCT
    WHERE source IS NULL AND critic_id IS NOT NULL;

CREATE INDEX review_of_film ON review (film_id, id);
CREATE INDEX review_of_film_by_score ON review (film_id, score DESC NULLS LAST, id);
CREATE INDEX review_of_film_by_date ON review (film_id, reviewed_on DESC NULLS LAST, id);
CREATE INDEX review_of_critic ON review (critic_id, id);
CREATE INDEX review_of_critic_by_score ON review (critic_id, score DESC NULLS LAST, id);
CREATE INDEX review_of_critic_by_date ON review (critic_id, reviewed_on DESC NULLS LAST, id);
CREATE INDEX review_of_publication ON review (publication_id, id);
CREATE INDEX review_of_publication_by_score ON review (publication_id, score DESC NULLS LAST, id);
CREATE INDEX review_of_publication_by_date ON review (publication_id, reviewed_on DESC NULLS LAST, id);
CREATE INDEX review_by_score ON review (score, id);
CREATE INDEX review_by_score_desc ON review (score DESC NULLS LAST, id);
CREATE INDEX review_by_date ON review (reviewed_on, id);
CREATE INDEX review_by_date_desc ON review (reviewed_on DESC NULLS LAST, id);

CREATE FUNCTION review_weigh() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.weight := 100;
    IF NEW.publication_id IS NOT NULL THEN
        -- An unknown publication keeps the default here; the foreign key is what refuses it.
        SELECT coalesce(max(locked.weight), 100) INTO NEW.weight
        FROM (SELECT weight FROM publication WHERE id = NEW.publication_id FOR SHARE) AS locked;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER review_weigh_insert BEFORE INSERT ON review FOR EACH ROW EXECUTE FUNCTION review_weigh();
CREATE TRIGGER review_weigh_update BEFORE UPDATE ON review FOR EACH ROW
    WHEN (OLD.publication_id IS DISTINCT FROM NEW.publication_id OR OLD.weight IS DISTINCT FROM NEW.weight)
    EXECUTE FUNCTION review_weigh();

CREATE FUNCTION publication_reweigh() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE review SET weight = changed.weight
    FROM (
        SELECT new_rows.id, new_rows.weight
        FROM new_rows JOIN old_rows USING (id)
        WHERE new_rows.weight <> old_rows.weight
    ) AS changed
    WHERE review.publication_id = changed.id AND review.weight <> changed.weight;
    RETURN NULL;
END
$$;
CREATE TRIGGER publication_reweigh AFTER UPDATE ON publication
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION publication_reweigh();
"#;

const DOWN: &str = r"
DROP TRIGGER publication_reweigh ON publication;
DROP FUNCTION publication_reweigh();
DROP TABLE review;
DROP FUNCTION review_weigh();
";
