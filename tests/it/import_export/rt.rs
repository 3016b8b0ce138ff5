//! `import rt`, with two small lists that have every peculiarity of the large ones.

mod updates;
mod values;

use serde_json::{Value, json};

use super::{NO_ROWS, Workspace, assert_lines, fixture, import_error};

const LINE: [&str; 6] = [
    "import",
    "rt",
    "--films",
    "movies.csv",
    "--reviews",
    "reviews.csv",
];

/// The output of the import.
const OUTPUT: &str = "\
films: 6 new, 0 changed, 0 the same
critics: 5 new, 0 changed, 0 the same
publications: 3 new, 0 changed, 0 the same
published scores: 5 new, 0 changed, 0 the same
reviews: 15 new, 0 changed, 0 the same
rows: 21 read, 0 rejected
scores: 9 read: 5 fraction, 1 stars, 3 letter
scores not read: 1 with a bare number, such as \"7\" (reviews.csv line 13); the site rule `bareScoresOutOf` or --bare-scores-out-of sets the maximum
scores not read: 1 with more than its scale, such as \"5/4\" (reviews.csv line 15)
scores not read: 1 with words, such as \"Half Price\" (reviews.csv line 10)
scores not read: 1 with a form that fits no rule, such as \"3.5.5\" (reviews.csv line 19)
warning: 4 × url is not of the form http(s)://host… and was ignored (movies.csv line 4, movies.csv line 8, reviews.csv line 3, …)
warning: 2 × the date is a placeholder for an unknown date and was ignored (reviews.csv line 3, reviews.csv line 8)
unused columns were not read: \"audience_score\", \"isRtUrl\"
stored
";

fn lists() -> Workspace {
    let workspace = Workspace::empty();
    workspace.write("movies.csv", fixture("rt/movies.csv"));
    workspace.write("reviews.csv", fixture("rt/reviews.csv"));
    workspace
}

/// Returns the stored rows without their keys.
fn stored(workspace: &Workspace) -> Vec<String> {
    workspace.rows(
        "film.title, film.year, film.url, critic.name, critic.url AS page, publication.name AS paper, publication.url AS home,
            review.external_id, score, original_score, score_rule, sentiment, recommended, top_critic, byline, excerpt,
            review.url AS address, reviewed_on
         FROM review JOIN film ON film.id = film_id LEFT JOIN critic ON critic.id = critic_id
         LEFT JOIN publication ON publication.id = publication_id ORDER BY length(review.external_id), review.external_id",
    )
}

#[test]
fn both_lists_are_stored_and_unusable_values_are_counted() {
    let workspace = lists();
    assert_eq!(workspace.run(&LINE).output(), OUTPUT);
    assert_eq!(
        workspace.counts(),
        "films 6, critics 5, publications 3, reviews 15, scores 5, ids 11, revisions 0"
    );
    workspace.assert_tallies();
}

#[test]
fn the_share_of_fresh_reviews_equals_the_published_score() {
    let workspace = lists();
    workspace.run(&LINE).output();
    let data = workspace.query(
        "{ films(first: 10) { nodes { slug score { percentRecommended }
            publishedScores { source kind value label agrees } } } }",
    );
    let films = data["films"]["nodes"].as_array().unwrap();
    let published = |film: &Value| film["publishedScores"][0]["value"].clone();
    for film in films {
        let slug = film["slug"].as_str().unwrap();
        let ours = &film["score"]["percentRecommended"];
        match slug {
            "unseen" => assert_eq!((ours, published(film)), (&json!(100), Value::Null)),
            // The published score of this film differs from its reviews in the list.
            "the-salt-road-2016" => assert_eq!((ours, published(film)), (&json!(67), json!(60))),
            _ => assert_eq!(*ours, published(film), "{slug}"),
        }
        if slug != "unseen" {
            let agrees = slug != "the-salt-road-2016";
            let value = published(film);
            assert_eq!(
                film["publishedScores"],
                json!([{ "source": "rt", "kind": "PERCENT_RECOMMENDED", "value": value, "label": null, "agrees": agrees }])
            );
        }
    }
    assert_eq!(films.len(), 6);
}

#[test]
fn contradictory_and_orphaned_rows_are_reported_with_list_and_line() {
    let workspace = lists();
    let reviews = fixture("rt/reviews.csv")
        .replace("r1,f1", "r1,f9")
        .replace("r6,f2", ",f2")
        .replace(
            "fresh,True,False,False,False,/critics/source/3,Lantern,https://lantern.example/7",
            "fresh,False,True,False,False,,,",
        )
        .replace("r12,f5,2020-03-04,Dov Lind", "r12,f5,2020-03-04,")
        .replace("2016-09-03", "autumn 2016")
        .replace("r14,f6", "r13,f6");
    workspace.write("reviews.csv", reviews);
    workspace.write(
        "movies.csv",
        fixture("rt/movies.csv").replace("2004,boom", "204,boom"),
    );
    let result = workspace.run(&LINE);
    let is_row = |line: &&str| line.contains(".csv, line ");
    assert_eq!(
        import_error(&result)
            .lines()
            .filter(is_row)
            .collect::<Vec<_>>(),
        [
            "  movies.csv, line 4: movieYear: must be a whole number from 1870 to 2200, not \"204\"",
            "  reviews.csv, line 10: reviewId: is blank, but every review needs an id",
            "  reviews.csv, line 11: reviewState: reviewState, isFresh and isRotten contradict each other",
            "  reviews.csv, line 16: criticName: is blank, but criticPageUrl names a critic",
            "  reviews.csv, line 19: creationDate: must be a date of the form YYYY-MM-DD, not \"autumn 2016\"",
        ]
    );
    assert_eq!(workspace.counts(), NO_ROWS);

    let result = workspace.run(&[&LINE[..], &["--skip-bad-rows"]].concat());
    assert_lines(
        &result.output(),
        &[
            "reviews: 7 new, 0 changed, 0 the same",
            "rows: 21 read, 9 rejected",
        ],
    );
    let (reasons, _) = workspace.rejected_rows("rejected.csv");
    for line in [
        "reviews.csv, line 2: film: no film has the id 'f9'",
        "reviews.csv, line 12: film: no film has the id 'f3'",
        "reviews.csv, line 18: external_id: a review with this id is already in line 17",
    ] {
        assert!(
            reasons.iter().any(|reason| reason == line),
            "no {line:?} in {reasons:?}"
        );
    }
    workspace.assert_tallies();
}
