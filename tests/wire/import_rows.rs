//! Rows of a CSV file that are bad, and rows that are many.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::harness::Home;
use crate::import::{HEADER, listed};

/// A row of each kind that cannot become a device, with the optional columns.
const BAD: [&str; 8] = [
    "field,511,not an id,SN-2,legacy,,,",
    "field,none,b,SN-2,legacy,,,",
    "field,511,b,SN-2,challenge,weak serial,,",
    "field,511,b,SN-2,legacy,,not/a/label,",
    "field,511,b,SN-2,legacy,,,everything",
    "field,511,b,SN-2,secret,,,",
    "field,511,a,SN-2,legacy,stands here twice,,",
    "field,511,b,SN 2,legacy,blank in the serial,,",
];

fn with_optional_columns(rows: &[&str]) -> String {
    format!("{HEADER},labels,rights\n{}\n", rows.join("\n"))
}

/// All or nothing is meant for groups too, whatever is wrong.
#[test]
fn a_strict_import_of_a_bad_row_leaves_nothing_behind() {
    for bad in BAD {
        let home = Home::new();
        let rows = with_optional_columns(&["field,511,a,SN-1,legacy,,,", bad]);
        let file = home.write("devices.csv", &rows);
        let complaint = home
            .verb(&["device", "import", &file, "--strict"])
            .refused();
        assert!(complaint.contains("devices.csv:3:"), "{bad}: {complaint}");
        let groups = home.verb(&["group", "list", "--json"]).ok();
        let groups: Vec<Value> = serde_json::from_str(&groups).unwrap();
        assert_eq!(groups, [Value::Null; 0], "{bad}");
        assert_eq!(listed(&home), [Value::Null; 0], "{bad}");
    }
}

#[test]
fn every_kind_of_bad_row_is_named_by_its_line() {
    let home = Home::new();
    let rows: Vec<&str> = std::iter::once("field,511,a,SN-1,legacy,,,")
        .chain(BAD)
        .collect();
    let file = home.write("devices.csv", &with_optional_columns(&rows));
    let complaint = home.verb(&["device", "import", &file]).refused();
    for line in 3..3 + BAD.len() {
        let named = format!("devices.csv:{line}:");
        assert!(
            complaint.contains(&named),
            "{named} is missing in {complaint}"
        );
    }
    assert_eq!(listed(&home).len(), 1);
}

/// The line is what an editor shows, with blank lines and the line ends of other systems.
#[test]
fn a_bad_row_is_named_by_its_line_however_lines_end() {
    for (rows, line) in [
        ("\n\nfield,0,b,SN-2,legacy,\n", 4),
        ("field,511,a,SN-1,legacy,\n\n\nfield,0,b,SN-2,legacy,\n", 5),
        ("field,511,a,SN-1,legacy,\r\nfield,0,b,SN-2,legacy,\r\n", 3),
        (
            "field,511,a,SN-1,legacy,\r\n\r\nfield,0,b,SN-2,legacy,\r\n",
            4,
        ),
        ("field,511,a,SN-1,legacy,\nfield,0,b,SN-2,legacy,", 3),
        ("field,511,a,SN-1,legacy,\nfield,511,b,SN-2,legacy\n", 3),
    ] {
        let home = Home::new();
        let end = if rows.contains('\r') { "\r\n" } else { "\n" };
        let file = home.write("devices.csv", &format!("{HEADER}{end}{rows}"));
        let complaint = home.verb(&["device", "import", &file]).refused();
        let named = format!("devices.csv:{line}:");
        assert!(
            complaint.contains(&named),
            "{rows:?}, not {named}: {complaint}"
        );
    }
}

/// So many that two random addresses are likely to be equal at first.
#[test]
fn forty_thousand_rows_go_in_at_once() {
    const ROWS: usize = 40_000;
    let home = Home::new();
    let rows = (0..ROWS).map(|i| format!("field-{},511,d{i},,challenge,\n", i % 100));
    let csv = format!("{HEADER}\n{}", rows.collect::<String>());
    let (file, out) = (
        home.write("devices.csv", &csv),
        home.path("credentials.csv"),
    );
    let out_text = out.to_str().unwrap();
    home.begin(&["device", "import", &file, "--credentials", out_text])
        .end_within(Duration::from_secs(180))
        .ok();
    let mut reader = csv::Reader::from_path(&out).unwrap();
    let records = reader.records().map(Result::unwrap);
    let credentials: Vec<_> = records.collect();
    let column = |at: usize| {
        credentials
            .iter()
            .map(|row| &row[at])
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(credentials.len(), ROWS);
    assert_eq!(column(0).len(), ROWS, "distinct addresses");
    assert_eq!(column(2).len(), ROWS, "distinct ids");
    assert_eq!(column(3).len(), ROWS, "distinct serials");
}
