//! Settings and files that cannot be right are refused at the start, by name.

use std::os::unix::fs::PermissionsExt;

use crate::harness::{Home, Hub};

#[test]
fn an_unknown_key_in_the_environment_is_refused_by_its_name() {
    for (key, name) in [
        ("DEVICES__LISTENN", "listenn"),
        ("DEVICE__LISTEN", "device"),
        ("DATA_DIRR", "data_dirr"),
    ] {
        let home = Home::new().set(key, "127.0.0.1:0");
        let complaint = home.serve_to_the_end().refused().to_lowercase();
        assert!(complaint.contains(name), "{key}: {complaint}");
    }
}

#[test]
fn an_unknown_key_in_the_file_is_refused_by_its_name() {
    let home = Home::new();
    home.write("Settings.toml", "[devices]\nlistenn = \"127.0.0.1:0\"\n");
    let complaint = home.serve_to_the_end().refused();
    assert!(complaint.contains("listenn"), "{complaint}");
}

#[test]
fn a_wrong_value_is_refused_with_its_name() {
    for (key, value, name) in [
        ("DEVICES__LISTEN", "everywhere", "listen"),
        ("DEVICES__LOGIN_SECONDS", "soon", "login_seconds"),
        ("DEVICES__LOGIN_SECONDS", "0", "login_seconds"),
        ("DEVICES__LOGIN_SECONDS", "-1", "login_seconds"),
        ("DEVICES__MAX_FRAME_BYTES", "1", "max_frame_bytes"),
        ("DEVICES__OUTBOX_BYTES", "1", "outbox_bytes"),
    ] {
        let home = Home::new().set(key, value);
        let complaint = home.serve_to_the_end().refused();
        assert!(complaint.contains(name), "{key}={value}: {complaint}");
    }
}

#[test]
fn the_environment_goes_before_the_file() {
    let home = Home::new();
    home.write("Settings.toml", "[devices]\nlisten = \"everywhere\"\n");
    let hub = home.start();
    assert_ne!(hub.device_port().port(), 0);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let hub = Hub::start();
    let taken = hub.device_port().to_string();
    let home = Home::new().set("DEVICES__LISTEN", &taken);
    let complaint = home.serve_to_the_end().refused();
    assert!(complaint.contains(&taken), "{complaint}");
}

/// P2.16: the serials lie sealed under this key.
#[test]
fn a_key_that_others_may_read_is_refused() {
    let home = Home::new();
    home.add("greenhouse");
    let key = home.data("serials.key");
    let mode = std::fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for wider in [0o644, 0o640, 0o604, 0o660] {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(wider)).unwrap();
        let complaint = home.serve_to_the_end().refused();
        assert!(complaint.contains("serials.key"), "{complaint}");
    }
}

#[test]
fn a_second_hub_on_the_same_directory_is_refused() {
    let hub = Hub::start();
    let complaint = hub.serve_to_the_end().refused();
    let data = hub.data("");
    let data = data.to_str().unwrap().trim_end_matches('/');
    assert!(complaint.contains(data), "{complaint}");
    let device = hub.add("greenhouse");
    hub.login(&device).expect_nothing();
}

#[test]
fn the_hub_without_a_verb_serves() {
    let hub = Home::new().without_verb().start();
    hub.login(&hub.add("greenhouse")).expect_nothing();
}
