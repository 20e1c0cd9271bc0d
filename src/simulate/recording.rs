//! A recording of readings, read from CSV and composed into EVENTs ahead of time.
//!
//! All of it is in memory, about 60 bytes a row: sending is then nothing but writing slices.

use std::ops::Range;
use std::path::Path;

use super::timestamp;
use crate::failure::{Context, Failure};
use crate::wire::{FrameWriter, kind};

/// The rows of the file, in its order.
#[derive(Debug, Default)]
pub struct Recording {
    rows: Vec<Row>,
    /// The sensors, values and units of all rows, one after the other.
    text: String,
}

#[derive(Debug)]
struct Row {
    unix_ms: i64,
    /// Where the row's sensor, value and unit end in `text`; each begins where the one before ends.
    ends: [usize; 3],
}

/// The recording as bytes on the wire. Row n (from 0) is the EVENT with msgno n + 1.
#[derive(Debug, Default)]
pub struct Composed {
    pub bytes: Vec<u8>,
    /// Where each row's frame ends in `bytes`.
    pub ends: Vec<usize>,
    pub unix_ms: Vec<i64>,
}

impl Recording {
    /// Reads a file with the columns time, sensor, value and, optionally, unit.
    ///
    /// # Errors
    /// The file cannot be read, or a row does not fit: it is named by its line.
    pub fn read_file(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let file = std::fs::File::open(path).context(format!("cannot open {shown}"))?;
        let recording = Self::read(file).context(format!("cannot replay {shown}"))?;
        if recording.rows.is_empty() {
            return Err(Failure::new(format!("{shown} holds no readings")));
        }
        Ok(recording)
    }

    pub(super) fn read(source: impl std::io::Read) -> Result<Self, Failure> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(source);
        let headers = reader.headers().context("no header")?;
        let column = |name: &str| headers.iter().position(|header| header == name);
        let needed = |name: &str| {
            column(name).ok_or_else(|| {
                Failure::new(format!("no column {name}: the header is time,sensor,value"))
            })
        };
        let time = needed("time")?;
        let columns = [
            Some(needed("sensor")?),
            Some(needed("value")?),
            column("unit"),
        ];

        let mut recording = Self::default();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).context("a bad row")? {
            let line = record.position().map_or(0, csv::Position::line);
            let text = record.get(time).unwrap_or_default();
            let unix_ms = timestamp::parse(text).ok_or_else(|| {
                Failure::new(format!(
                    "line {line}: {text:?} is no time like 2018-07-28T07:06:00Z"
                ))
            })?;
            let ends = columns.map(|column| {
                let field = column.and_then(|column| record.get(column));
                recording.text.push_str(field.unwrap_or_default());
                recording.text.len()
            });
            recording.rows.push(Row { unix_ms, ends });
        }
        Ok(recording)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The EVENTs of the device with this address.
    pub fn compose(&self, address: u32) -> Composed {
        let mut composed = Composed {
            bytes: Vec::with_capacity(self.text.len() + self.rows.len() * 48),
            ends: Vec::with_capacity(self.rows.len()),
            unix_ms: self.rows.iter().map(|row| row.unix_ms).collect(),
        };
        let mut begin = 0;
        for (number, row) in (1u64..).zip(&self.rows) {
            let mut frame = FrameWriter::new(&mut composed.bytes, address, 0, kind::EVENT);
            for end in row.ends {
                frame = frame.text(self.slice(begin..end));
                begin = end;
            }
            frame.number(row.unix_ms).number(number).end();
            composed.ends.push(composed.bytes.len());
        }
        composed
    }

    fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_events_with_their_own_time_and_number() {
        let csv =
            "time,sensor,value\n2018-07-28T07:06:00Z,in,31\n2018-07-28T07:06:00Z,in|out,-3.5\n";
        let composed = Recording::read(csv.as_bytes()).unwrap().compose(42);
        assert_eq!(
            String::from_utf8(composed.bytes).unwrap(),
            "42|0|26|in|31||1532761560000|1|\x0442|0|26|in%7Cout|-3.5||1532761560000|2|\x04"
        );
        assert_eq!(composed.ends.len(), 2);
        assert_eq!(composed.unix_ms, [1_532_761_560_000; 2]);
    }

    #[test]
    fn columns_go_by_name_and_a_unit_is_taken_along() {
        let csv = "unit,value,note,sensor,time\nC,31,x,in,2018-07-28T07:06:00Z\n";
        let composed = Recording::read(csv.as_bytes()).unwrap().compose(1);
        assert_eq!(composed.bytes, b"1|0|26|in|31|C|1532761560000|1|\x04");
    }

    #[test]
    fn a_bad_row_is_named_by_its_line() {
        let csv = "time,sensor,value\n2018-07-28T07:06:00Z,in,31\nyesterday,in,3\n";
        let said = Recording::read(csv.as_bytes()).unwrap_err().to_string();
        assert!(
            said.contains("line 3") && said.contains("yesterday"),
            "{said}"
        );
        let said = Recording::read("time,value\n".as_bytes())
            .unwrap_err()
            .to_string();
        assert!(said.contains("no column sensor"), "{said}");
    }
}
