//! Many readings of one series in one blob: a column each for times, values, numbers and delays.
//!
//! Shape: version 1, count, then the columns, each with its length before it; times and values first, since most
//! queries need no more. Values: see [`write_values`].

use super::codec::{Bytes, Column, Order, put_bytes, put_column, put_varint, zigzag};
use super::{Key, Value};

/// One reading on its way into a pack or out of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Packable {
    /// Device time, Unix milliseconds.
    pub at_ms: i64,
    pub msgno: i64,
    /// The hub's time minus the device's.
    pub later_ms: i64,
    pub value: Value<'static>,
}

impl Packable {
    pub fn key(&self) -> Key {
        (self.at_ms, self.msgno)
    }
}

const VERSION: u8 = 1;

/// Readings in a blob at most; more in its head is damage.
const MAX_COUNT: u64 = 1 << 20;

// How the values are written.
/// All numbers, as whole multiples of a power of ten: that power, then a column.
const DECIMAL: u8 = 0;
/// All doubles without such a power: eight bytes each.
const DOUBLES: u8 = 1;
/// All booleans: a column of 0 and 1.
const BOOLEANS: u8 = 2;
/// Anything: a tag before each.
const TAGGED: u8 = 3;

/// Digits after the point at most for `DECIMAL`.
const MAX_DIGITS: u32 = 9;

/// Above this a double does not hold every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Writes readings, which must be sorted by key.
pub fn write(readings: &[Packable]) -> Vec<u8> {
    let mut out = vec![VERSION];
    put_varint(&mut out, readings.len() as u64);
    put_column(&mut out, Order::Step, readings.iter().map(|r| r.at_ms));
    let mut values = Vec::new();
    write_values(&mut values, readings);
    put_bytes(&mut out, &values);
    put_column(&mut out, Order::Step, readings.iter().map(|r| r.msgno));
    put_column(&mut out, Order::Delta, readings.iter().map(|r| r.later_ms));
    out
}

fn write_values(out: &mut Vec<u8>, readings: &[Packable]) {
    let values = || readings.iter().map(|r| &r.value);
    if values().all(|value| matches!(value, Value::Bool(_))) {
        out.push(BOOLEANS);
        let bits = values().map(|value| i64::from(*value == Value::Bool(true)));
        put_column(out, Order::Delta, bits);
    } else if let Some((digits, scaled)) = decimal(readings) {
        out.extend([DECIMAL, digits as u8]);
        put_column(out, Order::Delta, scaled.into_iter());
    } else if values().all(|value| matches!(value, Value::Real(_))) {
        out.push(DOUBLES);
        for value in values() {
            if let Value::Real(real) = value {
                out.extend(real.to_le_bytes());
            }
        }
    } else {
        out.push(TAGGED);
        let mut last = None;
        for value in values() {
            put_tagged(out, value, last);
            last = Some(value);
        }
    }
}

/// The values as whole multiples of the largest power of ten that gives each of them back exactly.
fn decimal(readings: &[Packable]) -> Option<(u32, Vec<i64>)> {
    let mut digits = 0;
    for reading in readings {
        while scale(&reading.value, digits).is_none() {
            digits += 1;
            if digits > MAX_DIGITS {
                return None;
            }
        }
    }
    let scaled = readings.iter().map(|r| scale(&r.value, digits));
    Some((digits, scaled.collect::<Option<_>>()?))
}

fn scale(value: &Value<'_>, digits: u32) -> Option<i64> {
    let scaled = match value {
        Value::Int(whole) => whole.checked_mul(10i64.checked_pow(digits)?)?,
        Value::Real(real) => {
            let scaled = (real * power(digits)).round();
            if scaled.abs() >= EXACT {
                return None;
            }
            #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
            let whole = scaled as i64;
            whole
        }
        _ => return None,
    };
    (unscale(scaled, 10i64.checked_pow(digits)?) == *value).then_some(scaled)
}

/// `power` is the power of ten itself.
#[expect(
    clippy::cast_precision_loss,
    reason = "reals were scaled to within 2^53, powers are small"
)]
fn unscale(scaled: i64, power: i64) -> Value<'static> {
    if power == 1 || scaled % power == 0 {
        Value::Int(scaled / power)
    } else {
        Value::Real(scaled as f64 / power as f64)
    }
}

fn power(digits: u32) -> f64 {
    10f64.powi(digits.cast_signed())
}

const INT: u8 = 0;
const REAL: u8 = 1;
const TEXT: u8 = 2;
const FALSE: u8 = 3;
const TRUE: u8 = 4;
/// The same as the one before.
const AGAIN: u8 = 5;

/// Appends a value of any kind.
pub(super) fn put_tagged(out: &mut Vec<u8>, value: &Value<'_>, last: Option<&Value<'_>>) {
    match value {
        same if last == Some(same) => out.push(AGAIN),
        Value::Int(whole) => {
            out.push(INT);
            put_varint(out, zigzag(*whole));
        }
        Value::Real(real) => {
            out.push(REAL);
            out.extend(real.to_le_bytes());
        }
        Value::Text(text) => {
            out.push(TEXT);
            put_bytes(out, text.as_bytes());
        }
        Value::Bool(value) => out.push(if *value { TRUE } else { FALSE }),
    }
}

/// Reads what [`put_tagged`] wrote.
pub(super) fn read_tagged<'a>(
    bytes: &mut Bytes<'a>,
    last: Option<&Value<'a>>,
) -> Option<Value<'a>> {
    Some(match bytes.byte()? {
        INT => Value::Int(bytes.int()?),
        REAL => Value::Real(bytes.double().filter(|real| real.is_finite())?),
        TEXT => Value::Text(std::str::from_utf8(bytes.bytes()?).ok()?.into()),
        FALSE => Value::Bool(false),
        TRUE => Value::Bool(true),
        AGAIN => last?.clone(),
        _ => return None,
    })
}

/// Calls `each` with the device time and value of every reading. `None`: the blob is damaged.
pub fn visit<'a>(blob: &'a [u8], mut each: impl FnMut(i64, Value<'a>)) -> Option<()> {
    let (count, mut bytes) = open(blob)?;
    let mut times = Column::read(&mut bytes, Order::Step)?;
    let mut values = Bytes(bytes.bytes()?);
    match values.byte()? {
        DECIMAL => {
            let power = 10i64.checked_pow(u32::from(values.byte()?))?;
            let mut column = Column::read(&mut values, Order::Delta)?;
            for _ in 0..count {
                each(times.next()?, unscale(column.next()?, power));
            }
        }
        DOUBLES => {
            for _ in 0..count {
                let real = values.double().filter(|real| real.is_finite())?;
                each(times.next()?, Value::Real(real));
            }
        }
        BOOLEANS => {
            let mut column = Column::read(&mut values, Order::Delta)?;
            for _ in 0..count {
                each(times.next()?, Value::Bool(column.next()? != 0));
            }
        }
        TAGGED => {
            let mut last = None;
            for _ in 0..count {
                let value = read_tagged(&mut values, last.as_ref())?;
                each(times.next()?, value.clone());
                last = Some(value);
            }
        }
        _ => return None,
    }
    Some(())
}

/// Shows of each stretch of time only the first, least, greatest and last reading, which is several times faster than
/// to look at each; `stretch` gives the bounds, from and before, of the one that a time is in. Readings that are not
/// all decimal numbers are shown one by one. `None`: the blob is damaged.
pub fn visit_extremes<'a>(
    blob: &'a [u8],
    stretch: &dyn Fn(i64) -> (i64, i64),
    mut each: impl FnMut(i64, Value<'a>),
) -> Option<()> {
    let (count, mut bytes) = open(blob)?;
    let mut times = Column::read(&mut bytes, Order::Step)?;
    let mut values = Bytes(bytes.bytes()?);
    if values.byte()? != DECIMAL {
        return visit(blob, each);
    }
    let power = 10i64.checked_pow(u32::from(values.byte()?))?;
    let mut column = Column::read(&mut values, Order::Delta)?;
    let mut show = |(at_ms, scaled)| each(at_ms, unscale(scaled, power));
    let mut run: Option<Run> = None;
    for _ in 0..count {
        let reading = (times.next()?, column.next()?);
        match &mut run {
            Some(run) if (run.from_ms..run.to_ms).contains(&reading.0) => run.take(reading),
            _ => {
                let bounds = stretch(reading.0);
                if let Some(run) = run.replace(Run::new(bounds, reading)) {
                    run.show(&mut show);
                }
            }
        }
    }
    if let Some(run) = run {
        run.show(&mut show);
    }
    Some(())
}

/// Readings of one stretch: times and scaled values.
struct Run {
    from_ms: i64,
    to_ms: i64,
    first: (i64, i64),
    least: (i64, i64),
    greatest: (i64, i64),
    last: (i64, i64),
}

impl Run {
    fn new((from_ms, to_ms): (i64, i64), reading: (i64, i64)) -> Self {
        Self {
            from_ms,
            to_ms,
            first: reading,
            least: reading,
            greatest: reading,
            last: reading,
        }
    }

    fn take(&mut self, reading: (i64, i64)) {
        if reading.1 < self.least.1 {
            self.least = reading;
        }
        if reading.1 > self.greatest.1 {
            self.greatest = reading;
        }
        self.last = reading;
    }

    fn show(self, each: &mut impl FnMut((i64, i64))) {
        each(self.first);
        each(self.least);
        each(self.greatest);
        each(self.last);
    }
}

fn open(blob: &[u8]) -> Option<(u64, Bytes<'_>)> {
    let mut bytes = Bytes(blob);
    if bytes.byte()? != VERSION {
        return None;
    }
    let count = bytes.varint().filter(|count| *count <= MAX_COUNT)?;
    Some((count, bytes))
}

/// All of every reading. `None`: the blob is damaged.
pub fn read_all(blob: &[u8]) -> Option<Vec<Packable>> {
    let mut readings = Vec::new();
    visit(blob, |at_ms, value| {
        readings.push(Packable {
            at_ms,
            msgno: 0,
            later_ms: 0,
            value: value.into_owned(),
        });
    })?;
    let (mut msgnos, mut laters) = behind_values(blob)?;
    for reading in &mut readings {
        reading.msgno = msgnos.next()?;
        reading.later_ms = laters.next()?;
    }
    Some(readings)
}

fn behind_values(blob: &[u8]) -> Option<(Column<'_>, Column<'_>)> {
    let (_, mut bytes) = open(blob)?;
    bytes.bytes()?;
    bytes.bytes()?;
    let msgnos = Column::read(&mut bytes, Order::Step)?;
    Some((msgnos, Column::read(&mut bytes, Order::Delta)?))
}

/// The keys of a blob's readings, sorted as they were written. `None`: the blob is damaged.
pub fn read_keys(blob: &[u8]) -> Option<Vec<Key>> {
    let (count, mut bytes) = open(blob)?;
    let mut times = Column::read(&mut bytes, Order::Step)?;
    let (mut msgnos, _) = behind_values(blob)?;
    (0..count)
        .map(|_| Some((times.next()?, msgnos.next()?)))
        .collect()
}

#[cfg(test)]
#[path = "pack_tests.rs"]
mod tests;
