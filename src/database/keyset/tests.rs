use sea_orm::sea_query::PostgresQueryBuilder;

use super::*;

/// Returns the statement for a page of reviews by score. Its values are part of the SQL.
fn page(direction: Direction, is_nullable: bool, request: &PageRequest) -> String {
    page_by(direction, is_nullable, false, request)
}

fn page_by(
    direction: Direction,
    is_nullable: bool,
    is_index_descending: bool,
    request: &PageRequest,
) -> String {
    let keyset = Keyset {
        key: Some(Expr::col("score")),
        is_nullable,
        is_index_descending,
        key_range: None,
        id: Expr::col("id"),
        direction,
    };
    let select = Query::select().column("id").from("review").take();
    let page = keyset.page(select, request);
    page.to_string(PostgresQueryBuilder).replace('"', "")
}

fn request() -> PageRequest {
    PageRequest {
        after: None,
        before: None,
        size: 2,
        is_from_end: false,
    }
}

fn position(score: Option<i64>) -> Position {
    let key = score.map_or(SortKey::Missing, SortKey::Number);
    Position { key, id: 7 }
}

#[test]
fn each_range_after_a_cursor_is_one_range_of_the_index() {
    let request = PageRequest {
        after: Some(position(Some(50))),
        ..request()
    };
    let order = "ORDER BY score DESC NULLS LAST, id ASC LIMIT 3";
    assert_eq!(
        page(Direction::Descending, true, &request),
        format!(
            "SELECT * FROM (SELECT id FROM review WHERE score = 50 AND id > 7 {order}) AS page \
             UNION ALL (SELECT * FROM (SELECT id FROM review WHERE score < 50 {order}) AS page) \
             UNION ALL (SELECT * FROM (SELECT id FROM review WHERE score IS NULL {order}) AS page)"
        )
    );
}

#[test]
fn the_rows_without_a_value_are_one_range() {
    let request = PageRequest {
        after: Some(position(None)),
        ..request()
    };
    assert_eq!(
        page(Direction::Descending, true, &request),
        "SELECT id FROM review WHERE score IS NULL AND id > 7 ORDER BY score DESC NULLS LAST, id ASC LIMIT 3"
    );
}

#[test]
fn the_ranges_before_a_cursor_are_sorted_from_the_end() {
    let request = PageRequest {
        before: Some(position(Some(50))),
        is_from_end: true,
        ..request()
    };
    let order = "ORDER BY score DESC NULLS FIRST, id DESC LIMIT 3";
    assert_eq!(
        page(Direction::Ascending, true, &request),
        format!(
            "SELECT * FROM (SELECT id FROM review WHERE score < 50 {order}) AS page \
             UNION ALL (SELECT * FROM (SELECT id FROM review WHERE score = 50 AND id < 7 {order}) AS page)"
        )
    );
}

#[test]
fn a_column_that_is_never_null_has_one_range_with_a_bound() {
    let request = PageRequest {
        after: Some(position(Some(50))),
        ..request()
    };
    assert_eq!(
        page(Direction::Ascending, false, &request),
        "SELECT id FROM review WHERE score >= 50 AND (score > 50 OR (score = 50 AND id > 7)) ORDER BY score ASC, id ASC LIMIT 3"
    );
}

#[test]
fn a_descending_index_has_the_ascending_order_in_two_ranges() {
    let page = |direction, request| page_by(direction, true, true, &request);
    let two = |keys, nulls| {
        format!(
            "SELECT * FROM (SELECT id FROM review WHERE score IS NOT NULL ORDER BY {keys} LIMIT 3) AS page \
             UNION ALL (SELECT * FROM (SELECT id FROM review WHERE score IS NULL ORDER BY {nulls} LIMIT 3) AS page)"
        )
    };
    let from_end = PageRequest {
        is_from_end: true,
        ..request()
    };
    assert_eq!(
        page(Direction::Ascending, request()),
        two(
            "score ASC NULLS FIRST, id ASC",
            "score DESC NULLS LAST, id ASC"
        )
    );
    assert_eq!(
        page(Direction::Ascending, from_end.clone()),
        two(
            "score DESC NULLS LAST, id DESC",
            "score ASC NULLS FIRST, id DESC"
        )
    );
    assert_eq!(
        page(Direction::Descending, from_end),
        "SELECT id FROM review WHERE TRUE ORDER BY score ASC NULLS FIRST, id DESC LIMIT 3"
    );
    assert_eq!(
        page(Direction::Descending, request()),
        "SELECT id FROM review WHERE TRUE ORDER BY score DESC NULLS LAST, id ASC LIMIT 3"
    );
}
