//! Readings from a file. A bad row is named by its line; the good ones go in.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::readings::is_value;
use super::{Admin, AdminError, RowError};
use crate::storage::{Driver, NewReading, Readings, StorageError, transaction};

/// Rows in one transaction: the readings of a running hub wait that long at most.
const CHUNK: usize = 500;

/// Rows without a msgno are numbered from here, far above what devices count to.
const FIRST_MSGNO: i64 = 1 << 62;

/// One row of a file of readings, with the line it stands on; parsed by the service, so that errors name the line.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ReadingRow {
    pub line: u64,
    /// Either this or type and id; these are taken if both are there, since another hub gave other addresses.
    pub address: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
    /// Empty: the group that the device is in.
    pub group: String,
    pub sensor: String,
    pub unit: String,
    /// RFC 3339, or Unix milliseconds.
    pub time: String,
    pub value: String,
    pub msgno: String,
    /// When the hub got it. Empty: now.
    pub received: String,
    /// How many rows before this one have its device, sensor and time and no msgno either: so a file that is
    /// imported twice changes nothing, and repeated minutes stay two readings.
    pub nth: u32,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ReadingImported {
    pub stored: u64,
    /// Were there before.
    pub repeated: u64,
    pub errors: Vec<RowError>,
}

/// A row that can be stored, as far as can be said without the store.
struct Parsed {
    line: u64,
    address: u32,
    group: i64,
    sensor: String,
    unit: String,
    value: String,
    at_ms: i64,
    hub_ms: i64,
    msgno: i64,
}

impl Admin {
    pub(super) async fn import_readings(
        &self,
        rows: Vec<ReadingRow>,
        check: bool,
    ) -> ReadingImported {
        let now_ms = self.parts().recorder.unix_ms();
        let mut imported = ReadingImported::default();
        let (mut good, mut groups) = (Vec::with_capacity(rows.len()), HashMap::new());
        for row in rows {
            let line = row.line;
            match self.parse_reading(row, now_ms, &mut groups) {
                Ok(parsed) => good.push(parsed),
                Err(error) => imported.refuse(line, error.to_string()),
            }
        }
        while !good.is_empty() {
            let rest = good.split_off(good.len().min(CHUNK));
            let part = std::mem::replace(&mut good, rest);
            let lines: Vec<_> = part.iter().map(|row| row.line).collect();
            let stored = self
                .parts()
                .recorder
                .with_readings(move |store, readings| {
                    put_all(store, readings, &part, now_ms, check)
                })
                .await
                .and_then(|stored| stored);
            match stored {
                Ok(part) => imported.add(part),
                Err(error) => {
                    for line in lines {
                        imported.refuse(line, error.to_string());
                    }
                }
            }
        }
        imported.errors.sort_by_key(|error| error.line);
        imported
    }

    fn parse_reading(
        &self,
        row: ReadingRow,
        now_ms: i64,
        groups: &mut HashMap<String, i64>,
    ) -> Result<Parsed, AdminError> {
        let (address, own) = self.device_of(&row)?;
        let group = match groups.get(&row.group) {
            _ if row.group.is_empty() => own,
            Some(group) => *group,
            None => {
                let group = self.group(&row.group)?.0;
                groups.insert(row.group.clone(), group);
                group
            }
        };
        if !is_value(&row.value) {
            return Err(AdminError::refused(format!(
                "{:?} is not a finite number",
                row.value
            )));
        }
        let msgno = match row.msgno.trim() {
            "" => FIRST_MSGNO + i64::from(row.nth),
            text => text.parse().map_err(|_| {
                AdminError::refused(format!("msgno {text:?} is not a whole number"))
            })?,
        };
        Ok(Parsed {
            line: row.line,
            address,
            group,
            at_ms: parse_time(&row.time)?,
            hub_ms: match row.received.trim() {
                "" => now_ms,
                text => parse_time(text)?,
            },
            sensor: row.sensor,
            unit: row.unit,
            value: row.value,
            msgno,
        })
    }

    /// Address and group of the device that a row names.
    fn device_of(&self, row: &ReadingRow) -> Result<(u32, i64), AdminError> {
        let (kind, id) = (row.kind.trim(), row.id.trim());
        if kind.is_empty() || id.is_empty() {
            let address = row.address.trim();
            let number = address.parse().map_err(|_| {
                AdminError::refused(format!(
                    "no device: address {address:?} is not a number, and type and id are not both there"
                ))
            })?;
            return Ok((number, self.device(number)?.group.0));
        }
        let kind = kind
            .parse()
            .map_err(|_| AdminError::refused(format!("type {kind:?} is not a number")))?;
        let registry = self.parts().registry.read();
        let device = registry.identified(kind, id).ok_or_else(|| {
            AdminError::not_found(
                format!("no device {kind}/{id}"),
                "hub device list shows all",
            )
        })?;
        Ok((device.address.get(), device.group.0))
    }
}

impl ReadingImported {
    fn refuse(&mut self, line: u64, error: String) {
        self.errors.push(RowError { line, error });
    }

    pub fn add(&mut self, other: Self) {
        self.stored += other.stored;
        self.repeated += other.repeated;
        self.errors.extend(other.errors);
    }
}

/// Unix milliseconds of an RFC 3339 time, or the number itself.
///
/// # Errors
/// It is neither; in words.
pub fn parse_time(text: &str) -> Result<i64, AdminError> {
    let text = text.trim();
    if let Ok(ms) = text.parse() {
        return Ok(ms);
    }
    text.parse::<Timestamp>()
        .map(Timestamp::as_millisecond)
        .map_err(|_| {
            AdminError::refused(format!("{text:?} is no time such as 2026-11-21T09:30:00Z"))
        })
}

fn put_all(
    store: &mut dyn Driver,
    readings: &mut Readings,
    rows: &[Parsed],
    now_ms: i64,
    check: bool,
) -> Result<ReadingImported, StorageError> {
    let mut put = |store: &mut dyn Driver| {
        let mut done = ReadingImported::default();
        for row in rows {
            let reading = NewReading {
                address: row.address,
                group: row.group,
                sensor: &row.sensor,
                unit: &row.unit,
                value: &row.value,
                at_ms: row.at_ms,
                hub_ms: row.hub_ms,
                msgno: row.msgno,
            };
            match readings.put_as_of(store, &reading, now_ms)? {
                Ok(true) => done.stored += 1,
                Ok(false) => done.repeated += 1,
                Err(refusal) => done.refuse(row.line, refusal.words()),
            }
        }
        Ok(done)
    };
    let done = if check {
        store.begin()?;
        let done = put(store);
        store.rollback();
        done
    } else {
        transaction(store, put)
    };
    if check || done.is_err() {
        // Series made meanwhile are gone again.
        readings.forget();
    }
    done
}
