use async_graphql::Pos;

use super::*;

#[test]
fn long_errors_are_truncated() {
    let mut error = ServerError::new("ü".repeat(100_000), None);
    error.locations = vec![Pos { line: 1, column: 1 }; 3_000];
    let document_error = DocumentError::single(Stage::Validate, error);
    let error = &document_error.errors[0];
    assert_eq!(error.locations.len(), 20);
    assert_eq!(error.message, format!("{}…", "ü".repeat(500)));
}
