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
mod tests;
