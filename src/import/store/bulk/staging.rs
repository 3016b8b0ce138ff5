//! The staging tables, which hold the rows until the merge. They are temporary: other sessions can't see them, they
//! aren't written to the WAL, and the end of the transaction drops them.

use crate::import::rows::RowPosition;

/// The statements that create the tables.
///
/// `row_position` is the file and line (see `RowPosition`). Rows reference films, critics and publications by a number
/// (`ref`). A referenced row is either described by the file (`declared`) or only mentioned. References to the same
/// film, critic or publication have the same `identity`, also if their names differ in case or if they only share one of
/// several external ids. `namesakes` is the number of owners that an ambiguous name or ambiguous ids mean.
/// `import_changed_review` has the reviews that will change. The candidates of a rejected row are the stored owners that
/// its ambiguous name may mean.
/// Texts have the collations of the columns that they are compared with.
pub const CREATE: &str = r#"
CREATE TEMPORARY TABLE import_film (
    ref             integer NOT NULL,
    row_position    bigint NOT NULL,
    declared        boolean NOT NULL,
    identity        text COLLATE "C" NOT NULL,
    source          text COLLATE "C",
    external_id     text COLLATE "C",
    slug            text COLLATE "C",
    name            text COLLATE "und-x-icu",
    name_folded     text COLLATE "C",
    year            smallint,
    base_slug       text COLLATE "C",
    release_date    date,
    runtime_minutes integer,
    directors       text[],
    genres          text[],
    synopsis        text,
    url             text,
    countries       text[],
    cast_members    text[],
    alternative_titles text[],
    poster_url      text,
    poster_width    integer,
    poster_height   integer,
    poster_alt      text,
    id              bigint,
    is_new          boolean NOT NULL DEFAULT false,
    namesakes       bigint NOT NULL DEFAULT 0
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_critic (
    ref             integer NOT NULL,
    row_position    bigint NOT NULL,
    declared        boolean NOT NULL,
    identity        text COLLATE "C" NOT NULL,
    source          text COLLATE "C",
    external_id     text COLLATE "C",
    slug            text COLLATE "C",
    name            text COLLATE "und-x-icu",
    name_folded     text COLLATE "C",
    base_slug       text COLLATE "C",
    url             text,
    id              bigint,
    is_new          boolean NOT NULL DEFAULT false,
    namesakes       bigint NOT NULL DEFAULT 0
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_publication (
    LIKE import_critic INCLUDING DEFAULTS,
    weight          integer
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_external_id (
    kind            text COLLATE "C" NOT NULL,
    ref             integer NOT NULL,
    row_position    bigint NOT NULL,
    source          text COLLATE "C" NOT NULL,
    external_id     text COLLATE "C" NOT NULL
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_published_score (
    row_position    bigint NOT NULL,
    film_ref        integer NOT NULL,
    source          text COLLATE "C" NOT NULL,
    kind            text NOT NULL,
    audience        text NOT NULL,
    value           smallint,
    scale           smallint,
    original_value  text,
    label           text,
    review_count    integer,
    positive_count  integer,
    mixed_count     integer,
    negative_count  integer
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_review (
    row_position    bigint NOT NULL,
    film_ref        integer NOT NULL,
    critic_ref      integer,
    publication_ref integer,
    score           smallint,
    original_score  text,
    score_rule      text,
    sentiment       text,
    recommended     boolean,
    top_critic      boolean NOT NULL,
    byline          text,
    excerpt         text,
    url             text,
    reviewed_on     date,
    source          text COLLATE "C",
    external_id     text COLLATE "C"
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_match (
    row_position    bigint NOT NULL,
    film_id         bigint NOT NULL,
    critic_id       bigint,
    publication_id  bigint,
    source          text COLLATE "C",
    external_id     text COLLATE "C",
    review_id       bigint
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_changed_review (
    review_id       bigint NOT NULL,
    row_position    bigint
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_file (
    number          bigint NOT NULL,
    name            text NOT NULL
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_rejected (
    row_position    bigint NOT NULL,
    column_name     text NOT NULL,
    reason          text NOT NULL,
    row_text        text,
    candidate_ids   bigint[] NOT NULL DEFAULT '{}',
    candidate_slugs text[] NOT NULL DEFAULT '{}',
    candidate_names text[] NOT NULL DEFAULT '{}'
) ON COMMIT DROP;
"#;

/// The statements for statistics of the tables that the merge joins with references. Without them, PostgreSQL doesn't know
/// how many rows have the same reference, and may compare each row with all others.
pub const ANALYZE: &str = "
ANALYZE import_review;
ANALYZE import_published_score;
ANALYZE import_external_id;
ANALYZE import_rejected;
";

/// Returns the statement that rejects duplicate rows. `rows` is a query for the `row_position` of each row and the
/// first position of the same data, `first`. `message` is the start of the reason; the line of the first row follows,
/// with the name of its file if it is another one.
pub fn reject_duplicates_sql(rows: &str, column: &str, message: &str) -> String {
    let lines_of_a_file = RowPosition::LINES_PER_FILE;
    format!(
        "INSERT INTO import_rejected (row_position, column_name, reason)
         SELECT row_position, '{column}', format('{message} in line %s%s', first % {lines_of_a_file}, (
             SELECT ' of ' || name FROM import_file
             WHERE number = first / {lines_of_a_file} AND number <> row_position / {lines_of_a_file}
         ))
         FROM ({rows}) AS listed
         WHERE row_position > first"
    )
}

/// A staging table that rows are copied into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Films.
    Film,
    /// Critics.
    Critic,
    /// Publications.
    Publication,
    /// External ids of films and critics.
    ExternalId,
    /// Scores that sources publish for films.
    PublishedScore,
    /// Reviews.
    Review,
    /// The names of the files.
    File,
    /// Invalid rows.
    Rejected,
}

impl Table {
    /// All tables, in the order of their discriminants.
    pub const ALL: [Self; 8] = [
        Self::Film,
        Self::Critic,
        Self::Publication,
        Self::ExternalId,
        Self::PublishedScore,
        Self::Review,
        Self::File,
        Self::Rejected,
    ];

    /// Returns the COPY statement, with the columns in the order in which the stager sends them.
    pub const fn copy(self) -> &'static str {
        match self {
            Self::Film => {
                "COPY import_film (ref, row_position, declared, identity, source, external_id, slug, name, \
                 name_folded, year, base_slug, \
                 release_date, runtime_minutes, directors, genres, synopsis, url, countries, cast_members, \
                 alternative_titles, poster_url, poster_width, poster_height, poster_alt) FROM STDIN (FORMAT binary)"
            }
            Self::Critic => {
                "COPY import_critic (ref, row_position, declared, identity, source, external_id, slug, name, name_folded, base_slug, url) \
                 FROM STDIN (FORMAT binary)"
            }
            Self::Publication => {
                "COPY import_publication (ref, row_position, declared, identity, slug, name, name_folded, base_slug, url, weight) \
                 FROM STDIN (FORMAT binary)"
            }
            Self::ExternalId => {
                "COPY import_external_id (kind, ref, row_position, source, external_id) FROM STDIN (FORMAT binary)"
            }
            Self::PublishedScore => {
                "COPY import_published_score (row_position, film_ref, source, kind, audience, value, scale, original_value, label, \
                 review_count, positive_count, mixed_count, negative_count) FROM STDIN (FORMAT binary)"
            }
            Self::Review => {
                "COPY import_review (row_position, film_ref, critic_ref, publication_ref, score, original_score, score_rule, \
                 sentiment, recommended, top_critic, byline, excerpt, url, reviewed_on, source, external_id) \
                 FROM STDIN (FORMAT binary)"
            }
            Self::File => "COPY import_file (number, name) FROM STDIN (FORMAT binary)",
            Self::Rejected => {
                "COPY import_rejected (row_position, column_name, reason, row_text) FROM STDIN (FORMAT binary)"
            }
        }
    }
}
