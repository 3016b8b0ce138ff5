//! Creates the table of erasures, which records that critics were erased, and the functions that erasures and checks of
//! duplicate reviews use.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000025_create_erasure",
        up: UP.to_owned(),
        down: DOWN.to_owned(),
    }
}

/// An erasure has no name of the critic, only the key, by which a restored backup can be searched.
///
/// `words_of` replaces the punctuation of ASCII by spaces. So the slug and the name in a URL, in JSON and in prose are
/// found alike. A name in ASCII is compared by whole words; in other scripts, words may not be separated.
///
/// `review_by_hand` is volatile, so its query sees what was committed while the function waited for the lock. The lock
/// lasts until the end of the transaction: only one transaction at a time checks and changes the reviews of a film that
/// a critic has by hand. The lock on the critic waits for a merge that moves reviews to the critic.
const UP: &str = r#"
CREATE TABLE erasure (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    critic_id      bigint NOT NULL,
    erased_at      timestamptz NOT NULL DEFAULT now(),
    erased_by      text NOT NULL,
    review_count   bigint NOT NULL,
    revision_count bigint NOT NULL,
    texts_removed  boolean NOT NULL,
    CONSTRAINT erasure_moment_range CHECK (erased_at BETWEEN '0001-01-02' AND '9999-12-30'),
    CONSTRAINT erasure_counts_not_negative CHECK (review_count >= 0 AND revision_count >= 0)
);
COMMENT ON TABLE erasure IS 'That critics were erased, without their names.';

CREATE FUNCTION words_of(unread text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ' ' || btrim(regexp_replace(
        replace(fold_text(unread), chr(160), ' ') COLLATE "C", '[[:space:][:cntrl:]!-/:-@[-`{-~]+', ' ', 'g'
    )) || ' ';
COMMENT ON FUNCTION words_of(text) IS 'The folded words of a text, with a space around each.';

CREATE FUNCTION needle_of(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN btrim(words_of(name)) = '' THEN NULL
        WHEN octet_length(name) = char_length(name) THEN words_of(name)
        ELSE btrim(words_of(name))
    END;
COMMENT ON FUNCTION needle_of(text) IS 'The text by which words_of another text is searched for a name; null if the name has no words.';

-- PostgreSQL inserts this function into statements.
CREATE FUNCTION mentions(unread text, needle text, other_needle text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN strpos(words_of(unread), needle) > 0 OR strpos(words_of(unread), other_needle) > 0;
COMMENT ON FUNCTION mentions(text, text, text) IS 'Whether a text has one of two names, in any case and with any punctuation.';

CREATE FUNCTION review_by_hand(of_film bigint, of_critic bigint, excluded bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM critic WHERE id = of_critic FOR KEY SHARE;
    PERFORM pg_advisory_xact_lock(hashtextextended('review by hand ' || of_film || '/' || of_critic, 0));
    RETURN (
        SELECT id FROM review
        WHERE film_id = of_film AND critic_id = of_critic AND source IS NULL AND id IS DISTINCT FROM excluded
        ORDER BY id LIMIT 1
    );
END
$$;
COMMENT ON FUNCTION review_by_hand(bigint, bigint, bigint) IS
    'Locks the reviews of a film that a critic has by hand, and returns the first one except the excluded one.';
DO $migration$ BEGIN
EXECUTE format(
    'ALTER FUNCTION %1$I.review_by_hand(bigint, bigint, bigint) SET search_path = %1$I, pg_temp', current_schema()
);
END $migration$;
"#;

const DOWN: &str = "
DROP FUNCTION review_by_hand(bigint, bigint, bigint);
DROP FUNCTION mentions(text, text, text);
DROP FUNCTION needle_of(text);
DROP FUNCTION words_of(text);
DROP TABLE erasure;
";
