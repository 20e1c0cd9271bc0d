//! Nobody but the hub's own user reads what lies in the data directory.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use crate::harness::{Home, Hub};

const PRIVATE: [&str; 6] = [
    "hub.db",
    "hub.db-wal",
    "hub.db-shm",
    "serials.key",
    "tls-key.pem",
    "control.sock",
];

#[track_caller]
fn mode(path: &Path) -> u32 {
    let found = fs::metadata(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    found.permissions().mode() & 0o777
}

fn careless(home: Home) -> Home {
    home.set("DEVICES__TLS_LISTEN", "127.0.0.1:0")
        .shell("umask 022")
}

/// With a reading under way, so that the write-ahead log is in use.
#[track_caller]
fn is_private(hub: &Hub) {
    let mut client = hub.login(&hub.add("greenhouse"));
    client.say(0, "26|t|1|C|1700000000000|1");
    client.expect_hub("7|1");
    let modes = PRIVATE.map(|name| (name, mode(&hub.data(name))));
    assert_eq!(modes.map(|(name, _)| (name, 0o600)), modes, "in decimal");
}

/// P2.16: a common umask lets everybody read.
#[test]
fn a_new_data_directory_and_all_in_it_are_private() {
    let hub = careless(Home::new()).start();
    assert_eq!(mode(&hub.data("")), 0o700);
    is_private(&hub);
}

/// P2.16: the files protect themselves where the directory does not.
#[test]
fn files_in_a_directory_that_others_may_enter_are_private() {
    let home = Home::new();
    fs::DirBuilder::new()
        .mode(0o755)
        .create(home.data(""))
        .unwrap();
    is_private(&careless(home).start());
}

/// P2.16: also those that a crash left and a second start takes up.
#[test]
fn files_are_private_after_a_crash() {
    let hub = careless(Home::new()).start();
    is_private(&hub);
    is_private(&hub.crash().start());
}

/// P2.16: a verb that makes everything without a hub.
#[test]
fn files_that_a_verb_makes_are_private() {
    let home = Home::new();
    home.add("greenhouse");
    assert_eq!(mode(&home.data("")), 0o700);
    for name in ["hub.db", "serials.key"] {
        assert_eq!(mode(&home.data(name)), 0o600, "{name}");
    }
}

/// Names the file, and says that a backup helps.
#[track_caller]
fn says_what_to_do(home: &Home) {
    for words in [&["serve"][..], &["device", "list"]] {
        let complaint = home.verb(words).refused();
        assert!(complaint.contains("serials.key"), "{words:?}: {complaint}");
        assert!(complaint.contains("backup"), "{words:?}: {complaint}");
    }
}

/// P2.16
#[test]
fn an_empty_key_is_refused() {
    let home = Home::new();
    home.add("greenhouse");
    fs::write(home.data("serials.key"), "").unwrap();
    says_what_to_do(&home);
}

/// P2.16: a new key would open no serial, and every device would be refused without a word why.
#[test]
fn a_missing_key_beside_registered_devices_is_refused() {
    let home = Home::new();
    home.add("greenhouse");
    let key = home.data("serials.key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    says_what_to_do(&home);
    assert!(!key.exists(), "a new key was made all the same");
    fs::write(&key, kept).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    home.verb(&["device", "list"]).ok();
}

/// P2.16: nothing is lost with a key that sealed nothing.
#[test]
fn a_missing_key_without_devices_is_made_anew() {
    let home = Home::new();
    home.verb(&["group", "add", "greenhouse"]).ok();
    fs::remove_file(home.data("serials.key")).unwrap();
    let hub = home.start();
    hub.login(&hub.add("harbour")).expect_nothing();
}
