//! Readings out as CSV and in again.

use serde_json::Value;

use crate::harness::{Client, Home, Hub};

#[track_caller]
fn report(client: &mut Client, rest: &str) {
    client.say(0, format_args!("26|{rest}"));
    assert!(client.recv().contains("|7|"), "{rest}");
}

#[track_caller]
fn export(home: &Home, more: &[&str]) -> String {
    home.verb(&[&["reading", "export"], more].concat()).ok()
}

/// R6.1, R6.3: texts of any kind, numbers of any size, repeated minutes, both times, numbers of the device.
#[test]
fn a_fresh_hub_has_the_same_readings_after_an_import() {
    let home = Home::new().set("STORAGE__SETTLE_SECONDS", "0");
    let device = home.add("greenhouse");
    let hub = home.start();
    let mut a = hub.login(&device);
    for (msgno, value) in (0..).zip([
        "21.5",
        "-3",
        "true",
        "=1+1",
        "+x",
        "-x",
        "@x",
        "'=x",
        "''",
        "'",
        "a,b \"c\"",
        "9007199254740993",
        "0.1",
        "",
        "Grüße",
        "1e300",
        "x=1;y=2",
    ]) {
        for repeat in [0, 1] {
            report(
                &mut a,
                &format!("s|{value}|C|1700000000000|{}", msgno * 2 + repeat),
            );
        }
    }
    report(&mut a, "event|text|7");
    let first = export(&hub, &[]);
    assert_eq!(first.lines().count(), 1 + 16 * 2 + 4 + 1, "{first}");
    for cell in first.split(',') {
        let number = cell.parse::<f64>().is_ok();
        assert!(number || !cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }

    let other = Home::new();
    let again = other.add_with("greenhouse", &[]);
    assert_eq!(again.id, device.id);
    let file = other.write("readings.csv", &first);
    let other = other.start();
    other.verb(&["reading", "import", &file]).ok();
    let own = |text: &str, address: u32| text.replace(&format!("{address},511,"), "A,511,");
    let mut wanted: Vec<_> = own(&first, device.address)
        .lines()
        .map(str::to_owned)
        .collect();
    let mut found: Vec<_> = own(&export(&other, &[]), again.address)
        .lines()
        .map(str::to_owned)
        .collect();
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted);
    let told: Value =
        serde_json::from_str(&other.verb(&["reading", "import", &file, "--json"]).ok()).unwrap();
    assert_eq!(
        (&told["stored"], &told["repeated"]),
        (&Value::from(0), &Value::from(37))
    );
}

/// R6.4: real input, with repeated minutes, twice.
#[test]
fn a_published_data_set_is_imported_once_however_often() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/data/room-temperatures.csv"
    );
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("no {path}: not tested");
        return;
    };
    let lines = text.lines().count() - 1;
    let hub = Hub::start();
    let device = hub.add("house");
    let import = [
        "reading",
        "import",
        path,
        "--device",
        &device.at(),
        "--unit",
        "C",
        "--json",
    ];
    for (stored, repeated) in [(lines, 0), (0, lines)] {
        let told: Value = serde_json::from_str(&hub.verb(&import).ok()).unwrap();
        assert_eq!(
            (&told["stored"], &told["repeated"]),
            (&Value::from(stored), &Value::from(repeated))
        );
    }
    let out = hub
        .verb(&[
            "reading",
            "query",
            &device.at(),
            "out",
            "--points",
            "500",
            "--json",
        ])
        .ok();
    let series: Value = serde_json::from_str(&out).unwrap();
    let points = series[0]["points"].as_array().unwrap();
    assert!(points.len() <= 500);
    let hottest = |values: &mut dyn Iterator<Item = i64>| values.max().unwrap();
    let values = text.lines().filter_map(|line| line.split_once(",out,"));
    let wanted = hottest(&mut values.map(|(_, value)| value.parse().unwrap()));
    assert_eq!(
        hottest(&mut points.iter().map(|p| p["value"].as_i64().unwrap())),
        wanted
    );
}

/// R6.5
#[test]
fn bad_rows_are_named_by_their_line_and_the_good_ones_stored() {
    let hub = Hub::start();
    let device = hub.add("house");
    let at = device.at();
    let rows = format!(
        "address,sensor,unit,time,value\n{at},t,C,2024-01-01T00:00:00Z,1\n{at},t,C,soon,2\n{at},t,C,2024-01-01T00:00:00Z,NaN\n\
         7,t,C,2024-01-01T00:00:00Z,1\n{at},t,C,1970-01-01T00:00:00Z,1\n{at},t,C,2024-01-01T00:01:00Z,3\n"
    );
    let file = hub.write("rows.csv", &rows);
    let told = hub
        .verb(&["reading", "import", &file, "--strict"])
        .refused();
    for line in [3, 4, 5, 6] {
        assert!(told.contains(&format!("rows.csv:{line}: ")), "{told}");
    }
    assert_eq!(hub.stored_readings(), 0);
    hub.verb(&["reading", "import", &file]).refused();
    assert_eq!(hub.stored_readings(), 2);
    let none = hub.write("none.csv", "wann,value\n1,2\n");
    assert!(
        hub.verb(&["reading", "import", &none])
            .refused()
            .contains("time")
    );
}
