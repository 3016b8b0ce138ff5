//! Slugs of films.

use crate::import_export::{NO_ROWS, Workspace, assert_lines, import_error};

#[test]
fn an_unknown_slug_is_rejected_without_a_name_and_created_with_one() {
    let workspace = Workspace::empty();
    let result = workspace.import(
        "rows.csv",
        "film_slug,critic_slug,publication_slug\nnobody-knows,no-critic,no-paper\n",
        &[],
    );
    assert_eq!(
        import_error(&result).lines().skip(1).collect::<Vec<_>>(),
        [
            "  rows.csv, line 2: critic: no critic has the slug 'no-critic', and no row gives its name",
            "  rows.csv, line 2: film: no film has the slug 'nobody-knows', and no row gives its title",
            "  rows.csv, line 2: publication: no publication has the slug 'no-paper', and no row gives its name",
        ]
    );
    assert_eq!(workspace.counts(), NO_ROWS);
    // Any row may contain the name.
    workspace.csv(
        "film_slug,film,film_year,critic_slug,critic,byline\nown-slug,,,,,Staff\nown-slug,Lantern,2001,own-critic,Ann Lee,\n",
    );
    assert_eq!(
        workspace.rows("slug, title, year FROM film"),
        ["(own-slug,Lantern,2001)"]
    );
    assert_eq!(
        workspace.rows("slug, name FROM critic"),
        [r#"(own-critic,"Ann Lee")"#]
    );
}

#[test]
fn new_films_get_unused_slugs() {
    let workspace = Workspace::empty();
    workspace.csv("film,critic\nWho?,A\nWho!,A\nWho 2,A\nWho,A\nWho?,B\n");
    assert_eq!(
        workspace.rows("title, slug FROM film ORDER BY slug"),
        [
            "(Who?,who)",
            "(Who!,who-2)",
            r#"("Who 2",who-2-2)"#,
            "(Who,who-3)"
        ],
        "each title has a film with a unique slug"
    );
    // Import again with these slugs in use, and two more films.
    let output = workspace.csv("film,critic\n¿Who,A\nWho!!,A\nWho 2,A\nWho-3,A\n");
    assert_lines(&output, &["films: 3 new, 0 changed, 1 the same"]);
    let slugs = workspace.rows("slug FROM film ORDER BY id");
    assert_eq!(slugs.len(), 7);
    assert_eq!(
        workspace.rows("title, count(*) FROM film JOIN review ON film_id = film.id WHERE title = 'Who 2' GROUP BY title"),
        [r#"("Who 2",1)"#],
        "a second review of the film by A updates the first"
    );
    workspace
        .csv("kind,critic,publication\ncritic,A.,\ncritic,a!,\npublication,,A\npublication,,A?\n");
    assert_eq!(
        workspace.rows("slug FROM critic ORDER BY slug"),
        ["(a)", "(a-2)", "(a-3)", "(b)"]
    );
    assert_eq!(
        workspace.rows("slug FROM publication ORDER BY slug"),
        ["(a)", "(a-2)"]
    );
}

#[test]
fn many_films_with_the_same_title_get_unique_slugs() {
    let workspace = Workspace::empty();
    let rows: Vec<String> = (0..400)
        .map(|number| format!("Quay{},Dim.", "!".repeat(number % 250 + 1 + number / 250)))
        .collect();
    workspace.csv(&format!("film,quote\n{}\n", rows.join("\n")));
    let slugs = "count(DISTINCT slug) = count(*) AND bool_and(slug ~ '^quay(-[0-9]+)?$')";
    assert_eq!(
        workspace.value(&format!("SELECT ({slugs})::text AS value FROM film")),
        "true"
    );
}
