//! The places in the list of results, and their cursors.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{NameKind, NamePosition, ranking::EQUAL};
use crate::{
    json,
    pagination::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, PageError},
};

/// The name of the order in cursors.
const ORDER: &str = "search";

/// What stands for reviews in cursors, beside the numbers of the kinds of names.
const REVIEW: u8 = 3;

/// The place of a result in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SearchPosition {
    /// A name.
    Name(NamePosition),
    /// The key of a review. Reviews come after all names, the newest first.
    Review(i64),
}

impl SearchPosition {
    /// Returns the cursor of the place.
    #[must_use]
    pub fn to_cursor(self) -> String {
        let (kind, points, review_count, id) = match self {
            Self::Name(name) => (name.kind as u8, name.points, name.review_count, name.id),
            Self::Review(id) => (REVIEW, 0, 0, id),
        };
        let text = serde_json::json!([ORDER, kind, points, review_count, id]).to_string();
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    /// Decodes a cursor.
    ///
    /// # Errors
    ///
    /// When the string isn't the cursor of a search.
    pub fn from_cursor(cursor: &str) -> Result<Self, PageError> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor);
        let bytes = bytes.map_err(|_| PageError::InvalidCursor)?;
        let (order, kind, points, review_count, id): (String, u8, u16, u32, i64) =
            json::from_slice(&bytes).map_err(|_| PageError::InvalidCursor)?;
        let position = match NameKind::ALL.get(usize::from(kind)) {
            Some(kind) => Self::Name(NamePosition {
                points,
                kind: *kind,
                review_count,
                id,
            }),
            None => Self::Review(id),
        };
        // Only the canonical encoding is accepted, as with ids.
        if order == ORDER && points <= EQUAL && position.to_cursor() == cursor {
            Ok(position)
        } else {
            Err(PageError::InvalidCursor)
        }
    }
}

/// A request for a page of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SearchPageRequest {
    /// The maximum number of results: 0 to [`MAX_PAGE_SIZE`].
    pub size: u16,
    /// Only results after this place.
    pub after: Option<SearchPosition>,
}

impl SearchPageRequest {
    /// Parses the arguments `first` and `after`.
    ///
    /// # Errors
    ///
    /// When `first` is outside of 0 to [`MAX_PAGE_SIZE`], or `after` isn't the cursor of a search.
    pub fn parse(first: Option<i32>, after: Option<&str>) -> Result<Self, PageError> {
        let size = match first {
            None => DEFAULT_PAGE_SIZE,
            Some(first) => u16::try_from(first)
                .ok()
                .filter(|size| *size <= MAX_PAGE_SIZE)
                .ok_or(PageError::InvalidSize(first))?,
        };
        let after = after.map(SearchPosition::from_cursor).transpose()?;
        Ok(Self { size, after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_canonical() {
        let name = SearchPosition::Name(NamePosition {
            points: 9_200,
            kind: NameKind::Critic,
            review_count: 12,
            id: 7,
        });
        for position in [name, SearchPosition::Review(i64::MAX)] {
            let cursor = position.to_cursor();
            assert_eq!(SearchPosition::from_cursor(&cursor), Ok(position));
        }
        for text in [
            "",
            r#"["search",1,9200,12]"#,
            r#"["search", 1,9200,12,7]"#,
            r#"["search",1,10001,12,7]"#,
            r#"["search",4,0,0,7]"#,
            r#"["title",1,9200,12,7]"#,
        ] {
            let cursor = BASE64_URL_SAFE_NO_PAD.encode(text);
            let decoded = SearchPosition::from_cursor(&cursor);
            assert_eq!(decoded, Err(PageError::InvalidCursor), "{text}");
        }
    }

    #[test]
    fn a_page_has_at_most_as_many_results_as_other_pages() {
        let size = |first| SearchPageRequest::parse(first, None).map(|request| request.size);
        assert_eq!(size(None), Ok(DEFAULT_PAGE_SIZE));
        assert_eq!(size(Some(0)), Ok(0));
        assert_eq!(size(Some(100)), Ok(100));
        assert_eq!(size(Some(101)), Err(PageError::InvalidSize(101)));
        assert_eq!(size(Some(-1)), Err(PageError::InvalidSize(-1)));
    }
}
