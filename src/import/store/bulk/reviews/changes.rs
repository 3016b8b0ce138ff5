//! The statements that update stored reviews.

use crate::import::rows::TableColumns;

/// Returns the columns to compare and to set, each with the expression for its new value. `critic_name` is the expression
/// for the name of the critic that the review has after the update.
fn new_values(columns: &TableColumns, critic_name: &str) -> Vec<(&'static str, String)> {
    let given = columns.review.iter().map(|column| {
        let is_of_some = columns.review_of_some.contains(column);
        let value = match *column {
            "film_id" | "critic_id" | "publication_id" if is_of_some => {
                format!("coalesce(matched.{column}, stored.{column})")
            }
            "top_critic" if is_of_some => "staged.top_critic OR stored.top_critic".to_owned(),
            "byline" if is_of_some => format!("coalesce(staged.byline, {FOLLOWING_BYLINE})"),
            _ if is_of_some => format!("coalesce(staged.{column}, stored.{column})"),
            "film_id" | "critic_id" | "publication_id" => format!("matched.{column}"),
            "byline" => format!("coalesce(staged.byline, {critic_name})"),
            _ => format!("staged.{column}"),
        };
        (*column, value)
    });
    let mut values: Vec<_> = given.collect();
    if columns.review.contains(&"critic_id") && !columns.review.contains(&"byline") {
        values.push(("byline", FOLLOWING_BYLINE.to_owned()));
    }
    values
}

/// The byline of a review for which the file has a critic and no byline: if it is the name of the previous critic, or
/// missing, it becomes the name of the new one.
const FOLLOWING_BYLINE: &str = "CASE
    WHEN stored.byline IS NOT NULL AND stored.critic_id IS NOT DISTINCT FROM matched.critic_id THEN stored.byline
    WHEN stored.byline IS NULL OR stored.byline = (SELECT name FROM critic WHERE critic.id = stored.critic_id)
        THEN coalesce((SELECT name FROM critic WHERE critic.id = matched.critic_id), stored.byline)
    ELSE stored.byline
END";

/// Returns the key of the critic that a review has after the update.
fn new_critic(columns: &TableColumns) -> &'static str {
    if columns.review_of_some.contains(&"critic_id") {
        "coalesce(matched.critic_id, stored.critic_id)"
    } else if columns.review.contains(&"critic_id") {
        "matched.critic_id"
    } else {
        "stored.critic_id"
    }
}

/// Returns the condition that a stored review differs from the file. It only compares the columns for which the file
/// has values.
fn differs(values: &[(&str, String)]) -> String {
    let old: Vec<String> = values
        .iter()
        .map(|(column, _)| format!("stored.{column}"))
        .collect();
    let new: Vec<&str> = values.iter().map(|(_, value)| value.as_str()).collect();
    format!(
        "ROW({}) IS DISTINCT FROM ROW({})",
        old.join(", "),
        new.join(", ")
    )
}

/// Returns the statement that marks the stored reviews that differ from the file.
pub(super) fn mark_changed(columns: &TableColumns) -> String {
    let values = new_values(columns, "critic.name");
    let (differs, new_critic) = (differs(&values), new_critic(columns));
    format!(
        "
INSERT INTO import_changed_review (review_id, row_position)
SELECT matched.review_id, matched.row_position
FROM import_match AS matched JOIN import_review AS staged USING (row_position) JOIN review AS stored ON stored.id = matched.review_id
LEFT JOIN critic ON critic.id = {new_critic}
WHERE {differs}"
    )
}

/// Returns the statement that updates changed reviews. It compares again, because another transaction may have made the
/// same change.
pub(super) fn update(columns: &TableColumns) -> String {
    // The updated table can't be joined.
    let critic_name = format!(
        "(SELECT name FROM critic WHERE critic.id = {})",
        new_critic(columns)
    );
    let values = new_values(columns, &critic_name);
    let set: Vec<String> = values
        .iter()
        .map(|(column, value)| format!("{column} = {value}"))
        .collect();
    format!(
        "
UPDATE review AS stored SET {}, updated_at = now()
FROM import_changed_review AS changed JOIN import_match AS matched USING (row_position) JOIN import_review AS staged USING (row_position)
WHERE stored.id = changed.review_id AND row_position >= $1 AND row_position < $2 AND {}",
        set.join(", "),
        differs(&values)
    )
}
