use super::*;
use crate::access::{Principal, Role};

const NO_INTROSPECTION: AnonymousRights = AnonymousRights {
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
    assert!(
        NO_INTROSPECTION
            .authorize(true, &Viewer::Anonymous)
            .is_err()
    );
    assert!(NO_INTROSPECTION.authorize(true, &authenticated()).is_ok());
    assert!(
        NO_INTROSPECTION
            .authorize(false, &Viewer::Anonymous)
            .is_ok()
    );
    let open = AnonymousRights::default();
    assert!(open.authorize(true, &Viewer::Anonymous).is_ok());
}

#[test]
fn operations_can_be_restricted_to_authenticated_viewers() {
    let no_reads = AnonymousRights {
        reads: false,
        introspection: true,
    };
    assert!(no_reads.authorize(false, &Viewer::Anonymous).is_err());
    assert!(no_reads.authorize(false, &authenticated()).is_ok());
    assert!(no_reads.authorize_introspection(&Viewer::Anonymous).is_ok());
}
