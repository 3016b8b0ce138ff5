//! The reviews whose excerpts have the words of a text.

use sea_orm::{DbErr, FromQueryResult};

use crate::{
    database::{session::Session, sql},
    search::SearchText,
};

/// The statement. The function of the database finds the newest reviews without reading all that match.
const SELECT: &str = "SELECT id FROM search_excerpts($1, $2, $3, $4) AS id";

#[derive(FromQueryResult)]
struct Row {
    id: i64,
}

/// Returns the keys of the newest reviews whose excerpts have all words of a text, the last word or one that begins with it.
/// At most `limit`, and only reviews that were added before the review `before`.
///
/// # Errors
///
/// When the statement fails.
pub async fn newest(
    text: &SearchText,
    before: Option<i64>,
    limit: u16,
    session: &Session,
) -> Result<Vec<i64>, DbErr> {
    let query = query(text);
    let lead = lead(text).unwrap_or_else(|| query.clone());
    let values = [
        query.into(),
        lead.into(),
        before.unwrap_or(i64::MAX).into(),
        i32::from(limit).into(),
    ];
    let rows: Vec<Row> = sql::all(session, SELECT, values).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Returns the text as a query of PostgreSQL's full-text search.
fn query(text: &SearchText) -> String {
    format!("{}:*", joined(text.words()))
}

/// Returns the query for the words that are complete: all but the last. `None` if there is only one.
fn lead(text: &SearchText) -> Option<String> {
    let (_, complete) = text.words().split_last()?;
    (!complete.is_empty()).then(|| joined(complete))
}

/// Returns the query for words.
fn joined(words: &[String]) -> String {
    // Words have neither quotes nor backslashes, which separate words.
    let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    words.join(" & ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_the_last_may_be_incomplete() {
        let query = |text: &str| query(&SearchText::parse(text).unwrap());
        assert_eq!(query("Łódź"), "'lodz':*");
        assert_eq!(
            query("It's a 'quote' \\ & | ! ( ) <-> no"),
            "'its' & 'a' & 'quote' & 'no':*"
        );
        assert_eq!(query("東京"), "'東' & '京':*");
        let lead = |text: &str| lead(&SearchText::parse(text).unwrap());
        assert_eq!(lead("one two thr").as_deref(), Some("'one' & 'two'"));
        assert_eq!(lead("one"), None);
    }
}
