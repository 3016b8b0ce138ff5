use super::super::super::kind::{KIND_NAMES, RowKind};
use super::*;

#[test]
fn a_name_is_read_whatever_the_case_and_separators() {
    for text in ["published_score", "Published Score", "PublishedScore"] {
        assert_eq!(
            KIND_NAMES.read(&Cell::text(text)),
            Ok(RowKind::PublishedScore)
        );
    }
    assert_eq!(
        KIND_NAMES.read(&Cell::text("movie")),
        Err(
            r#"must be review, film, critic, publication or published_score, not "movie""#
                .to_owned()
        )
    );
}
