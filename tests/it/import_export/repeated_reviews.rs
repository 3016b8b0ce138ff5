//! Imports of several reviews of a film by one critic: the film's label counts the critic once.

use super::Workspace;

const HEADER: &str = "source,external_id,film,critic,publication,score\n";

/// Returns the number of repeated reviews of each film that has any.
fn repeated(workspace: &Workspace) -> Vec<String> {
    workspace.rows("slug, repeated FROM film JOIN film_tally ON film_id = film.id WHERE repeated > 0 ORDER BY slug")
}

#[test]
fn an_import_counts_each_critic_of_a_film_once() {
    let workspace = Workspace::empty();
    let first = "wire,1,Lantern,Ann,Post,50\nwire,2,Lantern,Ann,Herald,60\nwire,3,Lantern,Ann,,70\nwire,4,Lantern,Bo,,80\nwire,5,Lantern,,,90\nwire,6,Lantern,,,90\n";
    workspace.csv(&format!("{HEADER}{first}"));
    assert_eq!(repeated(&workspace), ["(lantern,2)"]);
    workspace.assert_tallies();
    // The same again, with reviews that move to another film and to another critic, and with new ones.
    let second = first
        .replace("wire,2,Lantern", "wire,2,Moth")
        .replace("wire,4,Lantern,Bo", "wire,4,Lantern,Ann");
    workspace.csv(&format!(
        "{HEADER}{second}wire,7,Moth,Ann,Post,10\nwire,8,Moth,Ann,,10\n"
    ));
    assert_eq!(repeated(&workspace), ["(lantern,2)", "(moth,2)"]);
    workspace.assert_tallies();
    // No critic has several reviews of a film any more.
    let third = first
        .replace("Ann,Herald", "Cy,Herald")
        .replace("Ann,,", "Di,,");
    workspace.csv(&format!(
        "{HEADER}{third}wire,7,Moth,Bo,Post,10\nwire,8,Moth,,,10\n"
    ));
    assert_eq!(repeated(&workspace), [""; 0]);
    workspace.assert_tallies();
    // A dry run changes nothing.
    workspace
        .import(
            "rows.csv",
            format!("{HEADER}wire,9,Moth,Bo,,10\n"),
            &["--dry-run"],
        )
        .output();
    assert_eq!(repeated(&workspace), [""; 0]);
    workspace.assert_tallies();
}

#[test]
fn critics_with_several_reviews_that_a_mutation_would_refuse_are_named() {
    let workspace = Workspace::empty();
    let rows = "film,critic,publication,score\nLantern,Ann,Post,50\nLantern,Ann,Herald,60\nLantern,Bo,Post,70\nMoth,Ann,Post,80\n";
    let warning = "warning: 1 × a critic has several reviews of a film, of which a mutation allows one unless the site rule \
         `moreReviewsPerCritic` is set: \"Ann\" of \"Lantern\" (2)";
    let output = workspace.import("rows.csv", rows, &[]).output();
    assert!(output.lines().any(|line| line == warning), "{output}");
    // Reviews of a source are not compared.
    let of_source = rows
        .replace("film,", "source,film,")
        .replace("\nLantern", "\nwire,Lantern")
        .replace("\nMoth", "\nwire,Moth");
    let output = workspace.import("rows.csv", of_source, &[]).output();
    assert!(!output.contains("several reviews"), "{output}");
    workspace
        .session
        .execute("UPDATE site_rules SET more_reviews_per_critic = true");
    let output = workspace.import("rows.csv", rows, &[]).output();
    assert!(!output.contains("several reviews"), "{output}");
}

#[test]
fn new_names_that_are_similar_to_others_are_listed() {
    let workspace = Workspace::empty();
    workspace.csv("film,film_year,critic,score\nAmélie,2001,Renée Dubois,50\n");
    let rows = "film,film_year,critic,score\nAmelie,2001,renee-dubois,60\nAmelie,2030,Bo,60\nAmélie,2001,renée  DUBOIS,70\n";
    let output = workspace.import("rows.csv", rows, &[]).output();
    let similar: Vec<_> = output
        .lines()
        .filter(|line| line.contains(" is new; "))
        .collect();
    assert_eq!(
        similar,
        [
            "  film \"Amelie\" is new; similar to \"Amélie\" (amelie-2001)",
            "  critic \"renee-dubois\" is new; similar to \"Renée Dubois\" (renee-dubois)",
        ],
        "{output}"
    );
    let output = workspace.import("rows.csv", rows, &[]).output();
    assert!(!output.contains(" is new; "), "{output}");
}
