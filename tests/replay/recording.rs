//! Readings as they were recorded, and whether the database holds the same.

use std::fmt::Write;

use jiff::Timestamp;
use rusqlite::types::Value;

use crate::harness::Stored;

/// Sensor, Unix milliseconds, value in hundredths: comparable, and exact.
type Row = (String, i64, i64);

pub(crate) struct Recording(Vec<Row>);

impl Recording {
    /// Uneven times, some rows equal, two sensors, whole and broken values on both sides of zero.
    pub(crate) fn made(rows: usize) -> Self {
        let mut at = 1_532_761_560_000;
        let rows = (0..rows).map(|i| {
            let i = i64::try_from(i).unwrap();
            // Every third row is equal to its neighbour but for its place.
            at += if i % 3 == 0 { 0 } else { 1 + i * i % 97_003 };
            let sensor = if i % 7 < 3 { "in" } else { "out" };
            (sensor.to_owned(), at, (i / 3 * 37 % 9000) - 4500)
        });
        Self(rows.collect())
    }

    pub(crate) fn read(csv: &str) -> Self {
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let rows = reader.records().map(|record| {
            let record = record.unwrap();
            let at: Timestamp = record[0].parse().unwrap();
            let value: f64 = record[2].parse().unwrap();
            (record[1].to_owned(), at.as_millisecond(), hundredths(value))
        });
        Self(rows.collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn to_csv(&self) -> String {
        let mut csv = "time,sensor,value\n".to_owned();
        for (sensor, at, value) in &self.0 {
            let at = Timestamp::from_millisecond(*at).unwrap();
            let sign = if *value < 0 { "-" } else { "" };
            let (whole, part) = (value.abs() / 100, value.abs() % 100);
            writeln!(csv, "{at},{sensor},{sign}{whole}.{part:02}").unwrap();
        }
        csv
    }

    /// Whether the same rows are stored, each as often.
    pub(crate) fn is_what_is(&self, stored: &[Stored]) -> bool {
        let mut ours = self.0.clone();
        let rows = stored.iter().map(|row| {
            let value = match row.value {
                Value::Integer(value) => value * 100,
                Value::Real(value) => hundredths(value),
                ref other => panic!("{other:?}"),
            };
            (row.sensor.clone(), row.at_ms, value)
        });
        let mut theirs: Vec<Row> = rows.collect();
        ours.sort_unstable();
        theirs.sort_unstable();
        ours == theirs
    }
}

#[expect(clippy::cast_possible_truncation, reason = "temperatures are small")]
fn hundredths(value: f64) -> i64 {
    (value * 100.0).round() as i64
}
