//! The reviews whose excerpts have the words of a text.

use sea_orm::{DbErr, FromQueryResult};

use crate::{
    database::{session::Session, sql},
    search::SearchText,
};

/// The statement. The function of the database finds the newest reviews without reading all that match.
const SELECT: &str = "SELECT id FROM search_excerpts($1, $2, $3) AS id";

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
    let values = [
        query(text).into(),
        before.unwrap_or(i64::MAX).into(),
        i32::from(limit).into(),
    ];
    let rows: Vec<Row> = sql::all(session, SELECT, values).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Returns the text as a query of PostgreSQL's full-text search.
fn query(text: &SearchText) -> String {
    // Words have neither quotes nor backslashes, which separate words.
    let words = text.words().iter().map(|word| format!("'{word}'"));
    let words: Vec<String> = words.collect();
    format!("{}:*", words.join(" & "))
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
    }
}
