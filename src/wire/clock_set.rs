//! CLOCK_SET: the hub's time for a device, in UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Address, FrameWriter, kind};

/// Appends `0|N|80|sec|min|hour|weekday|day|month|year - 2000|`. Weekday 1 is Monday (ISO 8601).
/// Appends nothing when the hub's own time is out of the calendar's range.
pub fn clock_set(out: &mut Vec<u8>, to: Address, unix_ms: i64) {
    let Ok(now) = Timestamp::from_millisecond(unix_ms) else {
        return;
    };
    let now = now.to_zoned(TimeZone::UTC);
    FrameWriter::new(out, 0, to.get(), kind::CLOCK_SET)
        .number(now.second())
        .number(now.minute())
        .number(now.hour())
        .number(now.weekday().to_monday_one_offset())
        .number(now.day())
        .number(now.month())
        .number(now.year() - 2000)
        .end();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_told_in_utc() {
        let mut out = Vec::new();
        clock_set(&mut out, Address::new(42).unwrap(), 1_795_232_645_000);
        assert_eq!(out, b"0|42|80|5|44|3|6|21|11|26|\x04");
    }
}
