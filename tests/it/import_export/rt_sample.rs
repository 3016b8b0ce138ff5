//! `import rt` with real lists, which are never committed.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use serde_json::Value;

use super::{Workspace, assert_lines};
use crate::support::{TestServer, shared_file};

/// The two lists.
struct Lists {
    films: Vec<HashMap<String, String>>,
    reviews: Vec<HashMap<String, String>>,
    line: [String; 6],
}

fn lists() -> Option<Lists> {
    let (films, reviews) = (
        shared_file("data/rt_sample/movies.csv")?,
        shared_file("data/rt_sample/critic_reviews.csv")?,
    );
    Some(Lists {
        films: rows(&films),
        reviews: rows(&reviews),
        line: [
            "import".to_owned(),
            "rt".to_owned(),
            "--films".to_owned(),
            films.canonicalize().unwrap().display().to_string(),
            "--reviews".to_owned(),
            reviews.canonicalize().unwrap().display().to_string(),
        ],
    })
}

fn rows(path: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

impl Lists {
    /// Imports the lists into an empty database.
    fn imported(&self) -> (Workspace, String) {
        let workspace = Workspace::empty();
        let output = self.import(&workspace);
        (workspace, output)
    }

    fn import(&self, workspace: &Workspace) -> String {
        workspace
            .run(&self.line.each_ref().map(String::as_str))
            .output()
    }

    /// Returns the distinct values of a column without blank ones.
    fn distinct(&self, column: &str) -> HashSet<&str> {
        let values = self.reviews.iter().map(|review| review[column].trim());
        values.filter(|value| !value.is_empty()).collect()
    }
}

/// `import FILE…` knows these lists, and stores the same reviews as `import rt`.
#[test]
fn the_lists_are_known_without_the_name_of_their_layout() {
    let Some(lists) = lists() else { return };
    let (expected, _) = lists.imported();
    let workspace = Workspace::empty();
    let output = workspace
        .run(&["import", &lists.line[5], &lists.line[3]])
        .output();
    let stored = "review.external_id, film.title, film.year, critic.name, publication.name, byline, score, original_score,
        score_rule, sentiment, recommended, review.top_critic, excerpt, review.url, reviewed_on
        FROM review JOIN film ON film.id = film_id LEFT JOIN critic ON critic.id = critic_id
        LEFT JOIN publication ON publication.id = publication_id ORDER BY review.external_id";
    let (rows, others) = (workspace.rows(stored), expected.rows(stored));
    // A line of an excerpt is a row of its own here.
    assert!(rows.len() >= lists.reviews.len(), "{output}");
    assert_eq!(rows.len(), others.len());
    for (row, other) in rows.iter().zip(&others) {
        assert_eq!(row, other);
    }
    workspace.assert_tallies();
}

#[test]
fn every_film_and_review_of_the_sample_is_stored_and_a_second_time_changes_nothing() {
    let Some(lists) = lists() else { return };
    assert_eq!((lists.films.len(), lists.reviews.len()), (100, 5_462));
    let (workspace, output) = lists.imported();
    let critics = lists.distinct("criticPageUrl").len();
    assert_lines(
        &output,
        &[
            "films: 100 new, 0 changed, 0 the same",
            "published scores: 100 new, 0 changed, 0 the same",
            "reviews: 5462 new, 0 changed, 0 the same",
            "rows: 5562 read, 0 rejected",
            "stored",
        ],
    );
    let ids = workspace.value("SELECT string_agg(external_id, ' ') AS value FROM review");
    let given: HashSet<_> = lists
        .reviews
        .iter()
        .map(|review| review["reviewId"].as_str())
        .collect();
    assert_eq!(ids.split(' ').collect::<HashSet<_>>(), given);
    workspace.assert_tallies();

    let again = lists.import(&workspace);
    assert_lines(
        &again,
        &[
            "films: 0 new, 0 changed, 100 the same",
            "published scores: 0 new, 0 changed, 100 the same",
            "reviews: 0 new, 0 changed, 5462 the same",
            "nothing changed",
        ],
    );
    assert_eq!(
        workspace.value("SELECT count(*)::text AS value FROM critic_external_id"),
        critics.to_string()
    );
}

#[test]
fn namesakes_of_the_sample_stay_apart() {
    let Some(lists) = lists() else { return };
    let (workspace, _) = lists.imported();
    let count = |sql: &str| -> usize {
        let text = workspace.value(&format!("SELECT count(*)::text AS value FROM {sql}"));
        text.parse().unwrap()
    };
    let titles: HashSet<_> = lists
        .films
        .iter()
        .map(|film| film["movieTitle"].trim())
        .collect();
    assert!(titles.len() < 100, "no two films share a title");
    assert_eq!(count("film"), 100);
    assert_eq!(
        count("(SELECT DISTINCT title FROM film) AS titles"),
        titles.len()
    );

    let pages = lists.distinct("criticPageUrl");
    let nameless_page = |review: &&HashMap<String, String>| {
        review["criticPageUrl"].trim().is_empty() && !review["criticName"].trim().is_empty()
    };
    let pageless: HashSet<_> = lists
        .reviews
        .iter()
        .filter(nameless_page)
        .map(|review| review["criticName"].trim())
        .collect();
    assert!(
        lists.distinct("criticName").len() < pages.len(),
        "no two critics share a name"
    );
    assert_eq!(count("critic"), pages.len() + pageless.len());
    assert_eq!(
        count("publication"),
        lists.distinct("publicationName").len()
    );

    // Each page has only the reviews of its own critic.
    let mut by_page: HashMap<&str, usize> = HashMap::new();
    for review in &lists.reviews {
        *by_page.entry(review["criticPageUrl"].trim()).or_default() += 1;
    }
    by_page.remove("");
    let stored = workspace.value(
        "SELECT string_agg(external_id || E'\\t' || reviews, E'\\n') AS value FROM (
            SELECT known.external_id, count(review.id) AS reviews
            FROM critic_external_id AS known JOIN review USING (critic_id) GROUP BY known.external_id
        ) AS counted",
    );
    let stored: HashMap<_, usize> = stored
        .lines()
        .map(|line| line.split_once('\t').unwrap())
        .map(|(page, count)| (page, count.parse().unwrap()))
        .collect();
    assert_eq!(stored, by_page);
}

#[test]
fn the_score_of_each_film_of_the_sample_equals_the_published_one() {
    let Some(lists) = lists() else { return };
    let (workspace, _) = lists.imported();
    let slugs = workspace
        .rows("film.slug, external_id FROM film JOIN film_external_id ON film_id = film.id");
    let ids: HashMap<_, _> = slugs
        .iter()
        .map(|row| row.trim_matches(['(', ')']).split_once(',').unwrap())
        .collect();
    drop(workspace.session);
    let data = super::in_a_runtime(async {
        let server = TestServer::with_database(workspace.database);
        server
            .query(
                "{ films(first: 100) { nodes { slug score { percentRecommended } reviews { totalCount }
                    publishedScores { value agrees } } } }",
            )
            .await
    });
    let films: HashMap<_, &Value> = data["films"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|film| (ids[film["slug"].as_str().unwrap()], film))
        .collect();
    assert_eq!(films.len(), 100);
    for listed in &lists.films {
        let (id, title) = (listed["movieId"].as_str(), &listed["movieTitle"]);
        let published: u64 = listed["critic_score"]
            .trim_end_matches('%')
            .parse()
            .unwrap();
        let film = films[id];
        assert_eq!(film["score"]["percentRecommended"], published, "{title}");
        assert_eq!(film["publishedScores"][0]["value"], published, "{title}");
        assert_eq!(film["publishedScores"][0]["agrees"], true, "{title}");
        let reviews = lists
            .reviews
            .iter()
            .filter(|review| review["movieId"] == id);
        assert_eq!(film["reviews"]["totalCount"], reviews.count(), "{title}");
    }
}
