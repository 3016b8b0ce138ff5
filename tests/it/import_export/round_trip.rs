//! The round trip of exports. A catalogue that is exported, imported into an empty database and exported again is
//! identical to the byte. Imported into its own database, it changes nothing.

use super::Workspace;
use crate::support::shared_file;

/// Asserts that both formats round-trip for the rows of a database.
fn assert_round_trip(workspace: &Workspace) {
    let tables = ["film", "critic", "publication", "review", "published_score"];
    let stored =
        || tables.map(|table| workspace.rows(&format!("id, updated_at FROM {table} ORDER BY id")));
    let before = stored();
    for format in ["csv", "jsonl"] {
        let name = format!("law.{format}");
        let export = ["export", format, "--output", &name];
        workspace.run(&export).output();
        let bytes = workspace.read(&name);
        assert!(!bytes.is_empty());

        let elsewhere = Workspace::empty();
        elsewhere.import(&name, &bytes, &[]).output();
        assert_eq!(
            workspace.counts().replace("revisions 1", "revisions 0"),
            elsewhere.counts()
        );
        elsewhere.assert_tallies();
        elsewhere.run(&export).output();
        assert_same(&bytes, &elsewhere.read(&name));

        let again = workspace.run(&["import", format, &name]).output();
        assert!(again.ends_with("nothing changed\n"), "{again}");
        assert_eq!(stored(), before);
        workspace.run(&export).output();
        assert_same(&bytes, &workspace.read(&name));
    }
}

/// Asserts that two texts are equal. Reports the first different line, since the texts may have thousands.
fn assert_same(one: &str, other: &str) {
    for (number, (line, its)) in (1..).zip(one.lines().zip(other.lines())) {
        assert_eq!(line, its, "line {number}");
    }
    assert_eq!(one.len(), other.len());
}

#[test]
fn the_demo_catalogue_round_trips() {
    assert_round_trip(&Workspace::demo());
}

#[test]
fn real_lists_round_trip() {
    let (Some(films), Some(reviews)) = (
        shared_file("data/rt_sample/movies.csv"),
        shared_file("data/rt_sample/critic_reviews.csv"),
    ) else {
        return;
    };
    let workspace = Workspace::empty();
    let [films, reviews] =
        [films, reviews].map(|path| path.canonicalize().unwrap().display().to_string());
    workspace
        .run(&["import", "rt", "--films", &films, "--reviews", &reviews])
        .output();
    assert_round_trip(&workspace);
}

/// Unusual values that can only be written with SQL.
const UNUSUAL_ROWS: &str = r#"
INSERT INTO film (slug, title, directors, genres, synopsis) VALUES
    ('odd', E'=1+1, "odd"; \\ [sic]', '{"a; b","[c","d \"e\"","  f"}', '{"[]"}', E'One.\n\n  Two,\tthree; "four".'),
    ('kurz', 'Kürz 灯台 🎬', '{}', '{}', NULL);
UPDATE film SET countries = '{"Dänemark; Faröer",[DK]}', cast_members = '{"Kim \"K\" Holt",Ida; Fern}',
    alternative_titles = '{"Odd [da]","[Rec]","Alien: x [da] [und]","Seltsam; sehr [de-CH]"}', poster_url = 'https://p.example/odd.jpg?w=1;2',
    poster_width = 400, poster_height = 600, poster_alt = 'A pier, "at dusk"' WHERE slug = 'odd';
INSERT INTO film_external_id (source, external_id, film_id)
    SELECT given.source, given.id, film.id FROM film, (VALUES ('imdb', 'tt:1;2'), ('x y', '"[')) AS given (source, id) WHERE slug = 'odd';
INSERT INTO publication (slug, name, weight) VALUES ('light', 'Light', 1), ('heavy', 'Heavy', 10000), ('odder', 'O,dder"', 150);
INSERT INTO critic (slug, name, url) VALUES ('one', 'Same Name', NULL), ('other', 'Same Name', 'https://a.example/?b=1&c=2');
INSERT INTO critic_external_id (source, external_id, critic_id)
    SELECT given.source, given.id, critic.id FROM critic, (VALUES ('rt', 'critics/one'), ('x y', 'a; b')) AS given (source, id) WHERE slug = 'one';
INSERT INTO published_score (film_id, source, kind, audience, value, scale, original_value, label, review_count, positive_count, mixed_count, negative_count)
    SELECT id, 'wire', 'score', 'critics', 61, NULL::integer, NULL, NULL, 3, 1, NULL::integer, 2 FROM film WHERE slug = 'odd' UNION ALL
    SELECT id, 'wire', 'score', 'public', 62, 10, '6,2', NULL, 3, NULL, NULL, NULL FROM film WHERE slug = 'odd' UNION ALL
    SELECT id, 'wire', 'percent_recommended', 'critics', NULL, NULL, NULL, 'Mostly, "liked"', NULL, NULL, NULL, NULL FROM film WHERE slug = 'odd' UNION ALL
    SELECT id, 'desk', 'score', 'public', 1, 1000, E'=9 "of" 1000', NULL, NULL, NULL, NULL, NULL FROM film WHERE slug = 'kurz';
INSERT INTO review (film_id, critic_id, publication_id, score, original_score, score_rule, sentiment, recommended, top_critic,
        byline, excerpt, url, reviewed_on, source, external_id)
    SELECT film.id, critic.id, publication.id, given.score, original, rule, given.sentiment, given.recommended, top, byline, excerpt,
        given.url, day, source, external_id
    FROM (VALUES
        ('odd', 'one', 'light', 70, '3.5/5', 'fraction', NULL, NULL, false, 'Same Name', E'Lines\nand "quotes", and ;', NULL, DATE '0001-01-01', NULL, NULL),
        ('odd', 'other', 'light', 12, '3.5/5', 'given', 'positive', false, true, 'Same, Name', NULL, 'http://a', DATE '9999-12-31', NULL, NULL),
        ('odd', 'one', NULL, 50, NULL, 'stars', NULL, true, false, 'one', '80', NULL, NULL, NULL, NULL),
        ('odd', NULL, 'heavy', NULL, '7', NULL, 'mixed', NULL, false, 'Staff', 'true', NULL, NULL, NULL, NULL),
        ('odd', NULL, NULL, 0, 'F', 'letter', NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL),
        ('odd', NULL, NULL, 100, 'A+', 'letter', NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL),
        ('odd', NULL, NULL, 0, 'F', 'letter', NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL),
        ('odd', NULL, 'odder', NULL, NULL, NULL, NULL, NULL, true, NULL, E'Two\n\nparts', NULL, NULL, 'a,b', '1'),
        ('odd', 'one', 'odder', NULL, NULL, NULL, NULL, NULL, false, 'S. Name', NULL, NULL, NULL, 'a', '10'),
        ('odd', 'one', 'odder', NULL, NULL, NULL, NULL, NULL, false, 'S. Name', NULL, NULL, NULL, 'a', '9'),
        ('kurz', 'one', 'odder', 81, '81%', 'percent', NULL, NULL, false, 'Same Name', '=cmd()', NULL, NULL, 'a', 'kurz')
    ) AS given (film, critic, publication, score, original, rule, sentiment, recommended, top, byline, excerpt, url, day, source, external_id)
    JOIN film ON film.slug = given.film LEFT JOIN critic ON critic.slug = given.critic
    LEFT JOIN publication ON publication.slug = given.publication;
"#;

#[test]
fn a_generated_catalogue_with_unusual_rows_round_trips() {
    let workspace = Workspace::empty();
    workspace
        .run(&[
            "generate",
            "--films=60",
            "--critics=40",
            "--publications=12",
            "--reviews=1500",
            "--seed=7",
        ])
        .output();
    workspace
        .session
        .execute(&UNUSUAL_ROWS.replace("\"  f\"", "f"));
    workspace
        .session
        .execute("UPDATE review SET excerpt = 'Mended.' WHERE external_id = '9'");
    assert_round_trip(&workspace);
}

/// Names of the maximum length, in letters whose slugs are longer than the names, and reviews that are identified by
/// such slugs.
#[test]
fn a_catalogue_of_the_longest_names_round_trips() {
    let workspace = Workspace::empty();
    let (title, critic, paper) = ("🎬".repeat(300), "Ж".repeat(300), "w".repeat(300));
    let rows = format!(
        "film,film_year,critic,publication,source,score,byline\n{title},2001,{critic},{paper},wire,80,\n\
         {title},2001,{critic},{paper},wire,60,\n{title},2001,,{paper},wire,70,{critic}\n"
    );
    workspace.csv(&rows);
    let again = workspace.csv(&rows);
    assert!(again.ends_with("nothing changed\n"), "{again}");
    assert_round_trip(&workspace);
}
