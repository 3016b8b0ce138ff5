//! Random catalogues, split over files that refer to their films and critics in different ways.

use std::fmt::Write as _;

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::{Workspace, import_files};

/// A film: title, year, number for its ids, slug. Only the ids distinguish the last two.
struct Film(&'static str, i16, u8, &'static str);

const FILMS: [Film; 6] = [
    Film("Amber Tide", 2019, 1, "tide"),
    Film("Glass Meadow", 2004, 2, "old-meadow"),
    Film("Glass Meadow", 2018, 3, "new-meadow"),
    Film("Nine Lämps", 2011, 4, "nine"),
    Film("Quay", 1950, 5, ""),
    Film("Quay", 1950, 6, ""),
];

/// The critics, with their pages. Only the pages distinguish the last two.
const CRITICS: [(&str, &str); 4] = [
    ("Ann Lee", "/ann"),
    ("Bo Marsh", ""),
    ("Ida Fern", "/ida"),
    ("Ida Fern", "/ida-2"),
];

/// How a row refers to its film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reference {
    AllIds,
    Imdb,
    ImdbAndTitle,
    Tmdb,
    TmdbTitleAndYear,
    TitleAndYear,
    OtherCase,
    TitleAlone,
    Slug,
}

impl Reference {
    const ALL: [Self; 9] = [
        Self::AllIds,
        Self::Imdb,
        Self::ImdbAndTitle,
        Self::Tmdb,
        Self::TmdbTitleAndYear,
        Self::TitleAndYear,
        Self::OtherCase,
        Self::TitleAlone,
        Self::Slug,
    ];
}

/// The files. Both columns of ids are in the first one, which also describes the films.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum File {
    Both,
    Imdb,
    Tmdb,
}

#[derive(Clone, Debug)]
struct Review {
    film: usize,
    critic: usize,
    reference: Reference,
    file: File,
    has_page: bool,
    is_upper_case: bool,
}

fn review() -> impl Strategy<Value = Review> {
    (
        0..FILMS.len(),
        0..CRITICS.len(),
        prop::sample::select(&Reference::ALL[..]),
        prop::sample::select(vec![File::Both, File::Imdb, File::Tmdb]),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(film, critic, reference, file, has_page, is_upper_case)| Review {
                film,
                critic,
                reference,
                file,
                has_page,
                is_upper_case,
            },
        )
}

/// Returns reviews of different films or critics. The first of each film has all ids, the title and the year.
fn reviews() -> impl Strategy<Value = Vec<Review>> {
    prop::collection::vec(review(), 1..24).prop_map(|reviews| {
        let mut chosen: Vec<Review> = Vec::new();
        for mut review in reviews {
            let same_film = || chosen.iter().filter(|other| other.film == review.film);
            if same_film().any(|other| other.critic == review.critic) {
                continue;
            }
            if same_film().next().is_none() {
                review.reference = Reference::AllIds;
            }
            let is_alone = review.film != 1 && review.film != 2;
            review.reference = match review.reference {
                Reference::TitleAlone if !is_alone => Reference::TitleAndYear,
                reference => reference,
            };
            if review.film > 3 {
                review.reference = match review.reference {
                    Reference::TitleAndYear | Reference::OtherCase => Reference::ImdbAndTitle,
                    Reference::TitleAlone | Reference::Slug => Reference::TmdbTitleAndYear,
                    reference => reference,
                };
            }
            review.file = match review.reference {
                Reference::AllIds => File::Both,
                Reference::Imdb | Reference::ImdbAndTitle => File::Imdb,
                Reference::Tmdb | Reference::TmdbTitleAndYear => File::Tmdb,
                _ => review.file,
            };
            chosen.push(review);
        }
        chosen
    })
}

impl Review {
    /// Returns the row: slug, title, year, both ids, critic, page, excerpt, genre.
    fn cells(&self) -> [String; 9] {
        let Film(title, year, number, slug) = &FILMS[self.film];
        let (name, page) = CRITICS[self.critic];
        let reference = self.reference;
        let when = |is_there: bool, text: String| if is_there { text } else { String::new() };
        let title = match reference {
            Reference::Imdb | Reference::Tmdb => String::new(),
            Reference::OtherCase => title.to_uppercase(),
            _ => (*title).to_owned(),
        };
        let has_year = !matches!(
            reference,
            Reference::Imdb | Reference::Tmdb | Reference::ImdbAndTitle | Reference::TitleAlone
        );
        let is_by_imdb = matches!(
            reference,
            Reference::AllIds | Reference::Imdb | Reference::ImdbAndTitle
        );
        let lists_tmdb = matches!(
            reference,
            Reference::AllIds | Reference::Tmdb | Reference::TmdbTitleAndYear
        );
        [
            when(reference == Reference::Slug, (*slug).to_owned()),
            title,
            when(has_year, year.to_string()),
            when(is_by_imdb, format!("tt{number}")),
            when(lists_tmdb, format!("{number}")),
            if self.is_upper_case {
                name.to_uppercase()
            } else {
                name.to_owned()
            },
            // The first critic has a page in some of the rows.
            when(self.critic > 1 || self.has_page, page.to_owned()),
            format!("{} of {}.", self.critic, self.film),
            when(reference == Reference::AllIds, format!("Genre {number}")),
        ]
    }
}

impl File {
    const ALL: [Self; 3] = [Self::Both, Self::Imdb, Self::Tmdb];

    /// Returns the indexes of the cells that the file has.
    fn columns(self) -> &'static [usize] {
        match self {
            Self::Both => &[0, 1, 2, 3, 4, 5, 6, 7, 8],
            Self::Imdb => &[0, 1, 2, 3, 5, 6, 7],
            Self::Tmdb => &[0, 1, 2, 4, 5, 6, 7],
        }
    }

    /// Returns the file of these reviews: CSV, or JSON Lines.
    fn text(self, reviews: &[Review], is_json: bool) -> String {
        const HEADER: [&str; 9] = [
            "film_slug",
            "Title",
            "Year",
            "IMDb",
            "TMDB",
            "Critic",
            "Page",
            "Excerpt",
            "Genre",
        ];
        let row = |cells: Vec<&str>| format!("{}\n", cells.join(","));
        let pick = |cells: &[String; 9]| -> Vec<String> {
            self.columns()
                .iter()
                .map(|index| cells[*index].clone())
                .collect()
        };
        let header: Vec<&str> = self.columns().iter().map(|index| HEADER[*index]).collect();
        let mut text = String::new();
        if !is_json {
            text.push_str(&row(header.clone()));
        }
        for review in reviews.iter().filter(|review| review.file == self) {
            let cells = pick(&review.cells());
            if is_json {
                // A key that is blank in all rows is no column.
                let keys = header
                    .iter()
                    .zip(&cells)
                    .filter(|(_, cell)| !cell.is_empty());
                let object: serde_json::Map<_, _> = keys
                    .map(|(key, cell)| ((*key).to_owned(), cell.as_str().into()))
                    .collect();
                let _ = writeln!(text, "{}", serde_json::Value::Object(object));
            } else {
                text.push_str(&row(cells.iter().map(String::as_str).collect()));
            }
        }
        text
    }
}

/// The state of a database: films, critics, and reviews.
fn state(workspace: &Workspace) -> [Vec<String>; 3] {
    [
        "lower(title), year, genres,
            (SELECT string_agg(source || external_id, ' ' ORDER BY source) FROM film_external_id WHERE film_id = film.id)
         FROM film ORDER BY 1, 2, 4",
        "lower(name), (SELECT string_agg(external_id, ' ') FROM critic_external_id WHERE critic_id = critic.id)
         FROM critic ORDER BY 1, 2",
        "lower(title), year, lower(name), excerpt
         FROM review JOIN film ON film.id = film_id JOIN critic ON critic.id = critic_id ORDER BY excerpt",
    ]
    .map(|selection| workspace.rows(selection))
}

/// Returns the state after an import of these reviews.
fn expected(reviews: &[Review]) -> [Vec<String>; 3] {
    let quoted = |text: &str| {
        let text = text.to_lowercase();
        if text.contains(' ') {
            format!("\"{text}\"")
        } else {
            text
        }
    };
    let films = FILMS.iter().enumerate();
    let films = films.filter(|(index, _)| reviews.iter().any(|review| review.film == *index));
    let films = films.map(|(_, Film(title, year, number, _))| {
        format!(
            "({},{year},\"{{\"\"Genre {number}\"\"}}\",\"imdbtt{number} tmdb{number}\")",
            quoted(title)
        )
    });
    let critics = CRITICS.iter().enumerate();
    let critics = critics.filter_map(|(index, (name, page))| {
        let mut of_critic = reviews
            .iter()
            .filter(|review| review.critic == index)
            .peekable();
        of_critic.peek()?;
        let has_page = index > 1 || of_critic.any(|review| review.has_page);
        Some(format!(
            "({},{})",
            quoted(name),
            if has_page { page } else { "" }
        ))
    });
    let mut rows: Vec<_> = reviews
        .iter()
        .map(|review| {
            let (Film(title, year, ..), (name, _)) = (&FILMS[review.film], CRITICS[review.critic]);
            let excerpt = format!("{} of {}.", review.critic, review.film);
            (
                excerpt.clone(),
                format!("({},{year},{},\"{excerpt}\")", quoted(title), quoted(name)),
            )
        })
        .collect();
    rows.sort();
    [
        films.collect(),
        critics.collect(),
        rows.into_iter().map(|(_, row)| row).collect(),
    ]
}

/// The number of cases. `IMPORT_CASES` overrides it.
fn cases() -> u32 {
    std::env::var("IMPORT_CASES").map_or(24, |cases| cases.parse().unwrap())
}

#[test]
fn any_catalogue_in_any_files_is_imported_as_it_is() {
    let workspace = Workspace::empty();
    let mut runner = TestRunner::default();
    for _ in 0..cases() {
        let strategy = (
            reviews().prop_shuffle(),
            any::<[bool; 3]>(),
            Just(File::ALL.to_vec()).prop_shuffle(),
        );
        let (reviews, is_json, order) = strategy.new_tree(&mut runner).unwrap().current();
        let mut files: Vec<(String, String)> = Vec::new();
        for file in order {
            let text = file.text(&reviews, is_json[file as usize]);
            if reviews.iter().any(|review| review.file == file) {
                let end = if is_json[file as usize] {
                    "jsonl"
                } else {
                    "csv"
                };
                files.push((format!("{file:?}.{end}"), text));
            }
        }
        let expected = expected(&reviews);
        for _ in 0..2 {
            for table in ["review", "film", "critic"] {
                workspace.session.execute(&format!("DELETE FROM {table}"));
            }
            let pairs: Vec<_> = files
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str()))
                .collect();
            let output = import_files(&workspace, &pairs, &[]).output();
            assert_eq!(state(&workspace), expected, "{files:#?}\n{output}");
            let again = import_files(&workspace, &pairs, &[]).output();
            assert!(again.ends_with("nothing changed\n"), "{files:#?}\n{again}");
            assert_eq!(state(&workspace), expected, "{files:#?}");
            files.reverse();
        }
    }
    workspace.assert_tallies();
}
