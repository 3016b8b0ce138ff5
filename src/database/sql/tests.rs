use sea_orm::sea_query::{ExprTrait, Query, UnionType};

use super::*;

#[test]
fn transaction_settings_are_escaped() {
    let settings = [
        ("marquee.actor", "O'Neil \\'; DROP\0"),
        ("lock_timeout", "10s"),
    ];
    assert_eq!(
        begin(&settings),
        r"BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL marquee.actor = E'O''Neil \\''; DROP'; SET LOCAL lock_timeout = E'10s'"
    );
    assert_eq!(begin(&[]), "BEGIN ISOLATION LEVEL READ COMMITTED");
}

#[test]
fn an_excerpt_ends_at_a_character_boundary_and_omits_transaction_settings() {
    assert_eq!(excerpt("SELECT 1"), "SELECT 1");
    let long = format!(
        "{}{}",
        "x".repeat(MAX_EXCERPT_BYTES - 1),
        "é".repeat(MAX_EXCERPT_BYTES)
    );
    assert_eq!(excerpt(&long), "x".repeat(MAX_EXCERPT_BYTES - 1));
    assert_eq!(excerpt(&begin(&[("marquee.actor", "a person")])), BEGIN);
}

#[test]
fn names_are_locked_after_their_tables_in_a_fixed_order_and_many_names_by_the_table_lock() {
    let critic = |name: &str| NewName {
        table: "critic",
        name: name.to_owned(),
    };
    let film = NewName {
        table: "film",
        name: "Ann".to_owned(),
    };
    let some = locks(&[critic("Ann"), film.clone(), critic("Bob"), critic("Ann")]);
    assert_eq!(some.len(), 5);
    assert_eq!(some, locks(&[film, critic("Bob"), critic("Ann")]));
    let is_exclusive = some.iter().map(|(exclusive, _)| *exclusive);
    assert!(is_exclusive.eq([false, false, true, true, true]));
    let many: Vec<_> = (0..=MAX_LOCKED_NAMES)
        .map(|name| critic(&name.to_string()))
        .collect();
    assert_eq!(locks(&many), [(true, lock_key("critic", ""))]);
}

#[test]
fn limits_are_part_of_the_sql() {
    let page = |key: i64, limit: u64| {
        Query::select()
            .column("id")
            .from("film")
            .and_where(Expr::col("id").gt(key))
            .limit(limit)
            .take()
    };
    let union = page(7, 11)
        .union(UnionType::All, page(8, 12))
        .and_where(Expr::col("year").lt(1999))
        .take();
    let statement = build(&union);
    assert_eq!(
        statement.sql,
        r#"SELECT "id" FROM "film" WHERE "id" > $1 AND "year" < $2 UNION ALL (SELECT "id" FROM "film" WHERE "id" > $3 LIMIT 12) LIMIT 11"#
    );
    let values = statement.values.unwrap().0;
    assert_eq!(values, [7i64.into(), 1999.into(), 8i64.into()]);
}
