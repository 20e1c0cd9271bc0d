//! The readings of one read of a socket, checked, in two allocations however many they are.

use crate::ledger::DropReason;
use crate::readings::{Given, Value};
use crate::storage::{NAME_BYTES, PLAIN_EVENT, SeriesKey, Stamp};
use crate::wire::{Address, Frame, decode_field, kind};

/// A piece of the batch's text.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u32,
    end: u32,
}

/// A value whose text lies in the batch.
#[derive(Clone, Copy, Debug)]
enum Held {
    Int(i64),
    Real(f64),
    Bool(bool),
    Text(Span),
    Parts(Span),
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    sensor: Span,
    unit: Span,
    value: Held,
    at_ms: i64,
    msgno: i64,
    wants_stored: bool,
}

/// One reading, borrowed from its batch.
#[derive(Clone, Debug)]
pub struct Reading<'a> {
    pub series: SeriesKey<'a>,
    pub given: Given<'a>,
    pub stamp: Stamp,
    /// An EVENT is answered by STORED, a VALUE is not.
    pub wants_stored: bool,
}

/// Readings of one device.
#[derive(Debug)]
pub struct ReadingBatch {
    address: Address,
    group: i64,
    hub_ms: i64,
    text: String,
    entries: Vec<Entry>,
}

impl ReadingBatch {
    pub fn new(address: Address, group: i64, hub_ms: i64) -> Self {
        Self {
            address,
            group,
            hub_ms,
            text: String::new(),
            entries: Vec::new(),
        }
    }

    pub fn address(&self) -> Address {
        self.address
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Rows that it becomes: one for each part of a composite.
    pub fn rows(&self) -> usize {
        let rows = |entry: &Entry| match entry.value {
            Held::Parts(span) => self.piece(span).split(';').count(),
            _ => 1,
        };
        self.entries.iter().map(rows).sum()
    }

    /// Takes an EVENT or VALUE frame that was sent to the hub.
    ///
    /// # Errors
    /// `BadValue` when it cannot be kept as it is.
    pub fn add(&mut self, frame: &Frame<'_>, max_text: usize) -> Result<(), DropReason> {
        let mut fields = [b"".as_slice(); 5];
        let mut count = 0;
        for field in frame.fields() {
            if let Some(slot) = fields.get_mut(count) {
                *slot = field;
            }
            count += 1;
        }
        let [sensor, value, unit, at, msgno] = fields;
        let scheduled = count == 5 && !at.is_empty() && at.iter().all(u8::is_ascii_digit);
        if scheduled {
            self.scheduled(frame.kind, sensor, value, unit, at, msgno, max_text)
        } else if frame.kind == kind::EVENT && count > 0 {
            self.plain(frame, max_text)
        } else {
            Err(DropReason::BadValue)
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the fields of the frame, in their order"
    )]
    fn scheduled(
        &mut self,
        kind: u32,
        sensor: &[u8],
        value: &[u8],
        unit: &[u8],
        at: &[u8],
        msgno: &[u8],
        max_text: usize,
    ) -> Result<(), DropReason> {
        let at_ms = i64::try_from(number(at)?).map_err(|_| DropReason::BadValue)?;
        let msgno = canonical_msgno(msgno)?;
        if sensor.is_empty() || sensor.len() > NAME_BYTES || unit.len() > NAME_BYTES {
            return Err(DropReason::BadValue);
        }
        let value = self.value(value, max_text)?;
        // Devices report one sensor many times in a row: its name is kept once.
        let last = self.entries.last().map(|entry| (entry.sensor, entry.unit));
        let sensor = self.name(sensor, last.map(|(sensor, _)| sensor))?;
        let unit = self.name(unit, last.map(|(_, unit)| unit))?;
        let wants_stored = kind == kind::EVENT;
        let msgno = if wants_stored { msgno } else { -1 - msgno };
        self.entries.push(Entry {
            sensor,
            unit,
            value,
            at_ms,
            msgno,
            wants_stored,
        });
        Ok(())
    }

    fn plain(&mut self, frame: &Frame<'_>, max_text: usize) -> Result<(), DropReason> {
        let msgno = canonical_msgno(frame.msgno())?;
        let count = frame.fields().count();
        let mut joined = Vec::new();
        for (at, field) in frame.fields().take(count - 1).enumerate() {
            if at > 0 {
                joined.push(b'|');
            }
            joined.extend_from_slice(field);
        }
        if joined.len() > max_text {
            return Err(DropReason::BadValue);
        }
        let text = std::str::from_utf8(&joined).map_err(|_| DropReason::BadValue)?;
        let value = Held::Text(self.keep(text)?);
        let sensor = self.keep(PLAIN_EVENT)?;
        self.entries.push(Entry {
            sensor,
            unit: Span::default(),
            value,
            at_ms: self.hub_ms,
            msgno,
            wants_stored: true,
        });
        Ok(())
    }

    fn value(&mut self, field: &[u8], max_text: usize) -> Result<Held, DropReason> {
        let text = decode_field(field).ok_or(DropReason::BadValue)?;
        let text_within = |text: &str| text.len() <= max_text;
        Ok(match Given::parse(&text).ok_or(DropReason::BadValue)? {
            Given::One(Value::Int(value)) => Held::Int(value),
            Given::One(Value::Real(value)) => Held::Real(value),
            Given::One(Value::Bool(value)) => Held::Bool(value),
            Given::One(Value::Text(text)) if text_within(&text) => Held::Text(self.keep(&text)?),
            Given::Parts(text) if text_within(text) => Held::Parts(self.keep(text)?),
            _ => return Err(DropReason::BadValue),
        })
    }

    fn name(&mut self, field: &[u8], last: Option<Span>) -> Result<Span, DropReason> {
        let name = decode_field(field).ok_or(DropReason::BadValue)?;
        match last {
            Some(span) if self.piece(span) == name => Ok(span),
            _ => self.keep(&name),
        }
    }

    fn keep(&mut self, text: &str) -> Result<Span, DropReason> {
        let at = |length: usize| u32::try_from(length).map_err(|_| DropReason::BadValue);
        let start = at(self.text.len())?;
        self.text.push_str(text);
        Ok(Span {
            start,
            end: at(self.text.len())?,
        })
    }

    fn piece(&self, span: Span) -> &str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    pub fn readings(&self) -> impl Iterator<Item = Reading<'_>> {
        self.entries.iter().map(|entry| Reading {
            series: SeriesKey {
                address: self.address.get(),
                group: self.group,
                sensor: self.piece(entry.sensor),
                unit: self.piece(entry.unit),
            },
            given: match entry.value {
                Held::Int(value) => Given::One(Value::Int(value)),
                Held::Real(value) => Given::One(Value::Real(value)),
                Held::Bool(value) => Given::One(Value::Bool(value)),
                Held::Text(span) => Given::One(Value::Text(self.piece(span).into())),
                Held::Parts(span) => Given::Parts(self.piece(span)),
            },
            stamp: Stamp {
                at_ms: entry.at_ms,
                hub_ms: self.hub_ms,
                msgno: entry.msgno,
            },
            wants_stored: entry.wants_stored,
        })
    }
}

impl Reading<'_> {
    /// The number as the device sent it.
    pub fn sent_msgno(&self) -> i64 {
        if self.wants_stored {
            self.stamp.msgno
        } else {
            -1 - self.stamp.msgno
        }
    }
}

fn number(digits: &[u8]) -> Result<u64, DropReason> {
    std::str::from_utf8(digits)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or(DropReason::BadValue)
}

/// A decimal below 2^63 in its only spelling, so that the answer repeats it byte for byte.
pub(crate) fn canonical_msgno(field: &[u8]) -> Result<i64, DropReason> {
    let canonical = matches!(field, [b'0'] | [b'1'..=b'9', ..]);
    if !canonical {
        return Err(DropReason::BadValue);
    }
    i64::try_from(number(field)?).map_err(|_| DropReason::BadValue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Limits, parse};

    fn added(text: &str) -> Result<String, DropReason> {
        let frame = parse(text.as_bytes(), &Limits::default()).unwrap();
        let mut batch = ReadingBatch::new(Address::new(42).unwrap(), 1, 5000);
        batch.add(&frame, 64)?;
        let reading = batch.readings().next().unwrap();
        Ok(format!(
            "{} {:?} {} @{}+{} #{} {}",
            reading.series.sensor,
            reading.given,
            reading.series.unit,
            reading.stamp.at_ms,
            reading.stamp.hub_ms - reading.stamp.at_ms,
            reading.stamp.msgno,
            reading.wants_stored
        ))
    }

    #[test]
    fn an_event_becomes_a_reading() {
        assert_eq!(
            added("42|0|26|t|21.5|C|4000|7|").unwrap(),
            "t One(Real(21.5)) C @4000+1000 #7 true"
        );
        assert_eq!(
            added("42|0|26|t|21.0|C|4000|7").unwrap(),
            "t One(Int(21)) C @4000+1000 #7 true"
        );
        assert_eq!(
            added("42|0|26|a%7Cb|on||4000|7|").unwrap(),
            "a|b One(Text(\"on\"))  @4000+1000 #7 true"
        );
        assert_eq!(
            added("42|0|2|t|1|C|4000|7|").unwrap(),
            "t One(Int(1)) C @4000+1000 #-8 false"
        );
        assert_eq!(
            added("42|0|26|door|true||4000|7|").unwrap(),
            "door One(Bool(true))  @4000+1000 #7 true"
        );
        assert_eq!(
            added("42|0|26|p|a=1;b=2|mmHg|4000|7|").unwrap(),
            "p Parts(\"a=1;b=2\") mmHg @4000+1000 #7 true"
        );
        assert_eq!(
            added("42|0|26|20|60|7|").unwrap(),
            "event One(Text(\"20|60\"))  @5000+0 #7 true"
        );
        assert_eq!(
            added("42|0|26|7|").unwrap(),
            "event One(Text(\"\"))  @5000+0 #7 true"
        );
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        for text in [
            "42|0|26|t|NaN|C|4000|7|",
            "42|0|26|t|inf|C|4000|7|",
            "42|0|26|t|1|C|99999999999999999999|7|",
            "42|0|26|t|1|C|4000|07|",
            "42|0|26|t|1|C|4000|x|",
            "42|0|26||1|C|4000|7|",
            "42|0|26|t%4|1|C|4000|7|",
            "42|0|2|t|1|",
            "42|0|26",
        ] {
            assert_eq!(added(text), Err(DropReason::BadValue), "{text}");
        }
        assert_eq!(
            added(&format!("42|0|26|t|{}|C|1|7|", "x".repeat(65))),
            Err(DropReason::BadValue)
        );
    }
}
