//! `hub notify`: N-numbers are statements of docs/notifications.md.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::harness::receiver::{body, header};
use crate::harness::{Home, Hub, Receiver};

/// Adds a webhook to a group of its own; answers what was printed.
#[track_caller]
fn add(home: &Home, name: &str, url: &str, more: &[&str]) -> Value {
    let mut words = vec![
        "notify",
        "add",
        name,
        "--group",
        "greenhouse",
        "--webhook",
        url,
        "--json",
    ];
    words.extend_from_slice(more);
    serde_json::from_str(&home.verb(&words).ok()).unwrap()
}

#[track_caller]
fn list(home: &Home) -> Value {
    let out = home.verb(&["notify", "list", "--group", "greenhouse", "--json"]);
    serde_json::from_str(&out.ok()).unwrap()
}

fn hub() -> Hub {
    let hub = Home::new().set("NOTIFY__TIMEOUT_SECONDS", "2").start();
    hub.verb(&["group", "add", "greenhouse"]).ok();
    hub
}

const TEST: [&str; 5] = ["notify", "test", "ops", "--group", "greenhouse"];

/// N1.3, N1.5: nobody reads the secret again, neither in a list nor in the files.
#[test]
fn the_secret_is_shown_once() {
    let hub = hub();
    let added = add(
        &hub,
        "ops",
        "https://example.org/alarms",
        &["--severity", "major"],
    );
    let secret = added["secret"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 64);
    let listed = list(&hub);
    let one = &listed[0];
    assert_eq!(
        (&one["name"], &one["kind"], &one["target"], &one["severity"]),
        (
            &"ops".into(),
            &"webhook".into(),
            &"https://example.org/alarms".into(),
            &"major".into()
        )
    );
    assert_eq!((&one["state"], &one["waiting"]), (&"new".into(), &0.into()));
    assert!(!listed.to_string().contains(&secret));
    hub.verb(&["notify", "list"]).ok();
    let home = hub.stop();
    for file in std::fs::read_dir(home.data("")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
        assert!(!found);
    }
}

/// N3.1, N3.3, N6.1
#[test]
fn a_test_message_is_signed_with_the_secret() {
    let hub = hub();
    let receiver = Receiver::web(&[200]);
    let given = "my-own-secret-of-24-chars";
    let added = add(&hub, "ops", &receiver.url(), &["--secret", given]);
    assert_eq!(added["secret"], given);
    assert_eq!(hub.verb(&TEST).ok().trim(), "delivered");
    let request = receiver.next();
    assert!(
        request.starts_with("POST /alarms HTTP/1.1\r\n"),
        "{request}"
    );
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(header(&request, "x-hub-delivery").unwrap().len(), 32);
    let signature = header(&request, "x-hub-signature").unwrap();
    let (time, digest) = signature.split_once(",v1=").unwrap();
    let (_, text) = request.split_once("\r\n\r\n").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(given.as_bytes()).unwrap();
    mac.update(format!("{}.{text}", time.strip_prefix("t=").unwrap()).as_bytes());
    assert_eq!(digest, hex::encode(mac.finalize().into_bytes()));
    let said = body(&request);
    assert_eq!(
        (&said["test"], &said["group"]),
        (&true.into(), &"greenhouse".into())
    );
    assert_eq!(said["alarms"], Value::Array(Vec::new()));
}

/// N6.1, N6.2: exit code 1, and why.
#[test]
fn a_test_that_fails_says_why() {
    let hub = hub();
    let receiver = Receiver::web(&[500, 0]);
    add(&hub, "ops", &receiver.url(), &[]);
    for words in ["answered 500", "no answer within 2 seconds"] {
        let failed = hub.verb(&TEST);
        assert_eq!(failed.code, Some(1));
        assert!(failed.err.contains(words), "{}", failed.err);
    }
    let failed = hub.verb(&[&TEST[..], &["--json"]].concat());
    assert_eq!(failed.code, Some(1));
    let said: Value = serde_json::from_str(&failed.out).unwrap();
    assert_eq!(said["delivered"], false);
}

/// N4.1, N6.1
#[test]
fn an_e_mail_is_tried_through_the_mail_server() {
    let server = Receiver::mail();
    let hub = Home::new()
        .set("MAIL__HOST", "127.0.0.1")
        .set("MAIL__PORT", &server.address.port().to_string())
        .set("MAIL__TLS", "off")
        .set("MAIL__FROM", "hub@example.org")
        .start();
    hub.verb(&["group", "add", "greenhouse"]).ok();
    let to = "a@example.org,b@example.org";
    let words = [
        "notify",
        "add",
        "ops",
        "--group",
        "greenhouse",
        "--email",
        to,
    ];
    hub.verb(&words).ok();
    assert_eq!(hub.verb(&TEST).ok().trim(), "delivered");
    let mail = server.next();
    for line in [
        "RCPT TO:<a@example.org>",
        "RCPT TO:<b@example.org>",
        "this is a test of channel ops",
    ] {
        assert!(mail.contains(line), "{mail}");
    }
}

#[test]
fn what_is_typed_wrong_is_a_usage_error_and_repeats_no_password() {
    let hub = hub();
    let group = ["--group", "greenhouse"];
    for words in [
        &["--webhook", "example.org"][..],
        &["--webhook", "ftp://example.org/"],
        &["--webhook", "https://me:geheim@example.org/"],
        &["--webhook", "http://a/", "--secret", "geheim"],
        &["--webhook", "http://a/", "--email", "a@b.c"],
        &["--email", "nobody"],
        &["--email", "a@b.c", "--secret", "0123456789abcdef"],
        &["--webhook", "http://a/", "--severity", "awful"],
        &[],
    ] {
        let refused = hub.verb(&[&["notify", "add", "ops"], &group[..], words].concat());
        assert_eq!(refused.code, Some(2), "{words:?}");
        assert!(!refused.err.contains("geheim"), "{}", refused.err);
    }
    assert_eq!(list(&hub), Value::Array(Vec::new()));
}

#[test]
fn what_the_hub_refuses_is_said_in_words() {
    let hub = hub();
    add(&hub, "ops", "http://127.0.0.1:9/", &[]);
    let webhook = ["--webhook", "http://127.0.0.1:9/"];
    let add = |name: &str, group: &str, to: &[&str]| {
        let refused = hub.verb(&[&["notify", "add", name, "--group", group], to].concat());
        assert_eq!(refused.code, Some(1));
        refused.refused()
    };
    assert!(add("ops", "greenhouse", &webhook).contains("already"));
    assert!(add("ops", "nowhere", &webhook).contains("nowhere"));
    assert!(add("", "greenhouse", &webhook).contains("name"));
    assert!(add("post", "greenhouse", &["--email", "a@b.c"]).contains("[mail]"));
    for verb in ["test", "remove"] {
        let words = ["notify", verb, "nobody", "--group", "greenhouse"];
        assert!(hub.verb(&words).refused().contains("nobody"));
    }
}

/// N1.2
#[test]
fn a_group_has_so_many_channels_at_most() {
    let home = Home::new().set("NOTIFY__CHANNELS", "2");
    home.verb(&["group", "add", "greenhouse"]).ok();
    add(&home, "one", "http://a/", &[]);
    add(&home, "two", "http://a/", &[]);
    let three = [
        "notify",
        "add",
        "three",
        "--group",
        "greenhouse",
        "--webhook",
        "http://a/",
    ];
    assert!(home.verb(&three).refused().contains("notify.channels"));
}

#[test]
fn all_of_it_works_without_a_running_hub() {
    let home = Home::new();
    home.verb(&["group", "add", "greenhouse"]).ok();
    let receiver = Receiver::web(&[200]);
    add(&home, "ops", &receiver.url(), &[]);
    home.verb(&TEST).ok();
    receiver.next();
    home.verb(&["notify", "remove", "ops", "--group", "greenhouse"])
        .ok();
    assert_eq!(list(&home), Value::Array(Vec::new()));
}

/// N1.6
#[test]
fn a_removed_group_takes_its_channels_along() {
    let hub = hub();
    add(&hub, "ops", "http://127.0.0.1:9/", &[]);
    hub.verb(&["group", "remove", "greenhouse"]).ok();
    hub.verb(&["group", "add", "greenhouse"]).ok();
    assert_eq!(list(&hub), Value::Array(Vec::new()));
}

/// N1.5: a secret that nobody can open is said at the start, as serials are.
#[test]
fn a_hub_without_the_key_to_its_secrets_does_not_start() {
    let home = Home::new();
    home.verb(&["group", "add", "greenhouse"]).ok();
    add(&home, "ops", "http://127.0.0.1:9/", &[]);
    std::fs::remove_file(home.data("serials.key")).unwrap();
    let refused = home.serve_to_the_end().refused();
    assert!(refused.contains("serials.key is missing"), "{refused}");
}

#[test]
fn mail_settings_that_make_no_sense_are_refused_at_the_start() {
    for (keys, words) in [
        (&[("MAIL__HOST", "mail.example.org")][..], "mail.from"),
        (
            &[
                ("MAIL__HOST", "mail.example.org"),
                ("MAIL__FROM", "a@b.c"),
                ("MAIL__TLS", "off"),
            ],
            "on this machine",
        ),
        (
            &[
                ("MAIL__HOST", "mail.example.org"),
                ("MAIL__FROM", "a@b.c"),
                ("MAIL__USER", "me"),
            ],
            "password_file",
        ),
        (&[("NOTIFY__TRUST_FILE", "/nowhere.pem")], "/nowhere.pem"),
    ] {
        let home = keys.iter().fold(Home::new(), |home, (k, v)| home.set(k, v));
        let refused = home.serve_to_the_end().refused();
        assert!(refused.contains(words), "{refused}");
    }
}
