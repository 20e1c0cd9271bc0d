//! In and out: links, passwords, cookies, CSRF, origins.

use serde_json::json;

use crate::harness::{Ask, Browser, Hub, PASSWORD, token_of};

#[test]
fn the_first_link_sets_the_password_once() {
    let hub = Hub::start();
    let token = hub.first_link();
    let shown = hub.get(&format!("/setup/{token}")).ok();
    assert_eq!(shown["name"], "admin");
    assert_eq!(shown["purpose"], "password");
    let short = json!({"token": token, "password": "short"});
    hub.post("/setup", &short).refused(422, "invalid");
    let good = json!({"token": token, "password": PASSWORD});
    let admin = Browser::of(hub.web, &hub.post("/setup", &good));
    assert_eq!(admin.get("/me").ok()["role"], "administrator");
    hub.post("/setup", &good).refused(404, "not_found");
    hub.get(&format!("/setup/{token}"))
        .refused(404, "not_found");
    // And the secret is in no log.
    assert!(!hub.log().contains(&token));
}

#[test]
fn each_start_prints_a_link_until_there_is_a_password() {
    let hub = Hub::start();
    let earlier = hub.first_link();
    let hub = hub.crash_and_start();
    let later = hub.first_link();
    assert_ne!(earlier, later);
    hub.get(&format!("/setup/{earlier}"))
        .refused(404, "not_found");
    let good = json!({"token": later, "password": PASSWORD});
    hub.post("/setup", &good).ok();
    let hub = hub.crash_and_start();
    hub.log_in("admin");
    let printed = hub.killed();
    assert!(printed.is_empty(), "{printed:?}");
}

#[test]
fn a_login_makes_a_cookie_that_pages_cannot_read_or_plant() {
    let hub = Hub::start();
    hub.administrator();
    let planted = "A".repeat(43);
    let ask = Ask::new("POST", "/login")
        .header("cookie", &format!("hub_session={planted}"))
        .json(&json!({"name": "Admin", "password": PASSWORD}));
    let reply = ask.send(hub.web);
    let first = Browser::of(hub.web, &reply);
    assert_ne!(first.cookie, planted);
    let set = reply.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=1209600"] {
        assert!(set.contains(part), "{set}");
    }
    // Logging in again ends the session that the browser had.
    let again = ask.header("cookie", &format!("hub_session={}", first.cookie));
    let second = Browser::of(hub.web, &again.send(hub.web));
    assert_ne!(first.cookie, second.cookie);
    first.get("/me").refused(401, "unauthenticated");
    assert_eq!(second.get("/me").ok()["name"], "admin");
}

#[test]
fn over_https_the_cookie_is_for_https_alone() {
    let hub = Hub::start_with(&[("WEB__URL", "https://hub.example.org")]);
    let body = json!({"token": hub.first_link(), "password": PASSWORD});
    let reply = hub.post("/setup", &body);
    let set = reply.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-hub_session="), "{set}");
    assert!(set.contains("Secure"), "{set}");
}

#[test]
fn a_wrong_password_and_a_wrong_name_are_answered_alike() {
    let hub = Hub::start();
    hub.administrator();
    let wrong = |name: &str| {
        let reply = hub.post("/login", &json!({"name": name, "password": "x"}));
        reply.refused(401, "unauthenticated");
        reply.body
    };
    assert_eq!(wrong("admin"), wrong("nobody"));
    assert_eq!(wrong("admin"), wrong("<no name at all>"));
}

#[test]
fn guessing_is_slowed_down_by_name_and_source() {
    let hub = Hub::start_with(&[("WEB__GUESSES", "3"), ("WEB__GUESS_SECONDS", "3600")]);
    hub.administrator();
    let from = |source: &str, password: &str| {
        Ask::new("POST", "/login")
            .header("x-forwarded-for", source)
            .json(&json!({"name": "admin", "password": password}))
            .send(hub.web)
    };
    for _ in 0..3 {
        from("192.0.2.1", "x").refused(401, "unauthenticated");
    }
    for password in ["x", PASSWORD] {
        let reply = from("192.0.2.1", password);
        reply.refused(429, "throttled");
        let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=3600).contains(&wait), "{wait}");
    }
    // Whoever knows the password is not locked out by a stranger.
    for _ in 0..10 {
        from("192.0.2.2", PASSWORD).ok();
    }
    let other = json!({"name": "nobody", "password": "x"});
    let reply = Ask::new("POST", "/login")
        .header("x-forwarded-for", "192.0.2.1")
        .json(&other);
    reply.send(hub.web).refused(401, "unauthenticated");
}

#[test]
fn logout_ends_the_session_and_no_other() {
    let hub = Hub::start();
    let one = hub.administrator();
    let other = hub.log_in("admin");
    let reply = one.post("/logout", &json!(null));
    assert_eq!(reply.status, 204);
    assert_eq!(reply.cookie("hub_session").as_deref(), Some(""));
    one.get("/me").refused(401, "unauthenticated");
    other.get("/me").ok();
    let hub = hub.crash_and_start();
    let gone = Browser {
        web: hub.web,
        ..one
    };
    gone.get("/me").refused(401, "unauthenticated");
    let kept = Browser {
        web: hub.web,
        ..other
    };
    kept.get("/me").ok();
}

#[test]
fn a_session_that_was_not_used_for_long_is_over() {
    let hub = Hub::start();
    let admin = hub.administrator();
    hub.database()
        .execute("UPDATE session SET seen_ms = seen_ms - 15 * 86400000", [])
        .unwrap();
    let hub = hub.crash_and_start();
    let old = Browser {
        web: hub.web,
        ..admin
    };
    old.get("/me").refused(401, "unauthenticated");
}

#[test]
fn another_password_ends_the_other_sessions_and_renews_this_one() {
    let hub = Hub::start();
    let admin = hub.administrator();
    let other = hub.log_in("admin");
    let new = "another row of words";
    let wrong = admin.post("/me/password", &json!({"old": "x", "new": new}));
    wrong.refused(422, "invalid");
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/old");
    let short = admin.post("/me/password", &json!({"old": PASSWORD, "new": "short"}));
    short.refused(422, "invalid");
    assert_eq!(short.json()["errors"][0]["pointer"], "/new");
    other.get("/me").ok();
    let changed = admin.post("/me/password", &json!({"old": PASSWORD, "new": new}));
    assert_eq!(changed.status, 204, "{changed:?}");
    other.get("/me").refused(401, "unauthenticated");
    admin.get("/me").refused(401, "unauthenticated");
    let renewed = Browser {
        cookie: changed.cookie("hub_session").unwrap(),
        ..admin
    };
    renewed.get("/me").ok();
    let old = json!({"name": "admin", "password": PASSWORD});
    hub.post("/login", &old).refused(401, "unauthenticated");
    hub.post("/login", &json!({"name": "admin", "password": new}))
        .ok();
}

#[test]
fn a_disabled_user_is_out_at_once() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    let ana = hub.user("ana", "operator", &["north"]);
    ana.get("/me").ok();
    hub.verb(&["user", "disable", "ana"]);
    ana.get("/me").refused(401, "unauthenticated");
    let login = json!({"name": "ana", "password": PASSWORD});
    hub.post("/login", &login).refused(401, "unauthenticated");
    hub.verb(&["user", "enable", "ana"]);
    ana.get("/me").refused(401, "unauthenticated");
    hub.log_in("ana");
    hub.verb(&["user", "remove", "ana"]);
    hub.post("/login", &login).refused(401, "unauthenticated");
}

#[test]
fn other_rights_hold_at_once_in_the_same_session() {
    let hub = Hub::start();
    hub.groups(&["north", "south"]);
    let ana = hub.user("ana", "operator", &["north"]);
    assert_eq!(ana.get("/me").ok()["groups"], json!(["north"]));
    hub.verb(&["user", "groups", "ana", "north", "south"]);
    hub.verb(&["user", "role", "ana", "viewer"]);
    let me = ana.get("/me").ok();
    assert_eq!(me["groups"], json!(["north", "south"]));
    assert_eq!(me["role"], "viewer");
    hub.verb(&["group", "remove", "south"]);
    assert_eq!(ana.get("/me").ok()["groups"], json!(["north"]));
}

#[test]
fn a_change_needs_the_token_of_its_own_session() {
    let hub = Hub::start();
    let admin = hub.administrator();
    let other = hub.log_in("admin");
    let ask = admin.ask("PATCH", "/me").json(&json!({"language": "es"}));
    let missing = ask.clone().without("x-csrf-token");
    missing.send(hub.web).refused(403, "csrf");
    for wrong in ["", "x", &other.csrf] {
        let wrong = ask.clone().header("x-csrf-token", wrong);
        wrong.send(hub.web).refused(403, "csrf");
    }
    assert_eq!(ask.send(hub.web).ok()["language"], "es");
}

#[test]
fn a_change_from_a_foreign_page_is_refused() {
    let hub = Hub::start();
    let admin = hub.administrator();
    let ask = admin.ask("PATCH", "/me").json(&json!({"language": "es"}));
    let foreign = ["http://evil.example", "null", "", "http://127.0.0.1"];
    for origin in foreign {
        let ask = ask.clone().header("origin", origin);
        ask.send(hub.web).refused(403, "origin");
    }
    let bare = ask.clone().without("origin");
    bare.send(hub.web).refused(403, "origin");
    let said = bare.clone().header("sec-fetch-site", "cross-site");
    said.send(hub.web).refused(403, "origin");
    bare.header("sec-fetch-site", "same-origin")
        .send(hub.web)
        .ok();
    // A page elsewhere cannot log a browser in either.
    let login = Ask::new("POST", "/login")
        .header("origin", "http://evil.example")
        .json(&json!({"name": "admin", "password": PASSWORD}));
    login.send(hub.web).refused(403, "origin");
}

#[test]
fn a_user_keeps_twenty_sessions() {
    let hub = Hub::start();
    let first = hub.administrator();
    let others: Vec<_> = (0..20).map(|_| hub.log_in("admin")).collect();
    first.get("/me").refused(401, "unauthenticated");
    others[0].get("/me").ok();
    others[19].get("/me").ok();
}

#[test]
fn a_reset_link_takes_the_place_of_the_one_before() {
    let hub = Hub::start();
    hub.groups(&["north"]);
    let ana = hub.user("ana", "viewer", &["north"]);
    let link = || {
        let made = hub.verb(&["user", "reset", "ana", "--json"]);
        let made: serde_json::Value = serde_json::from_str(&made).unwrap();
        token_of(made["url"].as_str().unwrap()).to_owned()
    };
    let (earlier, later) = (link(), link());
    hub.get(&format!("/setup/{earlier}"))
        .refused(404, "not_found");
    let body = json!({"token": later, "password": "another row of words"});
    hub.post("/enter", &json!({"token": later}))
        .refused(404, "not_found");
    hub.post("/setup", &body).ok();
    ana.get("/me").refused(401, "unauthenticated");
}

#[test]
fn an_old_link_is_worth_nothing() {
    let hub = Hub::start();
    let token = hub.first_link();
    hub.database()
        .execute("UPDATE one_time_link SET expires_ms = 1", [])
        .unwrap();
    hub.get(&format!("/setup/{token}"))
        .refused(404, "not_found");
    let body = json!({"token": token, "password": PASSWORD});
    hub.post("/setup", &body).refused(404, "not_found");
}

#[test]
fn two_who_use_one_link_at_once_are_one() {
    let hub = Hub::start();
    let body = json!({"token": hub.first_link(), "password": PASSWORD});
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| hub.post("/setup", &body).status))
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let in_by_it = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(in_by_it, 1, "{statuses:?}");
    assert!(
        statuses.iter().all(|status| matches!(status, 200 | 404)),
        "{statuses:?}"
    );
}
