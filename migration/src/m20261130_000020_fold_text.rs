//! Adds folded titles and names, and normalized genres, so that filters find the same in every database.
//!
//! PostgreSQL's `lower` depends on the locale provider of the database and its version, and the index in memory compared
//! with another function. Now text is compared by the full case folding of Unicode, which doesn't depend on what stands
//! around a character: "ß" is "ss", and "ς" is "σ". The Turkish letters "İ" and "ı" are "i", as "I" is: someone who
//! searches without a Turkish keyboard finds them, and someone who has one finds text in capitals. Folded text is in the
//! normal form NFC, whatever form the unfolded text has.
//!
//! The columns are generated: folding takes 0.3 µs for ASCII and 4 to 9 µs for other titles, which is too much for
//! each row that a filter reads. Adding them rewrites the tables: a second for 100,000 films. Readers wait meanwhile.
//!
//! A server of the previous version that still runs filters by `lower(title)` and `genres`. Without the old indexes its
//! database reads all films, which takes 50 ms for 100,000. It uses its index in memory first, so the old indexes are
//! dropped at once.

mod mappings;

use std::fmt::Write as _;

use self::mappings::{FULL, SIMPLE};
use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000020_fold_text",
        up: up(),
        down: DOWN.to_owned(),
    }
}

/// The bounds of the blocks of characters whose mappings are applied together, if a text has one of them. The time of
/// `translate` grows with the number of its mappings.
const BLOCKS: [(u32, u32); 13] = [
    (0x0080, 0x00FF), // Latin-1
    (0x0100, 0x017F), // Latin Extended-A
    (0x0180, 0x024F), // Latin Extended-B
    (0x0250, 0x03FF), // Greek
    (0x0400, 0x045F), // Cyrillic
    (0x0460, 0x052F), // historic Cyrillic
    (0x0530, 0x1DFF), // Armenian, Georgian, Cherokee
    (0x1E00, 0x1EFF), // Latin Extended Additional
    (0x1F00, 0x1FFF), // polytonic Greek
    (0x2000, 0xAAFF), // numbers, symbols, Glagolitic, Coptic
    (0xAB00, 0xFAFF), // small Cherokee
    (0xFB00, 0xFFFF), // ligatures and full-width letters
    (0x10000, 0x10_FFFF),
];

/// The first character of the blocks that most languages with case don't use. One test excludes them all.
const FIRST_RARE: u32 = 0x0530;

/// The characters that are white space in Unicode.
const WHITE_SPACE: [u32; 25] = [
    9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200,
    8201, 8202, 8232, 8233, 8239, 8287, 12288,
];

fn up() -> String {
    let white_space = WHITE_SPACE.map(|character| format!("chr({character})"));
    // PostgreSQL concatenates constants once.
    let white_space = white_space.join(" || ");
    let mut sql = create_fold_unicode();
    let _ = write!(
        sql,
        r#"
-- PostgreSQL inserts this function into statements. Text has as many bytes as characters if it is ASCII.
CREATE FUNCTION fold_text(unfolded text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN octet_length(unfolded) = char_length(unfolded) THEN lower(unfolded COLLATE "C")
        ELSE fold_unicode(unfolded)
    END;
COMMENT ON FUNCTION fold_text(text) IS 'The text with its case folded, in NFC. Filters compare folded text.';

CREATE FUNCTION normalize_texts(texts text[]) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    joined text := array_to_string(texts, '|');
BEGIN
    -- A constraint rejects arrays of arrays.
    IF array_ndims(texts) > 1 OR octet_length(joined) = char_length(joined)
        AND joined !~ '(^|[|])[[:space:]]|[[:space:]]([|]|$)' COLLATE "C"
    THEN
        RETURN texts;
    END IF;
    FOR i IN array_lower(texts, 1) .. array_upper(texts, 1) LOOP
        texts[i] := btrim(normalize(texts[i], NFC), {white_space});
    END LOOP;
    RETURN texts;
END
$$;
COMMENT ON FUNCTION normalize_texts(text[]) IS 'The texts in NFC, without blanks around them.';

DROP INDEX critic_by_name_text, publication_by_name_text, film_by_title_text, film_by_genre;
"#
    );
    for (table, column) in [("critic", "name"), ("publication", "name")] {
        let _ = write!(
            sql,
            r#"
ALTER TABLE {table} ADD COLUMN {column}_folded text COLLATE "C" GENERATED ALWAYS AS (fold_text({column})) STORED NOT NULL;
CREATE INDEX {table}_by_{column}_text ON {table} USING gin ({column}_folded gin_trgm_ops);
"#
        );
    }
    // Last, because its rewrite takes the longest, and locks the table until the end.
    sql.push_str(
        r#"
ALTER TABLE film
    ADD COLUMN title_folded text COLLATE "C" GENERATED ALWAYS AS (fold_text(title)) STORED NOT NULL,
    ADD COLUMN genres_normalized text[] GENERATED ALWAYS AS (normalize_texts(genres)) STORED NOT NULL;
CREATE INDEX film_by_title_text ON film USING gin (title_folded gin_trgm_ops);
CREATE INDEX film_by_genre ON film USING gin (genres_normalized);
"#,
    );
    sql
}

const DOWN: &str = "
ALTER TABLE film DROP COLUMN title_folded, DROP COLUMN genres_normalized;
ALTER TABLE publication DROP COLUMN name_folded;
ALTER TABLE critic DROP COLUMN name_folded;
DROP FUNCTION normalize_texts(text[]);
DROP FUNCTION fold_text(text);
DROP FUNCTION fold_unicode(text);
CREATE INDEX film_by_title_text ON film USING gin (lower(title) gin_trgm_ops);
CREATE INDEX film_by_genre ON film USING gin (genres);
CREATE INDEX publication_by_name_text ON publication USING gin (lower(name) gin_trgm_ops);
CREATE INDEX critic_by_name_text ON critic USING gin (lower(name) gin_trgm_ops);
";

/// Returns the statement that creates the function for text that isn't ASCII. U+0307, the dot above, follows "i" where
/// "İ" was: it is the folding of "İ", and the lower case of it in some programs.
fn create_fold_unicode() -> String {
    let mut sql = String::from(
        r#"
CREATE FUNCTION fold_unicode(unfolded text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    folded text := lower(normalize(unfolded, NFC) COLLATE "C");
BEGIN
"#,
    );
    let (usual, rare): (Vec<_>, Vec<_>) = BLOCKS
        .into_iter()
        .partition(|(first, _)| *first < FIRST_RARE);
    for block in usual {
        fold_block(&mut sql, block);
    }
    sql.push_str("    IF folded ~ '[\u{530}-\u{10ffff}]' COLLATE \"C\" THEN\n");
    for block in rare {
        fold_block(&mut sql, block);
    }
    sql.push_str(
        "    END IF;
    RETURN normalize(replace(folded, 'i' || chr(775), 'i'), NFC);
END
$$;
COMMENT ON FUNCTION fold_unicode(text) IS 'What fold_text does, for text that is not ASCII.';
",
    );
    sql
}

/// Appends the statements that fold the characters of a block.
fn fold_block(sql: &mut String, (first, last): (u32, u32)) {
    let is_in_block = |character: &char| (first..=last).contains(&u32::from(*character));
    let simple: Vec<(char, char)> = simple_mappings()
        .filter(|(character, _)| is_in_block(character))
        .collect();
    let full: Vec<(char, &str)> = FULL
        .into_iter()
        .filter(|(character, _)| is_in_block(character))
        .collect();
    let characters: String = simple
        .iter()
        .map(|(character, _)| *character)
        .chain(full.iter().map(|(character, _)| *character))
        .collect();
    let (from, to): (String, String) = simple.into_iter().unzip();
    let folded = full.iter().fold(
        format!("translate(folded, '{from}', '{to}')"),
        |folded, (character, several)| format!("replace({folded}, '{character}', '{several}')"),
    );
    let _ = write!(
        sql,
        "    IF folded ~ '[{characters}]' COLLATE \"C\" THEN
        folded := {folded};
    END IF;
"
    );
}

/// Returns the characters that are folded to one, with these.
fn simple_mappings() -> impl Iterator<Item = (char, char)> {
    let of_unicode = SIMPLE
        .into_iter()
        .flat_map(|(first, last, step, difference)| {
            let characters = (first..=last).step_by(step);
            characters.filter_map(move |character| {
                let folded = character.checked_add_signed(difference)?;
                Some((char::from_u32(character)?, char::from_u32(folded)?))
            })
        });
    of_unicode.chain([('\u{131}', 'i')])
}
