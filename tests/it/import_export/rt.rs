//! `import rt`, with two small lists that have every peculiarity of the large ones.

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
scores not read: 1 with a bare number, such as \"7\"
scores not read: 1 with more than its scale, such as \"5/4\"
scores not read: 1 with words, such as \"Half Price\"
scores not read: 1 with a form that fits no rule, such as \"3.5.5\"
warning: 4 × url is not of the form http(s)://host… and was ignored
warning: 2 × the date is a placeholder for an unknown date and was ignored
unused columns were not read: \"audience_score\", \"isRtUrl\"
stored
";

fn lists() -> Workspace {
    let trial = Workspace::empty();
    trial.write("movies.csv", fixture("rt/movies.csv"));
    trial.write("reviews.csv", fixture("rt/reviews.csv"));
    trial
}

/// Returns the stored rows without their keys.
fn stored(trial: &Workspace) -> Vec<String> {
    trial.rows(
        "film.title, film.year, film.url, critic.name, critic.url AS page, publication.name AS paper, publication.url AS home,
            review.external_id, score, original_score, score_rule, sentiment, recommended, top_critic, byline, excerpt,
            review.url AS address, reviewed_on
         FROM review JOIN film ON film.id = film_id LEFT JOIN critic ON critic.id = critic_id
         LEFT JOIN publication ON publication.id = publication_id ORDER BY length(review.external_id), review.external_id",
    )
}

#[test]
fn both_lists_are_stored_and_unusable_values_are_counted() {
    let trial = lists();
    assert_eq!(trial.run(&LINE).output(), OUTPUT);
    assert_eq!(
        trial.counts(),
        "films 6, critics 5, publications 3, reviews 15, scores 5, ids 11, revisions 0"
    );
    trial.assert_tallies();
}

#[test]
fn importing_again_changes_nothing() {
    let trial = lists();
    trial.run(&LINE).output();
    let tables = [
        "film",
        "critic",
        "publication",
        "review",
        "published_score",
        "film_tally",
    ];
    let all = || tables.map(|table| trial.rows(&format!("* FROM {table}")));
    let before = all();
    let again = OUTPUT.replace("stored\n", "nothing changed\n");
    let again = again
        .lines()
        .map(|line| match line.split_once(" new, 0 changed, 0 ") {
            Some((kind, rest)) => {
                let (kind, count) = kind.split_once(": ").unwrap();
                format!("{kind}: 0 new, 0 changed, {count} {rest}\n")
            }
            None => format!("{line}\n"),
        });
    assert_eq!(trial.run(&LINE).output(), again.collect::<String>());
    assert_eq!(all(), before);
}

#[test]
fn texts_are_unescaped_once_and_trimmed_with_their_line_breaks() {
    let trial = lists();
    trial.run(&LINE).output();
    let text = |sql: &str| trial.value(&format!("SELECT {sql}"));
    for (id, excerpt) in [
        ("r1", "Dust, salt & patience: the road does the acting."),
        ("r2", "Two lines\nof verse,\n\nand then a third."),
        ("r4", "Salt without the &amp; road."),
        ("r7", "Fog \"thick as soup\" — and as warming."),
    ] {
        let found = text(&format!(
            "excerpt AS value FROM review WHERE external_id = '{id}'"
        ));
        assert_eq!(found, excerpt);
    }
    assert_eq!(
        text("string_agg(title, '|' ORDER BY id) AS value FROM film"),
        "The Salt Road|The Salt Road|Fish & Fog|Night Ferry|Unseen|The Salt Road"
    );
    assert_eq!(
        text("string_agg(name, '|' ORDER BY id) AS value FROM publication"),
        "Harbour Post|Tide & Time|Lantern"
    );
    // In a URL, `&copy` is no entity, but `&amp;` is.
    assert_eq!(
        text("url AS value FROM review WHERE external_id = 'r4'"),
        "https://harbour.example/4?a=1&copy=2"
    );
    assert_eq!(
        text("url AS value FROM film WHERE title = 'Night Ferry'"),
        "https://films.example/m/night_ferry?a=1&copy=2"
    );
}

#[test]
fn blanks_placeholders_and_invalid_urls_become_null() {
    let trial = lists();
    trial.run(&LINE).output();
    let ids = |condition: &str| {
        let list = "string_agg(external_id, ' ' ORDER BY length(external_id), external_id)";
        trial.value(&format!(
            "SELECT coalesce({list}, '') AS value FROM review WHERE {condition}"
        ))
    };
    assert_eq!(ids("reviewed_on IS NULL"), "r2 r4");
    assert_eq!(ids("url IS NULL"), "r2 r3 r12");
    assert_eq!(ids("excerpt IS NULL"), "r5");
    assert_eq!(ids("critic_id IS NULL"), "r5");
    assert_eq!(ids("publication_id IS NULL"), "r11 r12");
    assert_eq!(ids("original_score IS NULL"), "r5 r12");
    assert_eq!(ids("score IS NULL"), "r5 r6 r9 r11 r12 r15");
    assert_eq!(ids("top_critic"), "r1 r4 r10 r13");
    // A date before the film's year is accepted.
    assert_eq!(ids("reviewed_on = '1950-01-01'"), "r11");
    assert_eq!(
        trial.rows("title FROM film WHERE url IS NULL AND year IS DISTINCT FROM 2016 ORDER BY id"),
        [r#"("Fish & Fog")"#, "(Unseen)"]
    );
}

#[test]
fn films_of_one_title_and_critics_of_one_name_stay_apart() {
    let trial = lists();
    trial.run(&LINE).output();
    assert_eq!(
        trial.rows(
            "slug, external_id, (SELECT count(*) FROM review WHERE film_id = film.id)
             FROM film JOIN film_external_id ON film_id = film.id WHERE title = 'The Salt Road' ORDER BY external_id"
        ),
        ["(the-salt-road-1998,f1,3)", "(the-salt-road-1998-2,f2,3)", "(the-salt-road-2016,f6,3)"]
    );
    assert_eq!(
        trial.rows(
            "slug, url, external_id, (SELECT count(*) FROM review WHERE critic_id = critic.id)
             FROM critic JOIN critic_external_id ON critic_id = critic.id WHERE name = 'Ada Quill' ORDER BY slug"
        ),
        [
            "(ada-quill,https://www.rottentomatoes.com/critics/ada-quill,/critics/ada-quill,4)",
            "(ada-quill-2,https://www.rottentomatoes.com/critics/ada-quill-2,/critics/ada-quill-2,1)",
        ]
    );
    // A critic of two publications is one critic.
    assert_eq!(
        trial.rows("count(*) FROM critic WHERE name = 'Ben Marsh'"),
        ["(1)"]
    );
}

#[test]
fn columns_may_have_any_order_and_lines_may_end_with_crlf() {
    let (plain, shuffled) = (lists(), Workspace::empty());
    plain.run(&LINE).output();
    for name in ["movies.csv", "reviews.csv"] {
        let text = reversed(&fixture(&format!("rt/{name}")));
        shuffled.write(name, text.replace('\n', "\r\n"));
    }
    let output = shuffled.run(&LINE).output();
    assert_eq!(output, OUTPUT);
    assert_eq!(stored(&shuffled), stored(&plain));
}

/// Returns the list with its columns in reverse order.
fn reversed(text: &str) -> String {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in reader.records() {
        let record = record.unwrap();
        let fields: Vec<_> = record.iter().collect();
        writer.write_record(fields.into_iter().rev()).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn the_share_of_fresh_reviews_equals_the_published_score() {
    let trial = lists();
    trial.run(&LINE).output();
    let data = trial.query(
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
fn changed_rows_are_updated_with_a_revision() {
    let trial = lists();
    trial.run(&LINE).output();
    let films = fixture("rt/movies.csv")
        .replace("f6,The Salt Road,2016", "f6,The Salt Road II,2017")
        .replace("60%", "67%");
    let reviews = fixture("rt/reviews.csv").replace("8/10", "9/10").replace(
        "/critics/cleo-ost,rotten,False,True,False,False,/critics/source/2",
        "/critics/cleo-ost,fresh,True,False,False,False,/critics/source/2",
    );
    trial.write("movies.csv", films);
    trial.write("reviews.csv", reviews);
    let output = trial.run(&LINE).output();
    assert_lines(
        &output,
        &[
            "films: 0 new, 1 changed, 5 the same",
            "critics: 0 new, 0 changed, 5 the same",
            "published scores: 0 new, 1 changed, 4 the same",
            "reviews: 0 new, 2 changed, 13 the same",
        ],
    );
    assert_eq!(
        trial.rows(
            "external_id, score, recommended, replaced_by FROM review_revision ORDER BY external_id"
        ),
        [r#"(r13,80,t,"import rt")"#, r#"(r15,,f,"import rt")"#]
    );
    assert_eq!(
        trial.rows("slug, title, year FROM film WHERE id = 6"),
        [r#"(the-salt-road-2016,"The Salt Road II",2017)"#]
    );
    trial.assert_tallies();
}

#[test]
fn contradictory_and_orphaned_rows_are_reported_with_list_and_line() {
    let trial = lists();
    let reviews = fixture("rt/reviews.csv")
        .replace("r1,f1", "r1,f9")
        .replace("r6,f2", ",f2")
        .replace(
            "fresh,True,False,False,False,/critics/source/3,Lantern,https://lantern.example/7",
            "fresh,False,True,False,False,,,",
        )
        .replace("r12,f5,2020-03-04,Dov Lind", "r12,f5,2020-03-04,")
        .replace("2016-09-03", "3 Sep 2016")
        .replace("r14,f6", "r13,f6");
    trial.write("reviews.csv", reviews);
    trial.write(
        "movies.csv",
        fixture("rt/movies.csv").replace("2004,boom", "204,boom"),
    );
    let done = trial.run(&LINE);
    assert_eq!(
        import_error(&done).lines().skip(1).collect::<Vec<_>>(),
        [
            "  movies.csv, line 4: movieYear: must be a whole number from 1870 to 2200, not \"204\"",
            "  reviews.csv, line 10: reviewId: is blank, but every review needs an id",
            "  reviews.csv, line 11: reviewState: reviewState, isFresh and isRotten contradict each other",
            "  reviews.csv, line 16: criticName: is blank, but criticPageUrl names a critic",
            "  reviews.csv, line 19: creationDate: must be a date of the form YYYY-MM-DD, not \"3 Sep 2016\"",
        ]
    );
    assert_eq!(trial.counts(), NO_ROWS);

    let done = trial.run(&[&LINE[..], &["--skip-bad-rows"]].concat());
    assert_lines(
        &done.output(),
        &[
            "reviews: 7 new, 0 changed, 0 the same",
            "rows: 21 read, 9 rejected",
        ],
    );
    let (reasons, _) = trial.rejected_rows("rejected.csv");
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
    trial.assert_tallies();
}

#[test]
fn a_film_and_a_critic_that_are_there_already_are_taken_for_the_same_once() {
    let trial = lists();
    trial.csv("kind,film,film_year,critic\nfilm,Night Ferry,1961,\nfilm,The Salt Road,1998,\ncritic,,,Cleo Ost\ncritic,,,Ada Quill\n");
    let output = trial.run(&LINE).output();
    // The list has two films called The Salt Road (1998) and two critics called Ada Quill, so a match by name is
    // ambiguous.
    assert_lines(
        &output,
        &[
            "films: 5 new, 1 changed, 0 the same",
            "critics: 4 new, 0 changed, 1 the same",
        ],
    );
    assert_eq!(
        trial.rows("film.slug FROM film LEFT JOIN film_external_id ON film_id = film.id WHERE external_id IS NULL"),
        ["(the-salt-road-1998)"]
    );
    let again = trial.run(&LINE).output();
    assert!(again.ends_with("nothing changed\n"), "{again}");
    trial.assert_tallies();
}

#[test]
fn values_without_a_column_in_the_list_are_retained() {
    let trial = lists();
    trial.run(&LINE).output();
    let before = stored(&trial);
    trial.write(
        "movies.csv",
        columns(&fixture("rt/movies.csv"), &["movieTitle", "movieId"]),
    );
    let selected = ["reviewState", "movieId", "reviewId"];
    trial.write(
        "reviews.csv",
        columns(&fixture("rt/reviews.csv"), &selected),
    );
    let output = trial.run(&LINE).output();
    assert!(output.ends_with("nothing changed\n"), "{output}");
    assert_eq!(stored(&trial), before);
}

/// Returns a list with only some of its columns, in this order.
fn columns(list: &str, selected: &[&str]) -> Vec<u8> {
    let mut reader = csv::Reader::from_reader(list.as_bytes());
    let header = reader.headers().unwrap().clone();
    let places: Vec<usize> = selected
        .iter()
        .map(|name| header.iter().position(|column| column == *name).unwrap())
        .collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(selected).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        writer
            .write_record(places.iter().map(|place| &record[*place]))
            .unwrap();
    }
    writer.into_inner().unwrap()
}
