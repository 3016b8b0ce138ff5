//! Titles and names are searched in lower case, in which the index holds them.
//!
//! `ILIKE` turns its pattern into lower case anew for every row that it looks at, so a search took time by the length of the pattern as well:
//! 300 ideographs five times as long as one letter. Compared with `LIKE` in lower case, the pattern is turned once.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261129_000015_index_lower_case",
        up: UP.to_owned(),
        down: DOWN.to_owned(),
    }
}

const UP: &str = "
DROP INDEX film_by_title_text, publication_by_name_text, critic_by_name_text;
CREATE INDEX film_by_title_text ON film USING gin (lower(title) gin_trgm_ops);
CREATE INDEX publication_by_name_text ON publication USING gin (lower(name) gin_trgm_ops);
CREATE INDEX critic_by_name_text ON critic USING gin (lower(name) gin_trgm_ops);
";

const DOWN: &str = "
DROP INDEX film_by_title_text, publication_by_name_text, critic_by_name_text;
CREATE INDEX film_by_title_text ON film USING gin (title gin_trgm_ops);
CREATE INDEX publication_by_name_text ON publication USING gin (name gin_trgm_ops);
CREATE INDEX critic_by_name_text ON critic USING gin (name gin_trgm_ops);
";
