//! Samples of the layouts of public exports and data sets, which are never committed.

use super::Workspace;
use crate::support::shared_file;

/// Imports samples twice, of which the second changes nothing, and returns the workspace with the first output. Returns
/// `None` if the samples are missing.
fn imported(names: &[&str], options: &[&str]) -> Option<(Workspace, String)> {
    let mut line = vec!["import".to_owned()];
    for name in names {
        let file = shared_file(&format!("data/layouts/{name}"))?;
        line.push(file.canonicalize().unwrap().display().to_string());
    }
    line.extend(options.iter().map(|option| (*option).to_owned()));
    let line: Vec<&str> = line.iter().map(String::as_str).collect();
    let workspace = Workspace::empty();
    let output = workspace.run(&line).output();
    let again = workspace.run(&line).output();
    assert!(again.ends_with("nothing changed\n"), "{names:?}: {again}");
    let export = |name: &str| {
        workspace.run(&["export", "csv", "--output", name]).output();
        workspace.read(name)
    };
    let first = export("first.csv");
    let other = Workspace::empty();
    other.write("first.csv", &first);
    other.run(&["import", "csv", "first.csv"]).output();
    other
        .run(&["export", "csv", "--output", "second.csv"])
        .output();
    assert_eq!(other.read("second.csv"), first, "{names:?}");
    workspace.assert_tallies();
    Some((workspace, output))
}

/// Asserts the counts of films, reviews and published scores after an import, and the rows of a selection.
#[track_caller]
fn assert_stored(
    names: &[&str],
    options: &[&str],
    counts: [u32; 3],
    selection: &str,
    rows: &[&str],
) {
    let Some((workspace, output)) = imported(names, options) else {
        return;
    };
    let [films, reviews, scores] = counts;
    let stored = workspace.rows(
        "(SELECT count(*) FROM film), (SELECT count(*) FROM review), (SELECT count(*) FROM published_score)",
    );
    assert_eq!(
        stored,
        [format!("({films},{reviews},{scores})")],
        "{output}"
    );
    assert_eq!(workspace.rows(selection), rows, "{output}");
}

/// The reviews with their films.
const REVIEWS: &str = "year, score, recommended FROM review JOIN film ON film.id = film_id
    ORDER BY year, reviewed_on NULLS FIRST, review.id";

/// The published scores with their films.
const SCORES: &str = "year, source, audience, value, scale, review_count FROM published_score JOIN film ON film.id = film_id
    ORDER BY year, source, audience";

#[test]
fn exports_of_members_give_reviews_of_one_critic() {
    let critic = ["--critic", "Ana Field"];
    assert_stored(
        &["letterboxd_ratings.csv"],
        &critic,
        [3, 3, 0],
        REVIEWS,
        &["(1998,40,)", "(2016,10,)", "(2021,90,)"],
    );
    assert_stored(
        &["letterboxd_diary.csv"],
        &critic,
        [1, 2, 0],
        REVIEWS,
        &["(2021,90,)", "(2021,100,)"],
    );
    assert_stored(
        &["letterboxd_reviews.csv"],
        &critic,
        [2, 2, 0],
        REVIEWS,
        &["(2009,,)", "(2021,90,)"],
    );
    assert_stored(
        &["letterboxd_reviews.csv"],
        &critic,
        [2, 2, 0],
        "excerpt ~ '[<>]|&amp;', excerpt LIKE '%film & a good one.' FROM review ORDER BY 1, 2",
        &["(f,f)", "(f,t)"],
    );
}

#[test]
fn an_archive_has_each_viewing_once() {
    assert_stored(
        &["letterboxd_export.zip"],
        &["--critic", "Ana Field"],
        [4, 5, 0],
        REVIEWS,
        &[
            "(1998,40,)",
            "(2009,,)",
            "(2016,10,)",
            "(2021,90,)",
            "(2021,100,)",
        ],
    );
}

#[test]
fn lists_of_rotten_tomatoes_are_joined_by_their_ids() {
    assert_stored(
        &["rt2020_movies.csv", "rt2020_critic_reviews.csv"],
        &[],
        [1, 3, 2],
        REVIEWS,
        &["(2021,,t)", "(2021,70,t)", "(2021,25,f)"],
    );
    assert_stored(
        &["rt2023_movies.csv", "rt2023_movie_reviews.csv"],
        &[],
        [2, 4, 4],
        REVIEWS,
        &["(1998,,f)", "(1998,80,t)", "(1998,75,t)", "(2016,67,t)"],
    );
    assert_stored(
        &["fresh_rotten_none.csv"],
        &[],
        [1, 3, 0],
        "critic_id IS NULL, recommended, (SELECT external_id FROM film_external_id WHERE source = 'imdb')
         FROM review ORDER BY reviewed_on",
        &["(t,,tt9000001)", "(f,f,tt9000001)", "(f,t,tt9000001)"],
    );
}

#[test]
fn lists_of_films_give_published_scores_and_no_review() {
    assert_stored(
        &["rt_movies_years.csv"],
        &[],
        [3, 0, 6],
        SCORES,
        &[
            "(1998,rt,critics,49,100,)",
            "(1998,rt,public,60,100,)",
            "(2016,rt,critics,0,100,)",
            "(2016,rt,public,31,100,)",
            "(2021,rt,critics,67,100,)",
            "(2021,rt,public,80,100,)",
        ],
    );
    assert_stored(
        &["fandango.csv"],
        &[],
        [2, 0, 12],
        "year, source, value, scale FROM published_score JOIN film ON film.id = film_id
         WHERE year = 2021 ORDER BY source, audience",
        &[
            "(2021,fandango,90,5)",
            "(2021,imdb,78,10)",
            "(2021,metacritic,71,100)",
            "(2021,metacritic,71,10)",
            "(2021,rt,67,100)",
            "(2021,rt,80,100)",
        ],
    );
    assert_stored(
        &["tmdb_movies.csv"],
        &[],
        [1, 0, 1],
        SCORES,
        &["(2021,tmdb,public,72,10,1180)"],
    );
    assert_stored(
        &["metacritic_movies.csv"],
        &[],
        [2, 0, 2],
        "year, value, positive_count, mixed_count, negative_count
         FROM published_score JOIN film ON film.id = film_id ORDER BY year",
        &["(1998,95,15,0,0)", "(2021,71,8,2,1)"],
    );
    assert_stored(
        &["douban.csv"],
        &[],
        [1, 0, 1],
        SCORES,
        &["(2021,douban,public,79,10,1024)"],
    );
}

#[test]
fn reviews_of_series_are_left_out_and_counted() {
    let Some((workspace, output)) = imported(&["metacritic_critic_reviews.csv"], &[]) else {
        return;
    };
    assert!(
        output.contains("left out: 1 × reviews of series"),
        "{output}"
    );
    assert_eq!(
        workspace.rows("score, original_score FROM review"),
        ["(80,80/100)"]
    );
    assert_stored(
        &["imdb_ratings.csv"],
        &[],
        [2, 2, 2],
        REVIEWS,
        &["(1990,90,)", "(2020,60,)"],
    );
}

#[test]
fn one_name_in_a_byline_is_the_critic() {
    assert_stored(
        &["news_reviews.csv"],
        &[],
        [2, 2, 0],
        "critic.name, byline FROM review LEFT JOIN critic ON critic.id = critic_id ORDER BY reviewed_on",
        &[
            "(\"Ana Field\",\"Ana Field\")",
            "(,\"By Ana Field and Ben Rook\")",
        ],
    );
}

#[test]
fn tables_of_people_are_read_or_refused_with_the_remedy() {
    assert_stored(
        &["months.csv"],
        &["--dates", "dmy"],
        [1, 4, 0],
        REVIEWS,
        &["(2021,80,)", "(2021,83,)", "(2021,50,)", "(2021,75,)"],
    );
    assert_stored(
        &["decimal_comma.csv"],
        &["--as", "films"],
        [2, 0, 0],
        "year FROM film ORDER BY year",
        &["(1998)", "(2021)"],
    );
    assert_stored(
        &["decimal_comma.csv"],
        &["--bare-scores-out-of", "10"],
        [2, 2, 0],
        REVIEWS,
        &["(1998,61,)", "(2021,87,)"],
    );
    assert_stored(
        &["array.json"],
        &[],
        [1, 2, 0],
        REVIEWS,
        &["(2021,80,)", "(2021,83,)"],
    );
    assert_stored(&["excel_sep.csv"], &[], [1, 1, 0], REVIEWS, &["(2021,80,)"]);
    for (name, remedy) in [
        ("semicolon_fr.csv", "--as films reads the rows as films"),
        ("no_header.csv", "--no-header"),
        ("months.csv", "--dates dmy, mdy or ymd"),
        ("decimal_comma.csv", "--as films reads the rows as films"),
        ("letterboxd_ratings.csv", "--critic NAME says who"),
    ] {
        let Some(file) = shared_file(&format!("data/layouts/{name}")) else {
            return;
        };
        let workspace = Workspace::empty();
        let result = workspace.run(&["import", file.to_str().unwrap()]);
        assert_eq!(result.status.code(), Some(1), "{name}: {result:?}");
        assert!(
            result.stderr.contains(remedy) || result.stdout.contains(remedy),
            "{name}: {result:?}"
        );
        assert!(workspace.counts().starts_with("films 0, "), "{name}");
    }
}
