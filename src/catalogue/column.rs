//! The columns of a catalogue file, and the names by which spreadsheets know them.

/// Makes the enum and its tables of one list, so that they can't come apart.
macro_rules! columns {
    ($($variant:ident $name:literal $description:literal [$($alias:literal)*])+) => {
        /// A column of a catalogue file, which is a key of its JSON. The order is the one that an exported CSV has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(clippy::doc_markdown, reason = "the descriptions are plain text, which is shown as it is")]
        pub enum Column {
            $(#[doc = $description] $variant,)+
        }

        impl Column {
            /// Every column, in the order of an export.
            pub const ALL: [Self; 33] = [$(Self::$variant),+];

            /// The name in a CSV's header, and the key in JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it holds, in a sentence.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $description),+ }
            }

            /// Further names that it is found by.
            #[must_use]
            pub const fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($alias),*]),+ }
            }
        }
    };
}

columns! {
    Kind "kind"
        "What the row is: review (unless said), film, critic, publication or published_score."
        ["type" "row_type" "record_type"]
    FilmSlug "film_slug"
        "The film's slug, as in its address; with it the title may be left out."
        ["movie_slug"]
    Film "film"
        "The film's title."
        ["title" "film_title" "film_name" "movie" "movie_title" "movie_name" "name_of_film" "name_of_movie"]
    FilmYear "film_year"
        "The year of the film's first release, 1870 to 2200, which tells films of one title apart."
        ["year" "movie_year" "release_year" "year_of_release"]
    CriticSlug "critic_slug"
        "The critic's slug; with it the name may be left out."
        ["author_slug" "reviewer_slug"]
    Critic "critic"
        "The critic's name."
        ["author" "author_name" "reviewer" "reviewer_name" "critic_name" "name_of_critic"]
    PublicationSlug "publication_slug"
        "The publication's slug; with it the name may be left out."
        ["outlet_slug" "publisher_slug"]
    Publication "publication"
        "The publication's name."
        ["outlet" "outlet_name" "publisher" "publisher_name" "source_name" "magazine" "newspaper" "publication_name"]
    Score "score"
        "The review's score, or a published score's value: a whole number from 0 to 100."
        ["points" "score_out_of_100"]
    OriginalScore "original_score"
        "The score as the critic wrote it, such as 3.5/5 or B+; it is read if no score is given."
        ["rating" "grade" "stars" "star_rating" "critic_rating" "original_rating" "review_score"]
    ScoreRule "score_rule"
        "By which rule the given score was read: given, fraction, stars, letter or percent."
        ["rule"]
    Sentiment "sentiment"
        "What the source calls the review: positive, mixed or negative."
        ["review_sentiment" "score_sentiment"]
    Recommended "recommended"
        "The critic's own yes or no; fresh and rotten are read too."
        ["fresh" "is_fresh" "is_recommended" "recommendation" "recommends" "review_state" "review_type"]
    TopCritic "top_critic"
        "Whether the source counts the critic among its top ones."
        ["top" "is_top" "is_top_critic"]
    Byline "byline"
        "What stands after \"Reviewed by\"."
        ["by" "reviewed_by"]
    Excerpt "excerpt"
        "A passage of the review."
        ["quote" "text" "review" "review_text" "review_excerpt" "review_content" "snippet" "blurb" "pull_quote"]
    Url "url"
        "The web address of the review, or the own page of the film, critic or publication."
        ["link" "href" "web_address" "website" "homepage" "review_url" "review_link"]
    ReviewedOn "reviewed_on"
        "The day on which the review was published, as YYYY-MM-DD."
        ["date" "published" "published_at" "published_on" "publish_date" "publication_date" "date_published"
         "review_date" "date_of_review" "creation_date"]
    Source "source"
        "Where the review was read, or who published the score."
        ["data_source"]
    ExternalId "external_id"
        "The review's name at its source."
        ["id" "review_id"]
    ReleaseDate "release_date"
        "The day of the film's first release, as YYYY-MM-DD."
        ["released" "released_on" "date_of_release" "film_release_date" "movie_release_date"]
    RuntimeMinutes "runtime_minutes"
        "How many minutes the film runs."
        ["runtime" "running_time" "duration" "duration_minutes" "length" "length_minutes" "minutes"]
    Directors "directors"
        "Who directed the film, in the order of the credits: a list."
        ["director" "directed_by"]
    Genres "genres"
        "The film's genres: a list."
        ["genre"]
    Synopsis "synopsis"
        "What the film is about."
        ["plot" "overview" "storyline" "description"]
    ExternalIds "external_ids"
        "The names of the film or critic at sources: a list of texts of the form source:id."
        ["ids"]
    Weight "weight"
        "How much the publication's reviews count: 0.01 to 100, with at most two decimals."
        ["publication_weight"]
    Measure "measure"
        "What the published score measures: score or percent_recommended."
        ["measures" "score_kind" "score_type"]
    Label "label"
        "The published score as the source words it."
        ["verdict"]
    ReviewCount "review_count"
        "How many reviews the source of the published score counts."
        ["reviews" "total_reviews" "number_of_reviews"]
    PositiveCount "positive_count"
        "How many of them the source calls positive."
        ["positive_reviews"]
    MixedCount "mixed_count"
        "How many of them the source calls mixed."
        ["mixed_reviews"]
    NegativeCount "negative_count"
        "How many of them the source calls negative."
        ["negative_reviews"]
}

impl Column {
    /// The column that a header or key means, by its name or a usual other name, whatever the case, and whichever of
    /// blanks, hyphens and underscores part the words.
    #[must_use]
    pub fn find(header: &str) -> Option<Self> {
        let is_meant = |column: &Self| {
            same(header, column.name()) || column.aliases().iter().any(|alias| same(header, alias))
        };
        Self::ALL.into_iter().find(is_meant)
    }

    /// The column of exactly this name, sought from `start` on and then from the first one.
    ///
    /// Rows mostly have their keys in the order of an export, so that the search mostly ends where it starts.
    pub(super) fn named(name: &str, start: usize) -> Option<Self> {
        let (before, after) = Self::ALL.split_at_checked(start)?;
        let mut columns = after.iter().chain(before);
        columns.find(|column| column.name() == name).copied()
    }

    /// Its place in [`Column::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Whether two names differ in nothing but case and what parts their words.
pub(super) fn same(one: &str, other: &str) -> bool {
    letters(one).eq(letters(other))
}

/// The letters of a name. A byte order mark, which some programs put before the first header, is none.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '\u{feff}'))
        .map(|c| c.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_column_is_found_by_its_name_however_it_is_spelt() {
        for column in Column::ALL {
            assert_eq!(Column::find(column.name()), Some(column));
            assert_eq!(Column::ALL[column.index()], column);
            for start in 0..=Column::ALL.len() {
                assert_eq!(Column::named(column.name(), start), Some(column));
            }
        }
        for header in [
            "Reviewed On",
            "reviewedOn",
            "reviewed-on",
            "\u{feff}REVIEWED_ON",
            " reviewed  on ",
        ] {
            assert_eq!(Column::find(header), Some(Column::ReviewedOn), "{header}");
        }
        assert_eq!(Column::named("Film", 0), None);
    }

    #[test]
    fn a_column_is_found_by_the_usual_names_of_spreadsheets() {
        for (header, column) in [
            ("Movie Title", Column::Film),
            ("name of film", Column::Film),
            ("Year", Column::FilmYear),
            ("Reviewer", Column::Critic),
            ("source_name", Column::Publication),
            ("Rating", Column::OriginalScore),
            ("Quote", Column::Excerpt),
            ("Link", Column::Url),
            ("publicationDate", Column::ReviewedOn),
            ("ID", Column::ExternalId),
            ("isFresh", Column::Recommended),
            ("is-top-critic", Column::TopCritic),
            ("Director", Column::Directors),
        ] {
            assert_eq!(Column::find(header), Some(column), "{header}");
        }
        for header in ["", "_", "name", "films", "filmé"] {
            assert_eq!(Column::find(header), None, "{header}");
        }
    }

    #[test]
    fn no_name_means_two_columns_or_stands_twice() {
        let mut owners = HashMap::new();
        for column in Column::ALL {
            for name in [column.name()].iter().chain(column.aliases()) {
                let earlier = owners.insert(letters(name).collect::<String>(), column);
                assert_eq!(earlier, None, "{name}");
            }
        }
    }

    #[test]
    fn a_description_is_one_sentence() {
        for description in Column::ALL.map(Column::description) {
            assert!(
                description.ends_with('.') && !description.contains(". "),
                "{description}"
            );
        }
    }
}
