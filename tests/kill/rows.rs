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
    column(home, device, "count", "value")
}

/// The msgnos of the readings that a rule watches.
pub(crate) fn levels(home: &Home, device: &Device) -> Vec<u64> {
    column(home, device, "level", "msgno")
}

fn column(home: &Home, device: &Device, sensor: &str, name: &str) -> Vec<u64> {
    let at = device.at();
    let words = ["reading", "export", "--device", &at, "--sensor", sensor];
    let csv = home.verb(&words).ok();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let at = header.iter().position(|column| column == name).expect(&csv);
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| row[at].parse().unwrap()).collect()
}

/// One row of `alarm` with its history.
#[derive(Clone, Debug)]
pub(crate) struct AlarmRow {
    pub(crate) address: u32,
    pub(crate) name: String,
    pub(crate) rule: i64,
    pub(crate) raised_ms: i64,
    pub(crate) cleared_ms: Option<i64>,
    pub(crate) chattering: bool,
    /// How often its history says that it began, and that it ended.
    pub(crate) began: u32,
    pub(crate) ended: u32,
}

const ALARMS: &str = "
    SELECT address, name, rule, raised_ms, cleared_ms, chattering,
           (SELECT COUNT(*) FROM alarm_event WHERE alarm = alarm.id AND what IN ('raised', 'chattering')),
           (SELECT COUNT(*) FROM alarm_event WHERE alarm = alarm.id AND what = 'cleared')
    FROM alarm ORDER BY id";

/// All alarms, by id.
pub(crate) fn alarms(home: &Home) -> rusqlite::Result<Vec<AlarmRow>> {
    let database = database(home)?;
    let mut statement = database.prepare(ALARMS)?;
    let rows = statement.query_map([], |row| {
        Ok(AlarmRow {
            address: row.get(0)?,
            name: row.get(1)?,
            rule: row.get(2)?,
            raised_ms: row.get(3)?,
            cleared_ms: row.get(4)?,
            chattering: row.get(5)?,
            began: row.get(6)?,
            ended: row.get(7)?,
        })
    })?;
    rows.collect()
}

/// The msgnos of a device's ALARMs, as often as they are stored.
pub(crate) fn reports(home: &Home, device: &Device) -> Vec<u64> {
    let database = database(home).unwrap();
    let all = "SELECT msgno FROM alarm_report WHERE address = ?1";
    let mut statement = database.prepare(all).unwrap();
    let rows = statement.query_map([device.address], |row| row.get::<_, i64>(0));
    let numbers = rows.unwrap().map(Result::unwrap);
    numbers
        .map(|number| u64::try_from(number).unwrap())
        .collect()
}
