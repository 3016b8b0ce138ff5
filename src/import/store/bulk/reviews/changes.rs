//! The statements that update stored reviews.

use super::super::file_columns::{FileColumn, FileColumns};

/// The expression for the position of the row of a review.
const POSITION: &str = "staged.row_position";

/// Returns the columns to compare and to set, each with the expression for its new value. `critic_name` is the expression
/// for the name of the critic that the review has after the update.
fn new_values(columns: &[FileColumn], critic_name: &str) -> Vec<(&'static str, String)> {
    let byline = byline(columns, critic_name);
    let others = columns.iter().filter(|column| column.name != BYLINE);
    let others = others.map(|column| {
        let name = column.name;
        let given = match name {
            "film_id" | CRITIC | "publication_id" => format!("matched.{name}"),
            _ => format!("staged.{name}"),
        };
        let stored = format!("stored.{name}");
        (name, column.new_value(POSITION, &given, &stored))
    });
    others.chain(byline.map(|value| (BYLINE, value))).collect()
}

const BYLINE: &str = "byline";
const CRITIC: &str = "critic_id";

/// Returns the expression for the byline, which the critic determines as well; `None` if no file has either column.
fn byline(columns: &[FileColumn], critic_name: &str) -> Option<String> {
    let find = |name: &str| columns.iter().find(|column| column.name == name);
    let following = find(CRITIC).map_or_else(
        || "stored.byline".to_owned(),
        |critic| critic.new_value(POSITION, FOLLOWING_BYLINE, "stored.byline"),
    );
    let given = format!("coalesce(staged.byline, {critic_name})");
    match (find(BYLINE), find(CRITIC)) {
        (Some(byline), _) => Some(byline.new_value(POSITION, &given, &following)),
        (None, critic) => critic.map(|_| following),
    }
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
fn new_critic(columns: &[FileColumn]) -> String {
    let stored = "stored.critic_id";
    let critic = columns.iter().find(|column| column.name == CRITIC);
    critic.map_or_else(
        || stored.to_owned(),
        |critic| critic.new_value(POSITION, "matched.critic_id", stored),
    )
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

/// Returns the columns of reviews that files have.
fn of_reviews(columns: &FileColumns<'_>) -> Vec<FileColumn> {
    columns.of(|columns| &columns.review)
}

/// Returns the statement that marks the stored reviews that differ from the file; `None` if no file has columns of
/// reviews.
pub(super) fn mark_changed(columns: &FileColumns<'_>) -> Option<String> {
    let columns = of_reviews(columns);
    if columns.is_empty() {
        return None;
    }
    let values = new_values(&columns, "critic.name");
    let (differs, new_critic) = (differs(&values), new_critic(&columns));
    Some(format!(
        "
INSERT INTO import_changed_review (review_id, row_position)
SELECT matched.review_id, matched.row_position
FROM import_match AS matched JOIN import_review AS staged USING (row_position) JOIN review AS stored ON stored.id = matched.review_id
LEFT JOIN critic ON critic.id = {new_critic}
WHERE {differs}"
    ))
}

/// Returns the statement that updates changed reviews; `None` if no file has columns of reviews. It compares again, because
/// another transaction may have made the same change.
pub(super) fn update(columns: &FileColumns<'_>) -> Option<String> {
    let columns = of_reviews(columns);
    if columns.is_empty() {
        return None;
    }
    // The updated table can't be joined.
    let critic_name = format!(
        "(SELECT name FROM critic WHERE critic.id = {})",
        new_critic(&columns)
    );
    let values = new_values(&columns, &critic_name);
    let set: Vec<String> = values
        .iter()
        .map(|(column, value)| format!("{column} = {value}"))
        .collect();
    Some(format!(
        "
UPDATE review AS stored SET {}, updated_at = now()
FROM import_changed_review AS changed JOIN import_match AS matched USING (row_position) JOIN import_review AS staged USING (row_position)
WHERE stored.id = changed.review_id AND row_position >= $1 AND row_position < $2 AND {}",
        set.join(", "),
        differs(&values)
    ))
}
