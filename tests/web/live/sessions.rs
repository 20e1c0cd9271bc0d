//! What ends it (L7).

use serde_json::json;

use super::{Scene, Socket};
use crate::harness::PASSWORD;

#[test]
fn it_ends_with_its_session() {
    let scene = Scene::new();
    let (mut socket, _) = Socket::open(&scene.operator);
    let (mut stays, _) = Socket::open(&scene.hub.log_in("ana"));
    scene.operator.post("/logout", &json!({}));
    assert_eq!(socket.over(), "logged_out");
    stays.in_step();
}

#[test]
fn it_ends_when_another_password_is_set() {
    let scene = Scene::new();
    let (mut elsewhere, _) = Socket::open(&scene.hub.log_in("ana"));
    let (mut own, _) = Socket::open(&scene.operator);
    let body = json!({"old": PASSWORD, "new": "other plain words"});
    scene.operator.post("/me/password", &body).ok();
    assert_eq!(elsewhere.over(), "logged_out");
    own.in_step();
}

#[test]
fn it_ends_when_its_user_is_disabled_or_gets_other_rights() {
    let scene = Scene::new();
    let (mut socket, _) = Socket::open(&scene.operator);
    scene.hub.verb(&["user", "role", "ana", "viewer"]);
    assert_eq!(socket.over(), "rights_changed");
    let (mut socket, _) = Socket::open(&scene.operator);
    scene.hub.verb(&["user", "disable", "ana"]);
    assert_eq!(socket.over(), "disabled");
}
