//! What nobody in particular may ask for.

use super::Viewer;

/// What those may do who show no credentials. Everything that there is to read, unless the site has it otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnonymousRights {
    /// Run operations.
    pub reads: bool,
    /// See the schema.
    pub introspection: bool,
}

impl Default for AnonymousRights {
    fn default() -> Self {
        Self {
            reads: true,
            introspection: true,
        }
    }
}

/// Why credentials are needed, in words for the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CredentialsNeeded(pub &'static str);

impl AnonymousRights {
    /// Whether a document may be run for somebody, on any way that it came. `introspects`: whether it asks for the schema anywhere.
    ///
    /// # Errors
    ///
    /// When only those may run it who are known, and this one isn't.
    pub fn admit(self, introspects: bool, viewer: &Viewer) -> Result<(), CredentialsNeeded> {
        if matches!(viewer, Viewer::Known(_)) {
            return Ok(());
        }
        if !self.reads {
            return Err(CredentialsNeeded(
                "this server answers only who has a token",
            ));
        }
        if !self.introspection && introspects {
            return self.admit_to_schema(viewer);
        }
        Ok(())
    }

    /// Whether somebody may see the schema.
    ///
    /// # Errors
    ///
    /// When only those may who are known, and this one isn't.
    pub fn admit_to_schema(self, viewer: &Viewer) -> Result<(), CredentialsNeeded> {
        if self.introspection || matches!(viewer, Viewer::Known(_)) {
            return Ok(());
        }
        Err(CredentialsNeeded(
            "this server shows its schema only to who has a token",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Principal, Role};

    const CLOSED: AnonymousRights = AnonymousRights {
        reads: true,
        introspection: false,
    };

    fn known() -> Viewer {
        Viewer::Known(Principal {
            actor: "desk (token 0123456789ab)".to_owned(),
            name: "desk".to_owned(),
            role: Role::Editor,
            critic: None,
            expires_at: None,
        })
    }

    #[test]
    fn the_schema_is_hidden_from_who_is_not_known() {
        assert!(CLOSED.admit(true, &Viewer::Anonymous).is_err());
        assert!(CLOSED.admit(true, &known()).is_ok());
        assert!(CLOSED.admit(false, &Viewer::Anonymous).is_ok());
        let open = AnonymousRights::default();
        assert!(open.admit(true, &Viewer::Anonymous).is_ok());
    }

    #[test]
    fn a_closed_server_answers_nobody_who_is_not_known() {
        let closed = AnonymousRights {
            reads: false,
            introspection: true,
        };
        assert!(closed.admit(false, &Viewer::Anonymous).is_err());
        assert!(closed.admit(false, &known()).is_ok());
        assert!(closed.admit_to_schema(&Viewer::Anonymous).is_ok());
    }
}
