//! What nobody in particular may ask for.

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

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
    /// Whether a document may be run for somebody, on any way that it came.
    ///
    /// # Errors
    ///
    /// When only those may run it who are known, and this one isn't.
    pub fn admit(
        self,
        document: &ExecutableDocument,
        viewer: &Viewer,
    ) -> Result<(), CredentialsNeeded> {
        if matches!(viewer, Viewer::Known(_)) {
            return Ok(());
        }
        if !self.reads {
            return Err(CredentialsNeeded(
                "this server answers only who has a token",
            ));
        }
        if !self.introspection && introspects(document) {
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

/// Whether a document asks for the schema anywhere: also in an operation or a fragment that isn't run, since mistakes there are
/// answered as well. `__typename` is no such question.
fn introspects(document: &ExecutableDocument) -> bool {
    let operations = document
        .operations
        .iter()
        .map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document
        .fragments
        .values()
        .map(|fragment| &fragment.node.selection_set.node);
    let mut open: Vec<&SelectionSet> = operations.chain(fragments).collect();
    while let Some(set) = open.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    if matches!(field.node.name.node.as_str(), "__schema" | "__type") {
                        return true;
                    }
                    open.push(&field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    open.push(&fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

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
    fn the_schema_is_hidden_wherever_it_is_asked_for() {
        for document in [
            "{ __schema { types { name } } }",
            "{ films: __schema { types { name } } }",
            "{ __type(name: \"Film\") { name } }",
            "{ ...F } fragment F on Query { x: __schema { __typename } }",
            "{ a } fragment Unused on Query { __schema { __typename } }",
            "{ ... on Query { ... { __type(name: \"A\") { name } } } }",
            "{ ... @include(if: false) { __schema { __typename } } }",
            "query Run { a } query Rest { __schema { __typename } }",
            "mutation Run { a } query Rest { __type(name: \"A\") { name } }",
            "{ film { critic { __schema { __typename } } } }",
        ] {
            let parsed = parse_query(document).unwrap();
            assert!(
                CLOSED.admit(&parsed, &Viewer::Anonymous).is_err(),
                "{document}"
            );
            assert!(CLOSED.admit(&parsed, &known()).is_ok(), "{document}");
            let open = AnonymousRights::default();
            assert!(
                open.admit(&parsed, &Viewer::Anonymous).is_ok(),
                "{document}"
            );
        }
        for document in [
            "{ __typename films { nodes { __typename } } }",
            "{ __schema: films { totalCount } }",
            "query __schema($__type: String = \"__schema\") { a }",
        ] {
            let parsed = parse_query(document).unwrap();
            assert!(
                CLOSED.admit(&parsed, &Viewer::Anonymous).is_ok(),
                "{document}"
            );
        }
    }

    #[test]
    fn a_closed_server_answers_nobody_who_is_not_known() {
        let closed = AnonymousRights {
            reads: false,
            introspection: true,
        };
        for document in ["{ __typename }", "mutation { a }", "subscription { a }"] {
            let parsed = parse_query(document).unwrap();
            assert!(closed.admit(&parsed, &Viewer::Anonymous).is_err());
            assert!(closed.admit(&parsed, &known()).is_ok());
        }
        assert!(closed.admit_to_schema(&Viewer::Anonymous).is_ok());
    }
}
