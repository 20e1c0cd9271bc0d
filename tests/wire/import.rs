//! Devices from a CSV file.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::harness::{Device, Home, Hub};

pub(crate) const HEADER: &str = "group,type,id,serial,login,name";

pub(crate) fn listed(home: &Home) -> Vec<Value> {
    let text = home.verb(&["device", "list", "--json"]).ok();
    serde_json::from_str::<Vec<Value>>(&text).unwrap()
}

#[test]
fn rows_become_devices_and_groups_into_a_running_hub() {
    let hub = Hub::start();
    let csv = format!("{HEADER}\ngreenhouse,511,a,SN-1,legacy,Pump\nharbour,511,b,SN-2,legacy,\n");
    let file = hub.write("devices.csv", &csv);
    hub.verb(&["device", "import", &file]).ok();
    assert_eq!(listed(&hub).len(), 2);
    let mut client = hub.connect();
    client.hello(511, "a");
    let digest = crate::harness::legacy_digest("SN-1", "1");
    client.send(&format!("{digest}|1|"));
    client.expect("OK|OK|");
}

/// The serial of an empty field is made, and told once, in a file that only its owner reads.
#[test]
fn an_empty_serial_is_generated_and_told_in_the_credentials() {
    let hub = Hub::start();
    let file = hub.write(
        "devices.csv",
        &format!("{HEADER}\ngreenhouse,511,a,,challenge,Pump\n"),
    );
    let out = hub.path("credentials.csv");
    let out_text = out.to_str().unwrap();
    hub.verb(&["device", "import", &file, "--credentials", out_text])
        .ok();
    let mode = std::fs::metadata(&out).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut reader = csv::Reader::from_path(&out).unwrap();
    let row: std::collections::HashMap<String, String> =
        reader.deserialize().next().unwrap().unwrap();
    let device = Device {
        address: row["address"].parse().unwrap(),
        kind: row["type"].parse().unwrap(),
        id: row["id"].clone(),
        serial: row["serial"].clone(),
        legacy: false,
    };
    drop(hub.login(&device));
}

#[test]
fn a_bad_row_is_named_by_its_line_and_the_good_ones_go_in() {
    let home = Home::new();
    let rows =
        "greenhouse,511,a,SN-1,legacy,\ngreenhouse,0,b,SN-2,legacy,\ngreenhouse,511,c,SN-3,legacy,";
    let file = home.write("devices.csv", &format!("{HEADER}\n{rows}\n"));
    let finished = home.verb(&["device", "import", &file]);
    let said = format!("{}{}", finished.out, finished.err);
    assert!(said.contains("devices.csv:3:"), "{said}");
    assert_eq!(listed(&home).len(), 2);
}

#[test]
fn a_strict_import_takes_all_or_nothing() {
    let home = Home::new();
    let rows = "greenhouse,511,a,SN-1,legacy,\ngreenhouse,0,b,SN-2,legacy,";
    let file = home.write("devices.csv", &format!("{HEADER}\n{rows}\n"));
    let complaint = home.verb(&["device", "import", &file, "--strict"]);
    assert!(complaint.refused().contains("devices.csv:3:"));
    assert_eq!(listed(&home).len(), 0);
}

#[test]
fn a_file_without_the_header_is_refused() {
    let home = Home::new();
    let file = home.write("devices.csv", "greenhouse,511,a,SN-1,legacy,\n");
    let complaint = home.verb(&["device", "import", &file]).refused();
    assert!(complaint.contains("group"), "{complaint}");
    let missing = home.path("missing.csv");
    let missing = missing.to_str().unwrap();
    let complaint = home.verb(&["device", "import", missing]).refused();
    assert!(complaint.contains("missing.csv"), "{complaint}");
}
