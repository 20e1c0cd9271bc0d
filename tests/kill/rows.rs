//! What the database says, and what is exported from it.

use rusqlite::{Connection, OpenFlags};

use crate::harness::{Device, Home};

/// One row of `command`.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: u64,
    pub(crate) address: u32,
    /// The value to write, which is the order's number.
    pub(crate) number: u64,
    pub(crate) issuer: String,
    pub(crate) state: String,
    pub(crate) detail: String,
    pub(crate) sendings: u32,
}

fn database(home: &Home) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(home.data("hub.db"), flags)
}

/// How many commands have not ended.
pub(crate) fn open(home: &Home) -> rusqlite::Result<u32> {
    let count = "SELECT COUNT(*) FROM command WHERE state IN ('queued', 'sent', 'accepted')";
    database(home)?.query_row(count, [], |row| row.get(0))
}

/// All commands, by id.
pub(crate) fn commands(home: &Home) -> Vec<Row> {
    let database = database(home).unwrap();
    let all =
        "SELECT id, address, fields, issuer, state, detail, sendings FROM command ORDER BY id";
    let mut statement = database.prepare(all).unwrap();
    let rows = statement.query_map([], |row| {
        let fields: String = row.get(2)?;
        let fields: Vec<String> = serde_json::from_str(&fields).unwrap();
        assert_eq!((fields.len(), fields[0].as_str()), (2, "act"), "{fields:?}");
        Ok(Row {
            id: u64::try_from(row.get::<_, i64>(0)?).unwrap(),
            address: row.get(1)?,
            number: fields[1].parse().unwrap(),
            issuer: row.get(3)?,
            state: row.get(4)?,
            detail: row.get(5)?,
            sendings: row.get(6)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// The numbers of a device's events, as often as they are stored.
pub(crate) fn events(home: &Home, device: &Device) -> Vec<u64> {
    let words = [
        "reading",
        "export",
        "--device",
        &device.at(),
        "--sensor",
        "count",
    ];
    let exported = home.verb(&words);
    match exported.code {
        // The verb is not there: the table is.
        Some(2) => events_of_table(home, device),
        _ => values(&exported.ok()),
    }
}

/// The column `value` of a CSV.
fn values(csv: &str) -> Vec<u64> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let at = header.iter().position(|name| name == "value").expect(csv);
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| row[at].parse().unwrap()).collect()
}

fn events_of_table(home: &Home, device: &Device) -> Vec<u64> {
    let database = database(home).unwrap();
    let all = "SELECT reading.value FROM reading JOIN series ON series.id = reading.series
               WHERE series.address = ?1 AND series.sensor = 'count'";
    let mut statement = database.prepare(all).unwrap();
    let rows = statement.query_map([device.address], |row| row.get::<_, i64>(0));
    let numbers = rows.unwrap().map(Result::unwrap);
    numbers
        .map(|number| u64::try_from(number).unwrap())
        .collect()
}
