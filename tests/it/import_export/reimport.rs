//! Re-imports: unchanged rows are left alone, and changed rows are updated with a revision of the previous state.

use super::{Workspace, assert_lines};

/// Rows without a source: with and without a critic or publication, and two that are identical.
const WITHOUT_SOURCE: &str = "\
film,critic,publication,score,byline,excerpt
Lantern,Ann Lee,Post,80,,Bright.
Lantern,Ann Lee,Herald,70,,Bright.
Lantern,Ann Lee,,60,,
Lantern,,Post,55,Night Desk,Dim.
Lantern,,,,,Dim.
Lantern,,,40,,Dim.
Lantern,,Herald,,,
";

fn assert_unchanged(workspace: &Workspace, text: &str, reviews: &str) {
    let output = workspace.csv(text);
    assert_lines(
        &output,
        &[&format!("reviews: {reviews}"), "nothing changed"],
    );
}

#[test]
fn rows_without_a_source_are_matched_with_and_without_a_critic() {
    let workspace = Workspace::empty();
    workspace.csv(WITHOUT_SOURCE);
    let before = workspace.rows("id, updated_at FROM review ORDER BY id");
    assert_unchanged(&workspace, WITHOUT_SOURCE, "0 new, 0 changed, 7 the same");
    // A changed score of an anonymous review updates the review.
    let output = workspace.csv(&WITHOUT_SOURCE.replace("40,,Dim", "45,,Dim"));
    assert_lines(&output, &["reviews: 0 new, 1 changed, 6 the same"]);
    assert_eq!(workspace.rows("id FROM review").len(), before.len());
    workspace.assert_tallies();
}

#[test]
fn rows_of_a_source_without_review_ids_are_matched() {
    let workspace = Workspace::empty();
    // The same critic has two reviews for one publication, and two reviews are identical.
    let text = format!("{WITHOUT_SOURCE}Lantern,Ann Lee,Post,90,,Seen again: brighter.\n")
        .replace("film,", "source,film,")
        .replace("Lantern,", "wire,Lantern,");
    workspace.csv(&text);
    assert_eq!(
        workspace.value("SELECT count(DISTINCT external_id)::text AS value FROM review"),
        "8"
    );
    assert_unchanged(&workspace, &text, "0 new, 0 changed, 8 the same");
    // Reviews of another source are new, and so are reviews without a source.
    let output = workspace.csv(&text.replace("wire,", "desk,"));
    assert_lines(&output, &["reviews: 8 new, 0 changed, 0 the same"]);
    let output = workspace.csv(WITHOUT_SOURCE);
    assert_lines(&output, &["reviews: 7 new, 0 changed, 0 the same"]);
    workspace.assert_tallies();
}

/// A review with every column.
const COMPLETE: &str = "\
source,external_id,film,critic,publication,rating,sentiment,recommended,top_critic,byline,excerpt,url,reviewed_on
wire,1,Lantern,Ann Lee,Post,B+,positive,yes,yes,Ann Lee (Post),Bright.,https://post.example/1,2001-02-03
wire,2,Lantern,Bo Marsh,Post,C,,no,no,,Dim.,,
";

const COLUMNS: &str = "critic.slug, publication.slug, score, original_score, score_rule, sentiment, recommended, top_critic, byline,
    excerpt, review.url, reviewed_on FROM review LEFT JOIN critic ON critic.id = critic_id
    LEFT JOIN publication ON publication.id = publication_id WHERE external_id = '1'";

#[test]
fn a_missing_column_leaves_values_and_an_empty_cell_clears_them() {
    let workspace = Workspace::empty();
    workspace.csv(COMPLETE);
    let whole = "(ann-lee,post,83,B+,letter,positive,t,t,\"Ann Lee (Post)\",Bright.,https://post.example/1,2001-02-03)";
    assert_eq!(workspace.rows(COLUMNS), [whole]);

    assert_unchanged(
        &workspace,
        "source,external_id,film,critic\nwire,1,Lantern,Ann Lee\n",
        "0 new, 0 changed, 1 the same",
    );
    let output = workspace.csv("source,external_id,film,excerpt\nwire,1,Lantern,Brighter.\n");
    assert_lines(&output, &["reviews: 0 new, 1 changed, 0 the same"]);
    assert_eq!(
        workspace.rows(COLUMNS),
        [whole.replace("Bright.", "Brighter.")]
    );

    let (header, _) = COMPLETE.split_once('\n').unwrap();
    workspace.csv(&format!(
        "{header}\nwire,1,Lantern{}Dim.,,\n",
        ",".repeat(8)
    ));
    assert_eq!(workspace.rows(COLUMNS), ["(,,,,,,,f,,Dim.,,)"]);
    workspace.assert_tallies();

    workspace.csv(COMPLETE);
    let keys = r#"{"source": "wire", "external_id": 1, "film": "Lantern", "critic": null, "sentiment": "", "excerpt": "Bright."}"#;
    workspace.jsonl(&format!("{keys}\n"));
    let without = whole
        .replace("ann-lee,post", ",post")
        .replace("positive", "");
    assert_eq!(workspace.rows(COLUMNS), [without]);
    workspace.assert_tallies();
}

#[test]
fn a_changed_row_gets_a_revision_and_an_unchanged_one_is_not_written() {
    let workspace = Workspace::empty();
    workspace.csv(COMPLETE);
    let before = workspace.rows("id, created_at, updated_at FROM review ORDER BY id");
    assert_unchanged(&workspace, COMPLETE, "0 new, 0 changed, 2 the same");
    assert_eq!(
        workspace.rows("id, created_at, updated_at FROM review ORDER BY id"),
        before
    );
    assert_eq!(workspace.rows("* FROM review_revision"), [""; 0]);

    let mended = COMPLETE
        .replace("B+", "A-")
        .replace("Ann Lee,Post", "Ann Lee,Herald");
    let output = workspace.csv(&mended);
    assert_lines(&output, &["reviews: 0 new, 1 changed, 1 the same"]);
    assert_eq!(
        workspace.rows(
            "external_id, score, original_score, score_rule, publication.slug, excerpt, replaced_by, since < replaced_at
             FROM review_revision LEFT JOIN publication ON publication.id = publication_id"
        ),
        [r#"(1,83,B+,letter,post,Bright.,"import csv",t)"#]
    );
    assert_eq!(
        workspace.value(
            "SELECT bool_and((updated_at > created_at) = (external_id = '1'))::text AS value FROM review"
        ),
        "true"
    );
    // The new state begins at the timestamp at which the previous one ended.
    assert_eq!(
        workspace.value(
            "SELECT (review.updated_at = replaced_at AND since = review.created_at)::text AS value
             FROM review_revision JOIN review ON review.id = review_id"
        ),
        "true"
    );
    workspace.assert_tallies();
}

#[test]
fn every_change_has_a_revision_and_each_importer_is_named() {
    let workspace = Workspace::empty();
    workspace.csv(COMPLETE);
    workspace.jsonl(
        "{\"source\": \"wire\", \"external_id\": \"1\", \"film\": \"Lantern\", \"score\": 10}\n",
    );
    workspace.csv("source,external_id,film,score\nwire,1,Quay,20\n");
    workspace
        .session
        .execute("UPDATE review SET score = 30 WHERE external_id = '1'");
    assert_eq!(
        workspace.rows(
            "title, score, score_rule, replaced_by = current_user OR replaced_by LIKE 'import %', replaced_by = 'import csv',
             replaced_by = 'import jsonl'
             FROM review_revision JOIN film ON film.id = film_id ORDER BY review_revision.id"
        ),
        ["(Lantern,83,letter,t,f,t)", "(Lantern,10,given,t,t,f)", "(Quay,20,given,t,f,f)"]
    );
    workspace.assert_tallies();
}

#[test]
fn moving_a_review_to_another_film_updates_both_tallies() {
    let workspace = Workspace::empty();
    workspace.csv(COMPLETE);
    let output = workspace.csv(&COMPLETE.replace("wire,2,Lantern", "wire,2,Quay"));
    assert_lines(
        &output,
        &[
            "films: 1 new, 0 changed, 1 the same",
            "reviews: 0 new, 1 changed, 1 the same",
        ],
    );
    assert_eq!(
        workspace.rows(
            "slug, review_count FROM film JOIN film_tally ON film_id = film.id ORDER BY slug"
        ),
        ["(lantern,1)", "(quay,1)"]
    );
    workspace.assert_tallies();
}

#[test]
fn an_updated_review_changes_the_score_of_the_api() {
    let workspace = Workspace::empty();
    let rows = |last| {
        format!("film,critic,score\nLantern,A,80\nLantern,B,60\nLantern,C,70\nLantern,D,{last}\n")
    };
    workspace.csv(&rows(50));
    workspace.csv(&rows(90));
    let data = workspace.query("{ film(by: {slug: \"lantern\"}) { score { value scoredCount } } }");
    assert_eq!(data["film"]["score"]["value"], 75);
    assert_eq!(data["film"]["score"]["scoredCount"], 4);
}
