//! Spans and times as they are typed.

use crate::admin::parse_time;

/// Ten years: nobody means more, and sums with times do not overflow.
const LONGEST_MS: f64 = 3650.0 * 86_400_000.0;

/// `1500ms`, `30s`, `5m`, `2h` or `1d`, in milliseconds.
pub(super) fn span(text: &str) -> Result<i64, String> {
    let wrong = || "give a number and its unit: 1500ms, 30s, 5m, 2h or 1d".to_owned();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..).ok_or_else(wrong)? {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    let number: f64 = digits.parse().map_err(|_| wrong())?;
    if number.is_sign_negative() {
        return Err(wrong());
    }
    let ms = number * f64::from(unit);
    if !(0.0..=LONGEST_MS).contains(&ms) {
        return Err("at most 3650d".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked above")]
    Ok(ms.round() as i64)
}

/// What lists show in their first column.
pub(super) fn id(text: &str) -> Result<i64, String> {
    let id = text.parse().ok().filter(|id| *id > 0);
    id.ok_or_else(|| "give the number that list shows in its first column".into())
}

/// As people read it.
pub(super) fn shown(ms: i64) -> String {
    let units = [
        (86_400_000, "d"),
        (3_600_000, "h"),
        (60_000, "m"),
        (1000, "s"),
    ];
    for (unit, name) in units {
        if ms != 0 && ms % unit == 0 {
            return format!("{}{name}", ms / unit);
        }
    }
    format!("{ms}ms")
}

/// A number that can be compared with others.
pub(super) fn finite(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| format!("a finite number is needed, not {text:?}"))
}

/// RFC 3339 or Unix milliseconds.
pub(super) fn time(text: &str) -> Result<i64, String> {
    parse_time(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_shown() {
        for (text, ms) in [
            ("1500ms", 1500),
            ("30s", 30_000),
            ("5m", 300_000),
            ("1.5h", 5_400_000),
        ] {
            assert_eq!(span(text), Ok(ms));
        }
        assert_eq!(
            (shown(90_000), shown(7_200_000), shown(0)),
            ("90s".into(), "2h".into(), "0ms".into())
        );
        for text in ["", "5", "-1s", "5 s", "h", "1e300d", "9999d", "NaNs"] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_id_is_a_number_from_1_on() {
        assert_eq!(id("7"), Ok(7));
        for text in ["", "0", "-1", "hot", "99999999999999999999"] {
            assert!(id(text).is_err(), "{text}");
        }
    }
}
