//! Readings as CSV.

use serde_json::json;

use super::{device, two_groups};
use crate::harness::{Browser, Hub};
use crate::live::Scene;

/// Stores readings of a device by the verb.
fn import(hub: &Hub, address: u64, rows: &[(&str, &str)]) {
    let file = hub.data("rows.csv");
    let mut text = "time,sensor,unit,value\n".to_owned();
    for (n, (sensor, value)) in rows.iter().enumerate() {
        text += &format!(
            "2026-01-01T00:{:02}:{:02}Z,{sensor},C,{value}\n",
            n / 60 % 60,
            n % 60
        );
    }
    std::fs::write(&file, text).unwrap();
    hub.verb(&[
        "reading",
        "import",
        file.to_str().unwrap(),
        "--device",
        &address.to_string(),
    ]);
}

fn lines(browser: &Browser, query: &str) -> Vec<String> {
    let reply = browser.get(&format!("/readings.csv{query}"));
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(
        reply
            .header("content-type")
            .unwrap()
            .starts_with("text/csv")
    );
    assert!(
        reply
            .header("content-disposition")
            .unwrap()
            .starts_with("attachment")
    );
    reply.body.lines().map(str::to_owned).collect()
}

const HEADER: &str = "address,type,id,name,group,sensor,unit,time,value,msgno,received";

#[test]
fn formulas_are_text_in_a_spreadsheet_and_numbers_are_numbers() {
    let (hub, admin) = two_groups();
    admin.post("/groups", &json!({"name": "@SUM(1)"})).ok();
    let body = json!({"group": "@SUM(1)", "type": 7, "id": "-a", "name": "=cmd()"});
    let address = admin.post("/devices", &body).ok()["address"]
        .as_u64()
        .unwrap();
    import(&hub, address, &[("t", "-2.5"), ("+x", "=HYPERLINK(1)")]);
    let lines = lines(&admin, "?zone=Europe/Madrid");
    assert_eq!(lines[0], HEADER);
    let first = format!("{address},7,'-a,'=cmd(),'@SUM(1),t,C,2026-01-01T01:00:00+01:00,-2.5,");
    assert!(lines[1].starts_with(&first), "{lines:?}");
    assert!(
        lines[2].contains(",'+x,") && lines[2].contains(",'=HYPERLINK(1),"),
        "{lines:?}"
    );
}

#[test]
fn many_rows_come_whole_and_in_order() {
    let (hub, admin) = two_groups();
    let address = device(&admin, "harbour", "a");
    let values: Vec<_> = (0..3600).map(|n: u32| n.to_string()).collect();
    let rows: Vec<_> = values.iter().map(|value| ("t", value.as_str())).collect();
    // More than two pages of the server's.
    import(&hub, address, &rows);
    import(&hub, device(&admin, "harbour", "b"), &rows);
    let lines = lines(&admin, "");
    assert_eq!(lines.len(), 1 + 2 * 3600);
    let value = |line: &String| line.split(',').nth(8).unwrap().to_owned();
    assert_eq!(
        lines[1..=3600].iter().map(value).collect::<Vec<_>>(),
        values
    );
}

#[test]
fn an_export_has_what_was_asked_for_and_what_is_seen() {
    let mut scene = Scene::new();
    scene.one.report("t", "1", 1);
    scene.one.report("u", "2", 2);
    scene.other.report("t", "3", 1);
    let (one, other) = (scene.one.address, scene.other.address);
    let ana = &scene.operator;
    assert_eq!(lines(ana, "").len(), 3);
    assert_eq!(lines(ana, "?sensor=t").len(), 2);
    assert_eq!(
        lines(ana, &format!("?device={one}&device={one}&sensor=u")).len(),
        3
    );
    assert_eq!(lines(ana, "?to_ms=1"), [HEADER]);
    assert_eq!(lines(&scene.hub.administrator(), "").len(), 4);
    let unseen = ana.get(&format!("/readings.csv?device={other}"));
    unseen.refused(404, "not_found");
    ana.get("/readings.csv?group=harbour")
        .refused(404, "not_found");
    ana.get("/readings.csv?device=x").refused(400, "malformed");
    ana.get("/readings.csv?colour=red")
        .refused(400, "malformed");
    ana.get("/readings.csv?sensor=a&sensor=b")
        .refused(400, "malformed");
    ana.get("/readings.csv?zone=Nowhere/Here")
        .refused(422, "invalid");
}
