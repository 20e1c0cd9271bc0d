//! The minute roll-ups of a pack, for when its readings are gone.

use super::codec::{Bytes, put_varint, zigzag};
use super::pack::{put_tagged, read_tagged};
use super::{Extreme, MINUTE_MS, Stats, Value};

/// One minute that has readings.
#[derive(Clone, Debug, PartialEq)]
pub struct Minute {
    /// Its beginning, Unix milliseconds.
    pub from_ms: i64,
    pub stats: Stats,
}

const VERSION: u8 = 1;

/// Sums up readings that come in the order of time.
pub fn minutes_of<'a>(readings: impl Iterator<Item = (i64, &'a Value<'a>)>) -> Vec<Minute> {
    let mut minutes: Vec<Minute> = Vec::new();
    for (at_ms, value) in readings {
        let from_ms = at_ms.div_euclid(MINUTE_MS).saturating_mul(MINUTE_MS);
        match minutes.last_mut() {
            Some(minute) if minute.from_ms == from_ms => minute.stats.add(at_ms, value),
            _ => minutes.push(Minute {
                from_ms,
                stats: Stats::of(at_ms, value),
            }),
        }
    }
    minutes
}

/// A minute with one reading, as slow sensors have, takes little more than that reading.
pub fn write_minutes(minutes: &[Minute]) -> Vec<u8> {
    let mut out = vec![VERSION];
    let mut before = 0;
    for Minute { from_ms, stats } in minutes {
        let number = from_ms.div_euclid(MINUTE_MS);
        put_varint(&mut out, zigzag(number.wrapping_sub(before)));
        before = number;
        put_varint(&mut out, stats.count);
        put_extreme(&mut out, *from_ms, &stats.last);
        if stats.count > 1 {
            put_varint(&mut out, stats.numbers);
            if let (Some(min), Some(max)) = (&stats.min, &stats.max) {
                put_extreme(&mut out, *from_ms, min);
                put_extreme(&mut out, *from_ms, max);
                out.extend(stats.sum.to_le_bytes());
            }
        }
    }
    out
}

fn put_extreme(out: &mut Vec<u8>, from_ms: i64, extreme: &Extreme) {
    put_varint(out, zigzag(extreme.at_ms.wrapping_sub(from_ms)));
    put_tagged(out, &extreme.value, None);
}

/// `None`: the blob is damaged.
pub fn read_minutes(blob: &[u8]) -> Option<Vec<Minute>> {
    let mut bytes = Bytes(blob);
    if bytes.byte()? != VERSION {
        return None;
    }
    let (mut minutes, mut number) = (Vec::new(), 0i64);
    while !bytes.0.is_empty() {
        number = number.wrapping_add(bytes.int()?);
        let from_ms = number.checked_mul(MINUTE_MS)?;
        let count = bytes.varint()?;
        let last = read_extreme(&mut bytes, from_ms)?;
        let mut stats = Stats::of(last.at_ms, &last.value);
        if count > 1 {
            stats.count = count;
            stats.numbers = bytes.varint()?;
            (stats.min, stats.max, stats.sum) = (None, None, 0.0);
            if stats.numbers > 0 {
                stats.min = Some(read_extreme(&mut bytes, from_ms)?);
                stats.max = Some(read_extreme(&mut bytes, from_ms)?);
                stats.sum = bytes.double().filter(|sum| sum.is_finite())?;
            }
        }
        minutes.push(Minute { from_ms, stats });
    }
    Some(minutes)
}

fn read_extreme(bytes: &mut Bytes<'_>, from_ms: i64) -> Option<Extreme> {
    let at_ms = from_ms.wrapping_add(bytes.int()?);
    Some(Extreme {
        at_ms,
        value: read_tagged(bytes, None)?.into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn minutes_come_back(steps in proptest::collection::vec((0i64..90_000, -50i64..50, any::<bool>()), 1..100)) {
            let mut at = 1_700_000_000_000;
            let readings: Vec<_> = steps.iter().map(|(step, value, text)| {
                at += step;
                (at, if *text { Value::Text("x".into()) } else { Value::Int(*value) })
            }).collect();
            let minutes = minutes_of(readings.iter().map(|(at, value)| (*at, value)));
            prop_assert_eq!(read_minutes(&write_minutes(&minutes)), Some(minutes));
        }

        #[test]
        fn garbage_never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_minutes(&bytes);
            bytes.insert(0, VERSION);
            let _ = read_minutes(&bytes);
        }
    }
}
