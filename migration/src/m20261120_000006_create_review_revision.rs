//! Creates the table of revisions: the earlier states of reviews.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000006_create_review_revision",
        up: up(),
        down: DOWN.to_owned(),
    }
}

/// The columns with the content of a review. Its weight belongs to the publication, and its timestamps are not content.
const CONTENT_COLUMNS: [&str; 15] = [
    "film_id",
    "critic_id",
    "publication_id",
    "score",
    "original_score",
    "score_rule",
    "sentiment",
    "recommended",
    "top_critic",
    "byline",
    "excerpt",
    "url",
    "reviewed_on",
    "source",
    "external_id",
];

/// A trigger stores the old state, so it is stored for every writer: an import, the API or a psql session. A session
/// sets `marquee.actor` to identify the writer; otherwise the session's role is stored.
///
/// A revision has no foreign keys: it outlives the review and the critic of the review.
fn up() -> String {
    let list = |prefix: &str| {
        CONTENT_COLUMNS
            .map(|column| format!("{prefix}{column}"))
            .join(", ")
    };
    let (columns, old, new) = (list(""), list("old_rows."), list("new_rows."));
    format!(
        r"
CREATE TABLE review_revision (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    review_id      bigint NOT NULL,
    film_id        bigint NOT NULL,
    critic_id      bigint,
    publication_id bigint,
    score          smallint,
    original_score text,
    score_rule     text,
    sentiment      text,
    recommended    boolean,
    top_critic     boolean NOT NULL,
    byline         text,
    excerpt        text,
    url            text,
    reviewed_on    date,
    source         text,
    external_id    text,
    since          timestamptz NOT NULL,
    replaced_at    timestamptz NOT NULL DEFAULT now(),
    replaced_by    text NOT NULL
);
COMMENT ON COLUMN review_revision.since IS 'When the review began to say this.';
COMMENT ON COLUMN review_revision.replaced_by IS 'Who changed it: marquee.actor of the session, else its role.';
CREATE INDEX review_revision_of_review ON review_revision (review_id, id);

CREATE FUNCTION review_keep_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO review_revision (review_id, {columns}, since, replaced_by)
    SELECT id, {old}, old_rows.updated_at, coalesce(nullif(current_setting('marquee.actor', true), ''), session_user)
    FROM old_rows JOIN new_rows USING (id)
    WHERE ({old}) IS DISTINCT FROM ({new})
    ORDER BY id;
    RETURN NULL;
END
$$;
CREATE TRIGGER review_keep_revision AFTER UPDATE ON review
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION review_keep_revision();
"
    )
}

const DOWN: &str = r"
DROP TRIGGER review_keep_revision ON review;
DROP FUNCTION review_keep_revision();
DROP TABLE review_revision;
";
