use chrono::TimeDelta;

use super::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn token() -> ApiToken {
    ApiToken {
        id: ApiTokenId(7),
        public_id: PublicId::parse("0123456789ab").unwrap(),
        name: "desk".to_owned(),
        role: Role::Editor,
        critic: None,
        created_at: now(),
        created_by: "the command line".to_owned(),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    }
}

#[test]
fn a_token_expires_exactly_at_its_expiry() {
    assert_eq!(
        token().state_at(DateTime::<Utc>::MAX_UTC),
        TokenState::Active
    );
    let mut token = token();
    token.expires_at = Some(now());
    let before = now() - TimeDelta::nanoseconds(1);
    assert_eq!(token.state_at(before), TokenState::Active);
    assert_eq!(token.state_at(now()), TokenState::Expired);
    token.revoked_at = Some(now());
    assert_eq!(token.state_at(before), TokenState::Revoked);
    assert_eq!(token.actor(), "desk (token 0123456789ab)");
}

#[test]
fn all_errors_of_a_draft_are_reported_together() {
    let codes = |name: &str, role, critic, expires_at| -> Vec<_> {
        let draft = TokenDraft::new(name, role, critic, expires_at, now());
        let errors = draft.err().unwrap_or_default().into_vec();
        errors
            .into_iter()
            .map(|error| (error.field[1].clone(), error.code))
            .collect()
    };
    let critic = Some(CriticId(1));
    assert_eq!(codes(" desk ", Role::Admin, None, None), []);
    assert_eq!(codes(&"é".repeat(100), Role::Critic, critic, None), []);
    assert_eq!(
        codes(" \u{3000}", Role::Critic, None, Some(now())),
        [
            ("name".to_owned(), UserErrorCode::Blank),
            ("critic".to_owned(), UserErrorCode::Blank),
            ("expiresAt".to_owned(), UserErrorCode::OutOfRange)
        ]
    );
    assert_eq!(
        codes(
            &"a\0".repeat(51),
            Role::Editor,
            critic,
            Some(DateTime::<Utc>::MAX_UTC)
        ),
        [
            ("name".to_owned(), UserErrorCode::TooLong),
            ("name".to_owned(), UserErrorCode::Invalid),
            ("critic".to_owned(), UserErrorCode::Contradiction),
            ("expiresAt".to_owned(), UserErrorCode::OutOfRange)
        ]
    );
}
