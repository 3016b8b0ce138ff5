//! The rights of anonymous clients.

use super::Viewer;

/// The rights of clients without credentials. By default they may read everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnonymousRights {
    /// Whether they may run operations.
    pub reads: bool,
    /// Whether they may use introspection.
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

/// The request needs credentials. Contains the message for the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CredentialsRequired(pub &'static str);

impl AnonymousRights {
    /// Checks that a viewer may run a document. `introspects` is whether the document contains introspection fields.
    ///
    /// # Errors
    ///
    /// When the viewer is anonymous and the document requires a token.
    pub fn authorize(self, introspects: bool, viewer: &Viewer) -> Result<(), CredentialsRequired> {
        if matches!(viewer, Viewer::Authenticated(_)) {
            return Ok(());
        }
        if !self.reads {
            return Err(CredentialsRequired(
                "this server requires a token: send one in the Authorization header",
            ));
        }
        if !self.introspection && introspects {
            return self.authorize_introspection(viewer);
        }
        Ok(())
    }

    /// Checks that a viewer may read the schema.
    ///
    /// # Errors
    ///
    /// When the viewer is anonymous and introspection requires a token.
    pub fn authorize_introspection(self, viewer: &Viewer) -> Result<(), CredentialsRequired> {
        if self.introspection || matches!(viewer, Viewer::Authenticated(_)) {
            return Ok(());
        }
        Err(CredentialsRequired(
            "introspection requires a token: send one in the Authorization header",
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

    fn authenticated() -> Viewer {
        Viewer::Authenticated(Principal {
            actor: "desk (token 0123456789ab)".to_owned(),
            name: "desk".to_owned(),
            role: Role::Editor,
            critic: None,
            expires_at: None,
        })
    }

    #[test]
    fn introspection_can_be_restricted_to_authenticated_viewers() {
        assert!(CLOSED.authorize(true, &Viewer::Anonymous).is_err());
        assert!(CLOSED.authorize(true, &authenticated()).is_ok());
        assert!(CLOSED.authorize(false, &Viewer::Anonymous).is_ok());
        let open = AnonymousRights::default();
        assert!(open.authorize(true, &Viewer::Anonymous).is_ok());
    }

    #[test]
    fn operations_can_be_restricted_to_authenticated_viewers() {
        let closed = AnonymousRights {
            reads: false,
            introspection: true,
        };
        assert!(closed.authorize(false, &Viewer::Anonymous).is_err());
        assert!(closed.authorize(false, &authenticated()).is_ok());
        assert!(closed.authorize_introspection(&Viewer::Anonymous).is_ok());
    }
}
