//! The columns of a catalogue file, and the names that spreadsheets use for them.

/// Declares the enum and its tables from one list, so that they can't diverge.
macro_rules! columns {
    ($($variant:ident $name:literal $description:literal [$($alias:literal)*])+) => {
        /// A column of a CSV catalogue, or a key of a JSON one. The order is that of an exported CSV.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(clippy::doc_markdown, reason = "the descriptions are plain text, which is shown as it is")]
        pub enum Column {
            $(#[doc = $description] $variant,)+
        }

        impl Column {
            /// Every column, in the order of an export.
            pub const ALL: [Self; 43] = [$(Self::$variant),+];

            /// Returns the name in a CSV header, which is the key in JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Returns a description of the contents, in one sentence.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $description),+ }
            }

            /// Returns further names that are accepted for the column.
            #[must_use]
            pub const fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($alias),*]),+ }
            }
        }
    };
}

columns! {
    Kind "kind"
        "The kind of the row: review (the default), film, critic, publication or published_score."
        ["type" "row_type" "record_type"]
    FilmSlug "film_slug"
        "The film's slug, as in its address; with it the title is optional."
        ["movie_slug"]
    Film "film"
        "The film's title."
        ["title" "film_title" "film_name" "movie" "movie_title" "movie_name" "name_of_film" "name_of_movie"
         "item_reviewed_name"]
    FilmYear "film_year"
        "The year of the film's first release, 1870 to 2200, which distinguishes films of the same title."
        ["year" "movie_year" "release_year" "year_of_release"]
    CriticSlug "critic_slug"
        "The critic's slug; with it the name is optional."
        ["author_slug" "reviewer_slug"]
    Critic "critic"
        "The critic's name."
        ["author" "author_name" "reviewer" "reviewer_name" "critic_name" "name_of_critic"]
    PublicationSlug "publication_slug"
        "The publication's slug; with it the name is optional."
        ["outlet_slug" "publisher_slug"]
    Publication "publication"
        "The publication's name."
        ["outlet" "outlet_name" "publisher" "publisher_name" "source_name" "magazine" "newspaper" "publication_name"]
    Score "score"
        "The review's score, or a published score's value: a whole number from 0 to 100."
        ["points" "score_out_of_100"]
    OriginalScore "original_score"
        "The score as the critic or the publisher wrote it, for example 3.5/5 or B+; it is read if no score is given."
        ["rating" "grade" "stars" "star_rating" "critic_rating" "original_rating" "review_score"
         "review_rating"]
    ScoreRule "score_rule"
        "The rule by which the given score was read: given, fraction, stars, letter or percent."
        ["rule"]
    Sentiment "sentiment"
        "The sentiment that the source declares: positive, mixed or negative."
        ["review_sentiment" "score_sentiment"]
    Recommended "recommended"
        "The critic's own recommendation, yes or no; fresh and rotten are read too."
        ["fresh" "is_fresh" "is_recommended" "recommendation" "recommends" "review_state" "review_type"]
    TopCritic "top_critic"
        "Whether the source counts the critic among its top critics."
        ["top" "is_top" "is_top_critic"]
    Byline "byline"
        "The name after \"Reviewed by\"."
        ["by" "reviewed_by"]
    Excerpt "excerpt"
        "A passage of the review."
        ["quote" "text" "review" "review_text" "review_excerpt" "review_content" "review_body" "snippet" "blurb"
         "pull_quote"]
    Url "url"
        "The web address of the review, or the home page of the film, critic or publication."
        ["link" "href" "web_address" "website" "homepage" "review_url" "review_link"]
    ReviewedOn "reviewed_on"
        "The day on which the review was published, as YYYY-MM-DD."
        ["date" "published" "published_at" "published_on" "publish_date" "publication_date" "date_published"
         "review_date" "date_of_review" "creation_date"]
    Source "source"
        "The source of the review, or the publisher of the score."
        ["data_source"]
    ExternalId "external_id"
        "The review's identifier at its source."
        ["id" "review_id"]
    ReleaseDate "release_date"
        "The day of the film's first release, as YYYY-MM-DD."
        ["released" "released_on" "date_of_release" "film_release_date" "movie_release_date"]
    RuntimeMinutes "runtime_minutes"
        "The film's running time in minutes."
        ["runtime" "running_time" "duration" "duration_minutes" "length" "length_minutes" "minutes"]
    Directors "directors"
        "The film's directors, in the order of the credits: a list."
        ["director" "directed_by"]
    Genres "genres"
        "The film's genres: a list."
        ["genre"]
    Countries "countries"
        "The film's countries of production: a list."
        ["country" "production_countries" "countries_of_origin" "country_of_origin"]
    Cast "cast"
        "The film's cast, in the order of the credits: a list, of which the first 50 are read."
        ["actors" "cast_members" "starring"]
    OriginalTitle "original_title"
        "The film's original title: one of its other titles."
        []
    AlternativeTitles "alternative_titles"
        "The film's other titles: a list, each with the tag of its language in brackets behind it if it is known."
        ["aka" "also_known_as" "alternate_titles" "other_titles"]
    PosterUrl "poster_url"
        "The web address of the film's poster."
        []
    PosterWidth "poster_width"
        "The width of the poster in pixels."
        []
    PosterHeight "poster_height"
        "The height of the poster in pixels."
        []
    PosterAlt "poster_alt"
        "What the poster shows, in words."
        []
    Synopsis "synopsis"
        "The film's synopsis."
        ["plot" "overview" "storyline" "description"]
    ExternalIds "external_ids"
        "The identifiers of the film or critic at sources: a list of strings of the form source:id."
        ["ids"]
    Weight "weight"
        "The weight of the publication's reviews: 0.01 to 100, with at most two decimals."
        ["publication_weight"]
    Measure "measure"
        "The measure of the published score: score or percent_recommended."
        ["measures" "score_kind" "score_type"]
    Audience "audience"
        "Who gave the scores of the published score: critics (the default) or public."
        []
    Scale "scale"
        "The maximum of the published score's original_score, such as 10: a whole number from 1 to 1000."
        ["out_of"]
    Label "label"
        "The published score in the source's own words."
        ["verdict"]
    ReviewCount "review_count"
        "The number of reviews that the source of the published score counts."
        ["reviews" "total_reviews" "number_of_reviews"]
    PositiveCount "positive_count"
        "The number of them that the source counts as positive."
        ["positive_reviews"]
    MixedCount "mixed_count"
        "The number of them that the source counts as mixed."
        ["mixed_reviews"]
    NegativeCount "negative_count"
        "The number of them that the source counts as negative."
        ["negative_reviews"]
}

impl Column {
    /// Returns the column of a header or key, by its name or an alias. Ignores case, blanks, hyphens, underscores, and the
    /// dots of paths.
    #[must_use]
    pub fn find(header: &str) -> Option<Self> {
        let matches = |column: &Self| {
            equal_ignoring_separators(header, column.name())
                || column
                    .aliases()
                    .iter()
                    .any(|alias| equal_ignoring_separators(header, alias))
        };
        Self::ALL.into_iter().find(matches)
    }

    /// Returns the column of exactly this name. The search begins at the index `start` and wraps around.
    ///
    /// Most rows have their keys in the order of an export, so the first comparison usually succeeds.
    pub(super) fn find_exact(name: &str, start: usize) -> Option<Self> {
        let (before, after) = Self::ALL.split_at_checked(start)?;
        let mut columns = after.iter().chain(before);
        columns.find(|column| column.name() == name).copied()
    }

    /// Returns the columns of an export. An original title is written among the other titles.
    pub fn written() -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(|column| *column != Self::OriginalTitle)
    }

    /// Returns the index in [`Column::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Returns whether two names are equal apart from case and the separators between words.
pub(super) fn equal_ignoring_separators(one: &str, other: &str) -> bool {
    letters(one).eq(letters(other))
}

/// Returns the characters of a name without separators, in lower case. A byte order mark, which some programs write
/// before the first header, is skipped.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '.' | '\u{feff}'))
        .map(|c| c.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
