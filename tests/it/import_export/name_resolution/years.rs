//! Films and titles without a year.

use std::{collections::BTreeMap, fmt::Write as _};

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};

use crate::import_export::{Workspace, assert_lines};

const FILMS: &str = "slug, title, year, version FROM film ORDER BY id";

#[test]
fn a_film_without_a_year_is_that_of_its_title_with_a_year_and_gets_it() {
    let workspace = Workspace::empty();
    workspace.csv("film,critic\nLantern,Ann Lee\nQUAY,Ann Lee\n");
    let dated = "film,film_year,critic\nLantern,2001,Bo Marsh\nQuay,1950,Bo Marsh\nQuay,,Cy Dale\n";
    let output = workspace.csv(dated);
    assert_lines(
        &output,
        &[
            "films: 0 new, 2 changed, 0 the same",
            "reviews: 3 new, 0 changed, 0 the same",
            "  film \"Quay\" → \"QUAY\", 2 reviews",
        ],
    );
    assert_eq!(
        workspace.rows(FILMS),
        ["(lantern,Lantern,2001,2)", "(quay,QUAY,1950,2)"]
    );
    let again = workspace.csv(dated);
    assert_lines(&again, &["films: 0 new, 0 changed, 2 the same"]);
    // Now it has a year, so another one is that of another film.
    workspace.csv("film,film_year,critic\nLantern,2019,Cy Dale\n");
    assert_eq!(
        workspace.rows("slug, year FROM film ORDER BY id"),
        ["(lantern,2001)", "(quay,1950)", "(lantern-2019,2019)"]
    );
    workspace.assert_tallies();
}

#[test]
fn a_description_and_a_year_change_a_film_once() {
    let workspace = Workspace::empty();
    workspace.csv("film,critic\nLantern,Ann Lee\n");
    let output = workspace.csv(
        "kind,film,film_year,runtime_minutes,critic\nfilm,Lantern,,101,\n,Lantern,2001,,Bo Marsh\n",
    );
    assert_lines(&output, &["films: 0 new, 1 changed, 0 the same"]);
    assert_eq!(
        workspace.rows("slug, year, runtime_minutes FROM film"),
        ["(lantern,2001,101)"]
    );
}

#[test]
fn a_film_without_a_year_keeps_none_if_rows_have_two() {
    let workspace = Workspace::empty();
    workspace.csv("film,critic\nLantern,Ann Lee\n");
    for rows in [
        "Lantern,2001,Bo Marsh\nLANTERN,1940,Cy Dale\n",
        "LANTERN,1940,Cy Dale\nLantern,2001,Bo Marsh\n",
    ] {
        workspace.csv(&format!("film,film_year,critic\n{rows}"));
        assert_eq!(
            workspace.rows("title, year FROM film ORDER BY year"),
            ["(LANTERN,1940)", "(Lantern,2001)", "(Lantern,)"]
        );
    }
}

#[test]
fn a_film_without_a_year_gets_that_of_a_row_with_an_id() {
    let workspace = Workspace::empty();
    workspace.csv("film,critic\nLantern,Ann Lee\n");
    workspace.csv("kind,film,film_year,external_ids\nfilm,Lantern,2001,imdb:tt0000007\n");
    assert_eq!(
        workspace
            .rows("slug, year, external_id FROM film JOIN film_external_id ON film_id = film.id"),
        ["(lantern,2001,tt0000007)"]
    );
}

#[test]
fn a_rejected_row_gives_no_year() {
    let workspace = Workspace::empty();
    workspace.csv("film,critic_slug,critic\nLantern,ann-one,Ann Lee\nLantern,ann-two,Ann Lee\n");
    let rows = "film,film_year,critic\nLantern,2001,Ann Lee\n";
    let output = workspace
        .import("rows.csv", rows, &["--skip-bad-rows"])
        .output();
    assert_lines(&output, &["films: 0 new, 0 changed, 1 the same"]);
    assert_eq!(workspace.rows(FILMS), ["(lantern,Lantern,,1)"]);
}

/// A row: the number of its title, and that of its year. Each has a critic of its own.
type Row = (usize, usize);

const TITLES: [&str; 4] = ["Lantern", "LANTERN", "Quay", "Glass Meadow"];
const YEARS: [&str; 3] = ["", "1940", "2001"];

fn text(rows: &[(usize, Row)]) -> String {
    let mut text = "film,film_year,critic\n".to_owned();
    for (critic, (title, year)) in rows {
        let _ = writeln!(text, "{},{},Critic {critic}", TITLES[*title], YEARS[*year]);
    }
    text
}

/// Imports rows after others, and returns the critics and the year of each film.
fn import(first: &[(usize, Row)], then: &[(usize, Row)]) -> Vec<(Vec<String>, String)> {
    let workspace = Workspace::empty();
    for (rows, rejects) in [(first, "first.csv"), (then, "then.csv")] {
        let options = ["--skip-bad-rows", "--rejects", rejects];
        workspace.import("rows.csv", text(rows), &options).output();
    }
    let mut films: BTreeMap<String, (Vec<String>, String)> = BTreeMap::new();
    for row in workspace.rows(
        "film.id, coalesce(year, 0), replace(critic.name, ' ', '') FROM review
         JOIN film ON film.id = film_id JOIN critic ON critic.id = critic_id ORDER BY critic.name",
    ) {
        let mut cells = row.trim_matches(['(', ')']).split(',').map(str::to_owned);
        let [id, year, critic] = [(); 3].map(|()| cells.next().unwrap());
        let (critics, _) = films.entry(id).or_insert_with(|| (Vec::new(), year));
        critics.push(critic);
    }
    workspace.assert_tallies();
    let mut films: Vec<_> = films.into_values().collect();
    films.sort();
    films
}

#[test]
fn the_order_of_the_rows_does_not_matter() {
    let rows = |count| prop::collection::vec((0..TITLES.len(), 0..YEARS.len()), count);
    let strategy = (rows(0..4), rows(1..6)).prop_flat_map(|(first, then)| {
        let first: Vec<_> = first.into_iter().enumerate().collect();
        let then: Vec<_> = (10..).zip(then).collect();
        (
            Just(first.clone()),
            Just(then.clone()),
            Just(first).prop_shuffle(),
            Just(then).prop_shuffle(),
        )
    });
    let mut runner = TestRunner::deterministic();
    for _ in 0..12 {
        let (first, then, other_first, other_then) =
            strategy.new_tree(&mut runner).unwrap().current();
        assert_eq!(
            import(&first, &then),
            import(&other_first, &other_then),
            "{first:?}, then {then:?}; and {other_first:?}, then {other_then:?}"
        );
    }
}
