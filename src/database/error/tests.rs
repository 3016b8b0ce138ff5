use sea_orm::ConnAcquireErr;

use super::*;

#[test]
fn each_sqlstate_has_a_kind_of_failure() {
    for (code, kind) in [
        ("40P01", DbErrorKind::Conflict),
        ("40001", DbErrorKind::Conflict),
        ("23505", DbErrorKind::Constraint),
        ("23503", DbErrorKind::Constraint),
        ("55P03", DbErrorKind::Busy),
        ("57014", DbErrorKind::Busy),
        ("57P01", DbErrorKind::Unavailable),
        ("57P04", DbErrorKind::Unavailable),
        ("08006", DbErrorKind::Unavailable),
        ("53300", DbErrorKind::Unavailable),
        ("53100", DbErrorKind::Exhausted),
        ("25006", DbErrorKind::ReadOnly),
        ("42P01", DbErrorKind::SchemaMissing),
        ("42601", DbErrorKind::Other),
        ("", DbErrorKind::Other),
    ] {
        assert_eq!(DbErrorKind::of_code(code), kind, "{code}");
    }
}

#[test]
fn an_exhausted_pool_is_distinguished_from_an_unavailable_database() {
    let error = DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
    assert_eq!(DbErrorKind::of(&error), DbErrorKind::Overloaded);
    assert!(!DbErrorKind::is_connect_error(&error));
    for (refusal, kind) in [
        (Refusal::Overloaded, DbErrorKind::Overloaded),
        (Refusal::OverShare, DbErrorKind::OverShare),
    ] {
        let error = DbErr::from(refusal);
        assert_eq!(DbErrorKind::of(&error), kind);
        assert!(!DbErrorKind::is_connect_error(&error));
    }
    let error = DbErr::from(StatementTimeout);
    assert_eq!(DbErrorKind::of(&error), DbErrorKind::TimedOut);
    assert!(!DbErrorKind::is_connect_error(&error) && !DbErrorKind::is_dead_connection(&error));
    let error = DbErr::Query(RuntimeErr::SqlxError(sqlx::Error::PoolTimedOut.into()));
    assert_eq!(DbErrorKind::of(&error), DbErrorKind::Unavailable);
    assert_eq!(
        DbErrorKind::of(&DbErr::Custom(String::new())),
        DbErrorKind::Other
    );
}
