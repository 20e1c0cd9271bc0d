//! Times as recordings write them: RFC 3339 in UTC. Stops there: other offsets are refused rather than guessed.

/// Unix ms of `YYYY-MM-DDTHH:MM:SSZ`, with or without a fraction; digits below the millisecond are cut off.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z')?;
    let (date, time) = text.split_once('T')?;
    let (time, fraction) = match time.split_once('.') {
        Some((time, fraction)) => (time, millis(fraction)?),
        None => (time, 0),
    };
    let [year, month, day] = parts(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = parts(time, ':', [2, 2, 2])?;
    let valid = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    let seconds = days_before(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    valid.then_some(seconds * 1_000 + fraction)
}

/// Three numbers of exactly these widths.
fn parts(text: &str, separator: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut numbers = [0; 3];
    let mut pieces = text.split(separator);
    for (number, width) in numbers.iter_mut().zip(widths) {
        let piece = pieces.next()?;
        if piece.len() != width || !piece.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = piece.parse().ok()?;
    }
    pieces.next().is_none().then_some(numbers)
}

fn millis(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    Some(digits.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms").
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("1970-01-01T00:00:00Z", 0)]
    #[case("2018-07-28T07:06:00Z", 1_532_761_560_000)]
    #[case("2000-02-29T23:59:59.25Z", 951_868_799_250)]
    #[case("2018-12-08T09:30:00.0019Z", 1_544_261_400_001)]
    #[case("1969-12-31T23:59:59Z", -1_000)]
    fn a_time_is_its_unix_ms(#[case] text: &str, #[case] unix_ms: i64) {
        assert_eq!(parse(text), Some(unix_ms));
    }

    #[rstest]
    #[case("2018-07-28T07:06:00")]
    #[case("2018-07-28T07:06:00+02:00")]
    #[case("2018-07-28 07:06:00Z")]
    #[case("2018-02-29T00:00:00Z")]
    #[case("1900-02-29T00:00:00Z")]
    #[case("2018-13-01T00:00:00Z")]
    #[case("2018-1-01T00:00:00Z")]
    #[case("2018-01-01T24:00:00Z")]
    #[case("2018-01-01T00:00:60Z")]
    #[case("2018-01-01T00:00:00.Z")]
    #[case("2018-01-01T+1:00:00Z")]
    #[case("")]
    fn what_is_no_such_time_is_refused(#[case] text: &str) {
        assert_eq!(parse(text), None);
    }
}
