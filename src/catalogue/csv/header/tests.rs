use super::*;

fn error(fields: &[&str]) -> String {
    Header::read(fields.iter().copied())
        .unwrap_err()
        .to_string()
}

#[test]
fn a_header_is_matched_to_columns_and_reports_unknown_names() {
    let header = Header::read(["Movie Title", "mood", "Rating", ""]).unwrap();
    assert_eq!(
        header.columns(),
        Columns::of(&[Column::Film, Column::OriginalScore])
    );
    assert_eq!(header.unknown().to_string(), r#""mood", """#);

    let cells = header.cells(["Pusher", "bleak", "B+", "x"]);
    assert_eq!(cells.filled(), header.columns());
    assert_eq!(*cells.get(Column::OriginalScore), Cell::text("B+"));
}

#[test]
fn a_column_cannot_occur_twice() {
    assert_eq!(
        error(&["title", "score", "Movie"]),
        r#"the header's "title" and "Movie" both mean film: remove one of them"#
    );
}

#[test]
fn a_single_field_with_another_delimiter_is_an_error_that_names_the_flag() {
    for (header, delimiter) in [
        ("film;score", r"';'"),
        ("film\tscore", r"'\t'"),
        ("film|score", "'|'"),
    ] {
        assert_eq!(
            error(&[header]),
            format!(
                "the header is a single field that contains {delimiter}: if that separates the fields, pass it as --delimiter"
            )
        );
    }
    assert!(Header::read(["film"]).is_ok());
}

#[test]
fn the_error_of_a_header_without_known_columns_lists_the_columns() {
    let error = error(&["a", "b"]);
    let start = "the header has no known column, only \"a\", \"b\"; a row needs film or film_slug, or a kind; \
            the columns are kind, film_slug, film, ";
    assert!(
        error.starts_with(start) && error.ends_with(", negative_count"),
        "{error}"
    );
}

#[test]
fn an_empty_file_is_an_error() {
    assert_eq!(error(&[]), "the file is empty: it needs a header");
}

#[test]
fn reviews_need_a_film_unless_rows_have_kinds() {
    assert_eq!(
        error(&["critic", "score"]),
        "the header has neither film nor film_slug, which every review needs, nor kind, which marks rows that are not reviews"
    );
    for name in ["kind", "film", "film_slug"] {
        assert!(Header::read([name, "score"]).is_ok());
    }
}
