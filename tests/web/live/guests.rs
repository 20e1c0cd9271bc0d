//! Who may open it (L1).

use super::{Scene, Socket, upgrade};
use crate::harness::{Ask, Hub};

#[track_caller]
fn refused(scene: &Scene, ask: &Ask, status: u16, code: &str) {
    let refused = Socket::try_open(scene.hub.web, ask);
    let (answered, body) = refused.err().expect("it was opened");
    assert!(
        answered == status && body.contains(code),
        "{answered} {body}"
    );
}

#[test]
fn only_our_own_pages_open_it_with_a_cookie() {
    let scene = Scene::new();
    let own = upgrade(&scene.operator);
    let foreign = own.clone().header("origin", "http://evil.example");
    refused(&scene, &foreign, 403, "\"origin\"");
    let null = own.clone().header("origin", "null");
    refused(&scene, &null, 403, "\"origin\"");
    refused(&scene, &own.clone().without("origin"), 403, "\"origin\"");
    refused(
        &scene,
        &own.clone().without("cookie"),
        401,
        "\"unauthenticated\"",
    );
    assert!(Socket::try_open(scene.hub.web, &own).is_ok());
}

#[test]
fn a_program_needs_no_origin_and_a_page_cannot_use_its_token() {
    let scene = Scene::new();
    let token = token(&scene);
    let program = Ask::new("GET", "/live").header("authorization", &format!("Bearer {token}"));
    assert!(Socket::try_open(scene.hub.web, &program).is_ok());
    let foreign = program.header("origin", "http://evil.example");
    refused(&scene, &foreign, 403, "\"origin\"");
}

fn token(scene: &Scene) -> String {
    let expires = super::board::now_ms() + 86_400_000;
    let body = serde_json::json!({"name": "program", "scope": "operate", "groups": null, "expires_ms": expires});
    let made = scene.operator.post("/me/tokens", &body).ok();
    made["token"].as_str().unwrap().to_owned()
}

#[test]
fn without_an_upgrade_it_is_a_bad_request() {
    let scene = Scene::new();
    upgrade(&scene.operator)
        .send(scene.hub.web)
        .refused(400, "malformed");
}

#[test]
fn it_says_hello_with_an_address_in_each_own_group() {
    let scene = Scene::new();
    let (_socket, hello) = Socket::open(&scene.operator);
    let addresses = hello["addresses"].as_array().unwrap();
    assert_eq!(addresses.len(), 1, "{hello}");
    assert_eq!(addresses[0]["group"], "greenhouse");
    let address = addresses[0]["address"].as_u64().unwrap();
    let devices = [scene.one.address, scene.other.address].map(u64::from);
    assert!(!devices.contains(&address) && address > 0, "{hello}");
    assert!(hello["now_ms"].as_i64().unwrap() > 0 && hello["version"].is_string());
}

#[test]
fn as_many_look_on_as_may() {
    let hub = Hub::start_with(&[("WEB__MAX_BROWSERS", "2")]);
    hub.groups(&["greenhouse"]);
    let ana = hub.user("ana", "viewer", &["greenhouse"]);
    let (first, _) = Socket::open(&ana);
    let (_second, _) = Socket::open(&ana);
    let (status, body) = Socket::try_open(hub.web, &upgrade(&ana)).err().unwrap();
    assert_eq!(status, 503, "{body}");
    drop(first);
    crate::harness::eventually("room", || Socket::try_open(hub.web, &upgrade(&ana)).is_ok());
}
