//! The tables in which what was read waits until it is merged. They are temporary: nobody else sees them, they are not logged, and
//! they go with the transaction.

use crate::import::rows::Place;

/// Makes the tables.
///
/// `place` tells the file and line (see `Place`). Rows name films, critics and publications by a number (`ref`); what stands under it is
/// either described by the file (`declared`) or only mentioned. `identity` is the same for whatever is meant to be the same. Touched are
/// the reviews that will change. Texts have the collations of the columns that they are compared with.
pub const CREATE: &str = r#"
CREATE TEMPORARY TABLE import_film (
    ref             integer NOT NULL,
    place           bigint NOT NULL,
    declared        boolean NOT NULL,
    identity        text COLLATE "C" NOT NULL,
    source          text COLLATE "C",
    external_id     text COLLATE "C",
    slug            text COLLATE "C",
    name            text COLLATE "und-x-icu",
    year            smallint,
    base_slug       text COLLATE "C",
    release_date    date,
    runtime_minutes integer,
    directors       text[],
    genres          text[],
    synopsis        text,
    url             text,
    id              bigint,
    is_new          boolean NOT NULL DEFAULT false,
    namesakes       bigint NOT NULL DEFAULT 0
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_critic (
    ref             integer NOT NULL,
    place           bigint NOT NULL,
    declared        boolean NOT NULL,
    identity        text COLLATE "C" NOT NULL,
    source          text COLLATE "C",
    external_id     text COLLATE "C",
    slug            text COLLATE "C",
    name            text COLLATE "und-x-icu",
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
    place           bigint NOT NULL,
    source          text COLLATE "C" NOT NULL,
    external_id     text COLLATE "C" NOT NULL
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_published_score (
    place           bigint NOT NULL,
    film_ref        integer NOT NULL,
    source          text COLLATE "C" NOT NULL,
    kind            text NOT NULL,
    value           smallint,
    label           text,
    review_count    integer,
    positive_count  integer,
    mixed_count     integer,
    negative_count  integer
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_review (
    place           bigint NOT NULL,
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
    place           bigint NOT NULL,
    film_id         bigint NOT NULL,
    critic_id       bigint,
    publication_id  bigint,
    source          text COLLATE "C",
    external_id     text COLLATE "C",
    review_id       bigint
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_touched (
    review_id       bigint NOT NULL,
    place           bigint
) ON COMMIT DROP;

CREATE TEMPORARY TABLE import_rejected (
    place           bigint NOT NULL,
    column_name     text NOT NULL,
    reason          text NOT NULL,
    row_text        text
) ON COMMIT DROP;
"#;

/// Rejects rows that say again what an earlier one has said. Of each row `told` gives the `place` and the `first` place where it is said.
pub fn reject_later(told: &str, column: &str, what_is_where: &str) -> String {
    let lines_of_a_file = Place::LINES_OF_A_FILE;
    format!(
        "INSERT INTO import_rejected (place, column_name, reason)
         SELECT place, '{column}', format('{what_is_where} in line %s already', first % {lines_of_a_file})
         FROM ({told}) AS told
         WHERE place > first"
    )
}

/// A table that rows are copied into, with its columns in the order in which they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Films.
    Film,
    /// Critics.
    Critic,
    /// Publications.
    Publication,
    /// Names of films and critics at sources.
    ExternalId,
    /// What sources say of films.
    PublishedScore,
    /// Reviews.
    Review,
    /// Rows that can't be used.
    Rejected,
}

impl Table {
    /// Each of them, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Film,
        Self::Critic,
        Self::Publication,
        Self::ExternalId,
        Self::PublishedScore,
        Self::Review,
        Self::Rejected,
    ];

    /// The statement that takes its rows.
    pub const fn copy(self) -> &'static str {
        match self {
            Self::Film => {
                "COPY import_film (ref, place, declared, identity, source, external_id, slug, name, year, base_slug, \
                 release_date, runtime_minutes, directors, genres, synopsis, url) FROM STDIN (FORMAT binary)"
            }
            Self::Critic => {
                "COPY import_critic (ref, place, declared, identity, source, external_id, slug, name, base_slug, url) \
                 FROM STDIN (FORMAT binary)"
            }
            Self::Publication => {
                "COPY import_publication (ref, place, declared, identity, slug, name, base_slug, url, weight) \
                 FROM STDIN (FORMAT binary)"
            }
            Self::ExternalId => {
                "COPY import_external_id (kind, ref, place, source, external_id) FROM STDIN (FORMAT binary)"
            }
            Self::PublishedScore => {
                "COPY import_published_score (place, film_ref, source, kind, value, label, review_count, positive_count, \
                 mixed_count, negative_count) FROM STDIN (FORMAT binary)"
            }
            Self::Review => {
                "COPY import_review (place, film_ref, critic_ref, publication_ref, score, original_score, score_rule, \
                 sentiment, recommended, top_critic, byline, excerpt, url, reviewed_on, source, external_id) \
                 FROM STDIN (FORMAT binary)"
            }
            Self::Rejected => {
                "COPY import_rejected (place, column_name, reason, row_text) FROM STDIN (FORMAT binary)"
            }
        }
    }
}
