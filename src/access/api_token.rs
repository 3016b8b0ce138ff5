//! API tokens without their secrets: what they are good for, and until when.

use chrono::{DateTime, Datelike, Utc};

use super::{Role, token::PublicId};
use crate::{
    critic::CriticId,
    patch::{self, Patch},
    text,
    user_error::{UserErrorCode, UserErrors},
};

/// A token's key in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiTokenId(pub i64);

/// A token, as it can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its key.
    pub id: ApiTokenId,
    /// What tells it from others in lists and logs.
    pub public_id: PublicId,
    /// What it is called, by whoever made it.
    pub name: String,
    /// What it is good for.
    pub role: Role,
    /// Whose reviews it writes; there exactly for the role of a critic.
    pub critic: Option<CriticId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it.
    pub created_by: String,
    /// When it ends, if it does.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was used last, to about a minute; never, if there is nothing.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Whether a token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody has ended it.
    Revoked,
}

impl State {
    /// As commands have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl ApiToken {
    /// Whether it is good at a moment. It no longer is at the very moment of its end.
    #[must_use]
    pub fn state_at(&self, now: DateTime<Utc>) -> State {
        if self.revoked_at.is_some() {
            State::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            State::Expired
        } else {
            State::Active
        }
    }

    /// Who it is, in words that stand beside what was changed by it.
    #[must_use]
    pub fn actor(&self) -> String {
        format!("{} (token {})", self.name, self.public_id)
    }
}

/// A token that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it is called.
    name: String,
    role: Role,
    critic: Option<CriticId>,
    expires_at: Option<DateTime<Utc>>,
}

impl Draft {
    /// Checks what a token is to be; the errors are told all at once, at the fields `name`, `critic` and `expiresAt`.
    ///
    /// # Errors
    ///
    /// When the name is blank, too long or can't be printed; when a critic is missing or too many for the role; when it would be over
    /// already.
    pub fn new(
        name: &str,
        role: Role,
        critic: Option<CriticId>,
        expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Self, UserErrors> {
        let mut errors = UserErrors::default();
        let name = Patch::Set(name.to_owned());
        let name = match patch::line(name, "name", text::TOKEN_NAME, &mut errors) {
            Patch::Set(name) => name,
            Patch::Clear => {
                errors.add("name", UserErrorCode::Blank, "the token needs a name");
                String::new()
            }
            // What is wrong with it was noted.
            Patch::Keep => String::new(),
        };
        match (role, critic) {
            (Role::Critic, None) => {
                let message = "a token of the role critic needs the critic whose reviews it writes";
                errors.add("critic", UserErrorCode::Blank, message);
            }
            (Role::Editor | Role::Admin, Some(_)) => {
                let message = "only a token of the role critic is for one critic";
                errors.add("critic", UserErrorCode::Contradiction, message);
            }
            _ => {}
        }
        if expires_at.is_some_and(|end| end <= now || end.year() > 9998) {
            let message = "the token's end has to be in the future, and before the year 9999";
            errors.add("expiresAt", UserErrorCode::OutOfRange, message);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            name,
            role,
            critic,
            expires_at,
        })
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is good for.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whose reviews it writes; there exactly for the role of a critic.
    #[must_use]
    pub fn critic(&self) -> Option<CriticId> {
        self.critic
    }

    /// When it ends, if it does.
    #[must_use]
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at
    }
}

#[cfg(test)]
mod tests {
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
    fn a_token_is_good_until_its_very_end() {
        assert_eq!(token().state_at(DateTime::<Utc>::MAX_UTC), State::Active);
        let mut token = token();
        token.expires_at = Some(now());
        let before = now() - TimeDelta::nanoseconds(1);
        assert_eq!(token.state_at(before), State::Active);
        assert_eq!(token.state_at(now()), State::Expired);
        token.revoked_at = Some(now());
        assert_eq!(token.state_at(before), State::Revoked);
        assert_eq!(token.actor(), "desk (token 0123456789ab)");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let codes = |name: &str, role, critic, expires_at| -> Vec<_> {
            let draft = Draft::new(name, role, critic, expires_at, now());
            let errors = draft.err().unwrap_or_default().into_vec();
            let each = errors.into_iter();
            each.map(|error| (error.field[1].clone(), error.code))
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
}
