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
