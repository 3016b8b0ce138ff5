//! Imports of reviews of publications with weights. The import states the weight of each new review, instead of the trigger
//! of other writers.

use super::Workspace;

const HEADER: &str = "kind,source,external_id,film,publication,weight,score\n";

fn weights(workspace: &Workspace) -> Vec<String> {
    workspace.rows("external_id, weight FROM review ORDER BY external_id")
}

#[test]
fn a_new_review_has_the_weight_that_its_publication_has_after_the_import() {
    let workspace = Workspace::empty();
    // A new publication with a weight, one without, and no publication.
    workspace.csv(&format!(
        "{HEADER}review,wire,1,Lantern,Post,,50\nreview,wire,2,Lantern,Herald,,60\nreview,wire,3,Lantern,,,70\n\
         publication,,,,Post,2.5,\n"
    ));
    assert_eq!(weights(&workspace), ["(1,250)", "(2,100)", "(3,100)"]);
    workspace.assert_tallies();
    // A stored publication whose weight the same file changes, and one that it only mentions.
    workspace.csv(&format!(
        "{HEADER}publication,,,,Herald,0.5,\nreview,wire,4,Lantern,Herald,,80\nreview,wire,5,Moth,Post,,90\n"
    ));
    assert_eq!(
        weights(&workspace),
        ["(1,250)", "(2,50)", "(3,100)", "(4,50)", "(5,250)"]
    );
    workspace.assert_tallies();
}
