//! What is there and what is done about it: one resource a file.

mod alarms;
mod channels;
mod commands;
mod csv;
mod description;
mod devices;
mod groups;
mod isolation;
mod paging;
mod readings;
mod rules;
mod schedules;

use serde_json::{Value, json};

use crate::harness::{Browser, Hub};

pub(crate) const EVIL: &str = "<img src=x onerror=alert(1)>";

/// Two groups, and the administrator.
pub(crate) fn two_groups() -> (Hub, Browser) {
    let hub = Hub::start();
    let admin = hub.administrator();
    for name in ["greenhouse", "harbour"] {
        admin.post("/groups", &json!({"name": name})).ok();
    }
    (hub, admin)
}

/// Registers a device over HTTP; answers its address.
#[track_caller]
pub(crate) fn device(admin: &Browser, group: &str, id: &str) -> u64 {
    let body = json!({"group": group, "type": 1000, "id": id, "name": format!("board {id}")});
    let made = admin.post("/devices", &body);
    assert_eq!(made.status, 201, "{made:?}");
    made.json()["address"].as_u64().unwrap()
}

/// A rule on all devices of a group.
pub(crate) fn rule(name: &str, group: &str, raise: f64) -> Value {
    let check =
        json!({"kind": "threshold", "sensor": "t", "op": ">", "raise": raise, "clear": raise});
    json!({"name": name, "group": group, "scope": "group", "check": check})
}

/// One of each member of the items of a list.
pub(crate) fn column(list: &Value, member: &str) -> Vec<Value> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item[member].clone()).collect()
}
