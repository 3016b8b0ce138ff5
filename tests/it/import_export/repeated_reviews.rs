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
