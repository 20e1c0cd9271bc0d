//! What a reading is, away from any database: typed values, the packed form of many readings, roll-ups, and the
//! choice of points for a query. Stops at SQL: [`crate::storage`] knows where all of it lies.

mod cell;
mod codec;
mod minutes;
mod pack;
mod points;
mod stats;
mod value;

pub use cell::{guarded, guarded_value, unguarded};
pub use minutes::{Minute, minutes_of, read_minutes, write_minutes};
pub use pack::{Packable, read_all, read_keys, visit, visit_extremes, write as write_pack};
pub use points::{LEAST, Points};
pub use stats::{Extreme, Stats};
pub use value::{Comparison, Given, Value, parts_of};

/// Milliseconds of a minute.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds of an hour. A pack lies within one.
pub const HOUR_MS: i64 = 3_600_000;
/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// What makes a reading of one series a repeat of another: its device time (Unix ms) and msgno.
pub type Key = (i64, i64);
