//! Adds what searches need: folded titles and names without accents, and an index of the words of excerpts.
//!
//! `fold_search` folds text as `fold_text` does, and removes accents and other differences that a reader doesn't type. The
//! columns with folded titles and names are generated. Adding them rewrites the tables, a second for 100,000 films;
//! readers wait meanwhile. The filters by title and name use them from now on. The old columns are only compared for equality,
//! so a smaller index replaces theirs. A server of the previous version that still runs filters films in its index in memory.
//!
//! The index of excerpts is built while reviews can be read, but not written: it takes half a minute for a million reviews.
//! Words that were added lately are in a list of the index, which each search reads, so it is kept short. Reviews without an
//! excerpt are not in the index, so that they cost nothing.

mod unicode;

use std::fmt::Write as _;

use self::unicode::{ACCENTS, COMPATIBLE, COMPOSED, IDEOGRAPHS, LIGATURES, SEPARATORS};
use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261201_000034_create_search",
        up: up(),
        down: DOWN.to_owned(),
    }
}

/// The tables with the column of their name, and the name of the index of the folded column.
const NAMES: [(&str, &str, &str); 3] = [
    ("critic", "name", "critic_by_folded_name"),
    ("publication", "name", "publication_by_folded_name"),
    // Last, because its rewrite takes the longest, and locks the table until the end.
    ("film", "title", "film_by_folded_title"),
];

fn up() -> String {
    let mut sql = create_decompose();
    sql.push_str(&create_letters());
    sql.push_str(FOLD);
    sql.push_str(&create_words());
    sql.push_str(SEARCH);
    for (table, column, index) in NAMES {
        let _ = write!(
            sql,
            r#"
DROP INDEX {table}_by_{column}_text;
ALTER TABLE {table} ADD COLUMN {column}_search text COLLATE "C" GENERATED ALWAYS AS (fold_search({column})) STORED NOT NULL;
CREATE INDEX {table}_by_{column}_text ON {table} USING gin ({column}_search gin_trgm_ops);
CREATE INDEX {index} ON {table} ({column}_folded);
"#
        );
    }
    sql
}

/// Returns a class of characters for regular expressions.
fn class(ranges: &[(u32, u32)]) -> String {
    ranges.iter().fold(String::new(), |mut class, range| {
        let _ = match range {
            (first, last) if first == last => write!(class, "\\U{first:08x}"),
            (first, last) => write!(class, "\\U{first:08x}-\\U{last:08x}"),
        };
        class
    })
}

/// Returns the characters of ranges with those that are this far from them.
fn shifted(ranges: &[(u32, u32, i32)]) -> (String, String) {
    let pairs = ranges.iter().flat_map(|(first, last, difference)| {
        (*first..=*last).filter_map(|character| {
            let other = character.checked_add_signed(*difference)?;
            Some((char::from_u32(character)?, char::from_u32(other)?))
        })
    });
    pairs.unzip()
}

/// The quotes and dashes that most text has which isn't ASCII, with the plain ones in SQL. Without them and its accents, most
/// Latin text is ASCII, and needs no other step. `translate` takes longer than this many calls of `replace`.
const PUNCTUATION: [(char, &str); 6] = [
    ('‘', "''"),
    ('’', "''"),
    ('“', "\""),
    ('”', "\""),
    ('–', "-"),
    ('—', "-"),
];

/// Returns the statement that creates the first step of the folding of text that isn't ASCII.
fn create_decompose() -> String {
    let accents = class(&ACCENTS);
    let (compatible, others) = shifted(&COMPATIBLE);
    let new: Vec<(u32, u32)> = COMPATIBLE
        .iter()
        .map(|(first, last, _)| (*first, *last))
        .chain(LIGATURES.map(|(character, _)| (character.into(), character.into())))
        .collect();
    let new = class(&new);
    let translated = LIGATURES.iter().fold(
        format!("translate(decomposed, '{compatible}', '{others}')"),
        |sql, (ligature, several)| format!("replace({sql}, '{ligature}', '{several}')"),
    );
    let punctuation = PUNCTUATION
        .into_iter()
        .fold("decomposed".to_owned(), |sql, (character, plain)| {
            format!("replace({sql}, '{character}', '{plain}')")
        });
    format!(
        r#"
CREATE FUNCTION search_decompose(unfolded text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    decomposed text := unfolded;
BEGIN
    IF decomposed ~ '[{new}]' COLLATE "C" THEN
        decomposed := {translated};
    END IF;
    decomposed := regexp_replace(normalize(decomposed, NFKD), '[{accents}]' COLLATE "C", '', 'g');
    IF octet_length(decomposed) <> char_length(decomposed) THEN
        decomposed := {punctuation};
    END IF;
    RETURN decomposed;
END
$$;
COMMENT ON FUNCTION search_decompose(text) IS
    'The first step of fold_search: compatible characters, without accents. The usual quotes and dashes become plain ones.';
"#
    )
}

/// The letters that become one other character, and the invisible characters, which become nothing.
const PLAIN: (&str, &str, &str) = (
    "øłđðħŧŋĸʹʻʼʽ‘’‚‛′“”„‟″‐‑‒–—―−",
    "olddhtnk'''''''''\"\"\"\"\"-------",
    "\u{ad}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2060}\u{feff}\u{fe00}\u{fe01}\u{fe02}\u{fe03}\u{fe04}\u{fe05}\
     \u{fe06}\u{fe07}\u{fe08}\u{fe09}\u{fe0a}\u{fe0b}\u{fe0c}\u{fe0d}\u{fe0e}\u{fe0f}",
);

/// Returns the statement that creates the last step of the folding of text that isn't ASCII.
fn create_letters() -> String {
    let (from, to, invisible) = PLAIN;
    let to = to.replace('\'', "''");
    let composed = COMPOSED
        .iter()
        .fold("letters".to_owned(), |sql, (several, composed)| {
            format!("replace({sql}, '{several}', '{composed}')")
        });
    format!(
        r#"
CREATE FUNCTION search_letters(folded text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    letters text := folded;
BEGIN
    IF letters ~ '[æœþ{from}{invisible}]' COLLATE "C" THEN
        letters := translate(letters, '{from}{invisible}', '{to}');
        letters := normalize(replace(replace(replace(letters, 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), NFC);
    END IF;
    IF letters ~ '[\U00011380-\U000113ff\U00016100-\U0001613f\U00016d40-\U00016d7f]' COLLATE "C" THEN
        letters := {composed};
    END IF;
    RETURN letters;
END
$$;
COMMENT ON FUNCTION search_letters(text) IS 'The last step of fold_search: letters, quotes and dashes become plain ones.';
"#
    )
}

/// The function that folds. PostgreSQL inserts it into statements. Text has as many bytes as characters if it is ASCII.
const FOLD: &str = r#"
CREATE FUNCTION search_fold(decomposed text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN octet_length(decomposed) = char_length(decomposed) THEN lower(decomposed COLLATE "C")
        ELSE search_letters(fold_unicode(decomposed))
    END;
COMMENT ON FUNCTION search_fold(text) IS 'The steps of fold_search after the first.';

CREATE FUNCTION fold_search(unfolded text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN octet_length(unfolded) = char_length(unfolded) THEN lower(unfolded COLLATE "C")
        ELSE search_fold(search_decompose(unfolded))
    END;
COMMENT ON FUNCTION fold_search(text) IS 'The text without case and accents, in NFC. Searches compare it.';
"#;

/// Returns the statements that create the functions which split text into words. A word has at most 64 characters, and a
/// character at most four bytes, so a short text has no word that is too long.
fn create_words() -> String {
    let separators = class(&SEPARATORS);
    let ideographs = class(&IDEOGRAPHS);
    format!(
        r#"
CREATE FUNCTION search_words(folded text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 500 AS $$
DECLARE
    separated text := replace(folded, '''', '');
    words text[];
BEGIN
    IF octet_length(separated) = char_length(separated) THEN
        separated := regexp_replace(separated, '[^a-z0-9]+' COLLATE "C", ' ', 'g');
    ELSE
        separated := regexp_replace(
            separated, '[\u0001-\u002f\u003a-\u0060\u007b-\u007f{separators}]+' COLLATE "C", ' ', 'g'
        );
        separated := regexp_replace(separated, '([{ideographs}])' COLLATE "C", ' \1 ', 'g');
    END IF;
    words := array_remove(string_to_array(separated, ' '), '');
    IF char_length(separated) > 64 AND separated ~ '[^ ]{{65}}' THEN
        words := ARRAY(SELECT left(word, 64) FROM unnest(words) AS word);
    END IF;
    RETURN array_to_tsvector(words);
END
$$;
COMMENT ON FUNCTION search_words(text) IS 'The words of a text that fold_search has folded.';

CREATE FUNCTION search_vector(unfolded text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN search_words(fold_search(unfolded));
COMMENT ON FUNCTION search_vector(text) IS 'The folded words of a text. Searches compare them.';
"#
    )
}

/// The function that finds excerpts. It reads few reviews, however many match: the newest ones, if many match by the
/// estimate of the planner, and else those that the index has. Where the estimate is wrong, it tries the other. Only if
/// many old reviews match and no new ones, it reads all that match. A row of the index takes 6 µs, and a row without it 20 µs, if its
/// excerpt is short; so the size of those that are read without the index is limited as well.
///
/// To collect all reviews with words that begin with common letters takes long. If the other words, the lead, are rare enough,
/// they are looked up alone, and the reviews that they have are compared with all words.
///
/// The planner doesn't use the statistics of partial indexes, so the words have statistics of their own. The function is
/// volatile, because it explains a statement.
const SEARCH: &str = r"
SET LOCAL maintenance_work_mem = '256MB';
CREATE INDEX review_by_words ON review USING gin (search_vector(excerpt)) WITH (gin_pending_list_limit = 512)
    WHERE excerpt IS NOT NULL;
CREATE STATISTICS review_words ON (search_vector(excerpt)) FROM review;
ANALYZE review;

CREATE FUNCTION search_excerpts(query text, lead text, before bigint, page integer) RETURNS SETOF bigint
LANGUAGE plpgsql VOLATILE STRICT COST 10000 ROWS 20 SET enable_seqscan = off AS $$
DECLARE
    scanned CONSTANT integer := 4000;
    scanned_bytes CONSTANT bigint := 1000000;
    indexed CONSTANT integer := 12000;
    sought CONSTANT tsquery := query::tsquery;
    explain CONSTANT text := 'EXPLAIN (FORMAT JSON) SELECT FROM review WHERE excerpt IS NOT NULL AND search_vector(excerpt) @@ %L::tsquery';
    plan json;
    expected real;
    reviews real;
    is_common boolean;
    looked_up tsquery := sought;
    ids bigint[] := '{}';
BEGIN
    EXECUTE format(explain, query) INTO plan;
    expected := plan -> 0 -> 'Plan' ->> 'Plan Rows';
    SELECT reltuples INTO reviews FROM pg_class WHERE oid = 'review'::regclass;
    is_common := expected > sqrt(3.3 * greatest(reviews, 1) * page);
    IF NOT is_common AND lead <> query THEN
        EXECUTE format(explain, lead) INTO plan;
        IF expected > (plan -> 0 -> 'Plan' ->> 'Plan Rows')::real / 20 THEN
            looked_up := lead::tsquery;
        END IF;
    END IF;
    FOR step IN 1 .. 2 LOOP
        IF is_common = (step = 1) THEN
            ids := ARRAY(
                SELECT newest.id FROM (
                    SELECT review.id, review.excerpt, sum(octet_length(review.excerpt)) OVER (ORDER BY review.id DESC) AS bytes
                    FROM review WHERE review.id < before ORDER BY review.id DESC LIMIT scanned
                ) AS newest
                WHERE newest.bytes < scanned_bytes AND search_vector(newest.excerpt) @@ sought
                ORDER BY newest.id DESC LIMIT page
            );
            IF cardinality(ids) = page THEN
                RETURN QUERY SELECT unnest(ids);
                RETURN;
            END IF;
        ELSE
            ids := ARRAY(
                SELECT review.id FROM review
                WHERE review.excerpt IS NOT NULL AND search_vector(review.excerpt) @@ looked_up AND review.id < before
                LIMIT indexed
            );
            IF cardinality(ids) < indexed THEN
                RETURN QUERY SELECT candidate.id
                    FROM (SELECT id FROM unnest(ids) AS id ORDER BY id DESC) AS candidate
                    CROSS JOIN LATERAL (
                        SELECT review.excerpt FROM review WHERE review.id = candidate.id OFFSET 0
                    ) AS shown
                    WHERE looked_up = sought OR search_vector(shown.excerpt) @@ sought
                    ORDER BY candidate.id DESC LIMIT page;
                RETURN;
            END IF;
        END IF;
    END LOOP;
    RETURN QUERY SELECT review.id FROM review
        WHERE review.excerpt IS NOT NULL AND search_vector(review.excerpt) @@ sought AND review.id < before
        ORDER BY review.id + 0 DESC LIMIT page;
END
$$;
COMMENT ON FUNCTION search_excerpts(text, text, bigint, integer) IS
    'The ids of the newest reviews before one whose excerpts have all words of a query, in descending order. The lead has only its complete words.';
DO $migration$ BEGIN
    EXECUTE format(
        'ALTER FUNCTION %1$I.search_excerpts(text, text, bigint, integer) SET search_path = %1$I, pg_temp', current_schema()
    );
END $migration$;
";

const DOWN: &str = "
DROP FUNCTION search_excerpts(text, text, bigint, integer);
DROP STATISTICS review_words;
DROP INDEX review_by_words, critic_by_folded_name, publication_by_folded_name, film_by_folded_title;
ALTER TABLE publication DROP COLUMN name_search;
ALTER TABLE critic DROP COLUMN name_search;
ALTER TABLE film DROP COLUMN title_search;
DROP FUNCTION search_vector(text);
DROP FUNCTION search_words(text);
DROP FUNCTION fold_search(text);
DROP FUNCTION search_fold(text);
DROP FUNCTION search_letters(text);
DROP FUNCTION search_decompose(text);
CREATE INDEX film_by_title_text ON film USING gin (title_folded gin_trgm_ops);
CREATE INDEX publication_by_name_text ON publication USING gin (name_folded gin_trgm_ops);
CREATE INDEX critic_by_name_text ON critic USING gin (name_folded gin_trgm_ops);
";
