//! Indexes names and titles without their accents, punctuation and blanks, so that a new name that only looks different is
//! found before it is added a second time.
//!
//! The key isn't a column: only additions read it, and the index has it.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000031_find_similar_names",
        up: UP.to_owned(),
        down: DOWN.to_owned(),
    }
}

/// The function is not written in SQL, which PostgreSQL would insert into statements, and its cost is high. So it is never
/// evaluated for the rows of another index. A key is limited to 200 characters, which fit into an index. A name of
/// punctuation alone keeps it.
const UP: &str = r##"
CREATE FUNCTION similarity_key(folded text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
DECLARE
    -- Letters with a stroke have no decomposition.
    letters text := translate(folded, 'øłđħŧ', 'oldht');
BEGIN
    IF octet_length(letters) <> char_length(letters) THEN
        letters := replace(replace(replace(letters, 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
        -- Combining accents, blanks, and the punctuation of Latin-1, of Unicode and of East Asia.
        letters := regexp_replace(
            normalize(letters, NFD),
            '[\u0300-\u036f\u00a0-\u00bf\u1680\u2000-\u206f\u3000-\u3003\u3008-\u3011\u30fb\uff01-\uff0f]'
                COLLATE "C",
            '', 'g'
        );
    END IF;
    letters := left(translate(letters, ' !"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', ''), 200);
    RETURN CASE WHEN letters = '' THEN left(folded, 200) ELSE letters END;
END
$$;
COMMENT ON FUNCTION similarity_key(text) IS
    'A folded name without accents, punctuation and blanks. Names with the same key are similar.';

CREATE INDEX critic_by_similarity ON critic (similarity_key(name_folded) COLLATE "C");
CREATE INDEX publication_by_similarity ON publication (similarity_key(name_folded) COLLATE "C");
CREATE INDEX film_by_similarity ON film (similarity_key(title_folded) COLLATE "C");
"##;

const DOWN: &str = "
DROP INDEX critic_by_similarity, publication_by_similarity, film_by_similarity;
DROP FUNCTION similarity_key(text);
";
