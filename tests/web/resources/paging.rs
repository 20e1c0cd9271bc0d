//! Lists in pages.

use std::collections::BTreeSet;

use serde_json::json;

use super::{column, device, two_groups};
use crate::harness::Browser;

/// All items of a list, page by page; pages have so many each but for the last.
fn walk(browser: &Browser, path: &str, limit: usize, member: &str) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = browser.get(&format!("{path}limit={limit}{cursor}")).ok();
        let items = column(&page, member);
        all.extend(items.iter().map(ToString::to_string));
        let Some(next) = page["next"].as_str() else {
            return all;
        };
        assert_eq!(items.len(), limit, "{page}");
        cursor = format!("&cursor={next}");
    }
}

#[test]
fn a_list_is_the_same_in_pages_of_any_size() {
    let (_hub, admin) = two_groups();
    let row = |n: u32| json!({"line": n, "group": if n.is_multiple_of(3) { "harbour" } else { "greenhouse" }, "type": "7", "id": format!("d{n}")});
    let rows: Vec<_> = (1..=50).map(row).collect();
    admin.post("/devices/import", &json!({"rows": rows})).ok();
    let whole = walk(&admin, "/devices?", 1000, "address");
    assert_eq!(whole.len(), 50);
    for limit in [1, 7, 25, 50] {
        assert_eq!(walk(&admin, "/devices?", limit, "address"), whole);
    }
    let distinct: BTreeSet<_> = whole.iter().collect();
    assert_eq!(distinct.len(), 50);
    let some = walk(&admin, "/devices?q=d1&", 3, "id");
    assert_eq!(some.len(), 11, "{some:?}");
}

#[test]
fn what_goes_meanwhile_moves_no_page() {
    let (_hub, admin) = two_groups();
    let addresses: Vec<_> = (1..=4)
        .map(|n| device(&admin, "harbour", &format!("d{n}")))
        .collect();
    let first = admin.get("/devices?limit=2").ok();
    admin.delete(&format!("/devices/{}", addresses[1])).ok();
    let next = first["next"].as_str().unwrap();
    let second = admin.get(&format!("/devices?limit=2&cursor={next}")).ok();
    assert_eq!(column(&second, "id"), [json!("d3"), json!("d4")]);
}

#[test]
fn commands_come_in_pages_newest_first() {
    let (_hub, admin) = two_groups();
    let address = device(&admin, "harbour", "a");
    for n in 0..7 {
        let order = json!({"target": address.to_string(), "type": 1, "fields": [format!("s{n}")]});
        assert_eq!(admin.post("/commands", &order).status, 202);
    }
    let whole = walk(&admin, "/commands?", 100, "id");
    assert_eq!(whole.len(), 7);
    assert_eq!(walk(&admin, "/commands?group=harbour&", 2, "id"), whole);
    let mut sorted = whole.clone();
    sorted.sort_by_key(|id| std::cmp::Reverse(id.parse::<i64>().unwrap()));
    assert_eq!(sorted, whole);
}

#[test]
fn wrong_pages_are_refused() {
    let (_hub, admin) = two_groups();
    for path in ["/devices", "/commands", "/alarms", "/rules", "/schedules"] {
        for limit in ["0", "1001", "-1", "x", ""] {
            admin
                .get(&format!("{path}?limit={limit}"))
                .refused(400, "malformed");
        }
        for cursor in ["", "zz", "7b7d", &"a".repeat(2000)] {
            admin
                .get(&format!("{path}?cursor={cursor}"))
                .refused(422, "invalid");
        }
        admin
            .get(&format!("{path}?page=2"))
            .refused(400, "malformed");
        admin
            .get(&format!("{path}?limit=1&limit=2"))
            .refused(400, "malformed");
    }
}
