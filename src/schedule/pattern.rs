//! A cron pattern of six fields, matched on local time that knows no zone. What a change of the clocks does to it is
//! the planner's matter: the library's own answer to that cannot be chosen.

use std::fmt;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::DateTime;

use super::zone::cut;

/// Bytes of a pattern at most.
const MAX_BYTES: usize = 256;

/// `second minute hour day month weekday`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    cron: Box<Cron>,
}

impl Pattern {
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            Err(format!(
                "{:?} is no cron pattern: {why}; write second, minute, hour, day of month, month and day of week, such as '0 30 6 * * MON-FRI' for 6:30 on working days",
                cut(text)
            ))
        };
        let fields: Vec<_> = text.split_ascii_whitespace().collect();
        if text.len() > MAX_BYTES || !text.is_ascii() || text.contains('@') {
            return wrong("that is not six fields of digits, names and * , - / ? L W #");
        }
        if fields.len() != 6 {
            return wrong(&format!("it has {} fields, not six", fields.len()));
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Required)
            .year(Year::Disallowed)
            .build();
        match parser.parse(text) {
            Ok(cron) => Ok(Self {
                text: fields.join(" "),
                cron: Box::new(cron),
            }),
            Err(error) => wrong(error.to_string().trim_end_matches('.')),
        }
    }

    /// Whether it goes on through the hours (`*` or `*/n`), rather than naming some.
    pub fn is_interval(&self) -> bool {
        let hours = self.text.split(' ').nth(2);
        hours.is_some_and(|hours| hours == "*" || hours.starts_with("*/"))
    }

    /// The first match at `from` or after it; `None` when there is none before the year 5000.
    pub fn next(&self, from: DateTime) -> Option<DateTime> {
        self.cron.find_next_occurrence(&from, true).ok()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("* * * * *", "5 fields")]
    #[case("", "0 fields")]
    #[case("0 0 0 * * * 2030", "7 fields")]
    #[case("60 * * * * *", "such as")]
    #[case("0 0 24 * * *", "such as")]
    #[case("0 0 0 0 * *", "such as")]
    #[case("0 0 0 * FOO *", "such as")]
    #[case("0 0 0 * * 8", "such as")]
    #[case("@daily", "six fields")]
    #[case("0 0 0 * * MÖN", "six fields")]
    fn what_is_no_pattern_is_refused(#[case] text: &str, #[case] why: &str) {
        let told = Pattern::parse(text).unwrap_err();
        assert!(told.contains(why), "{told}");
    }

    #[rstest]
    #[case("0 0 0 30 2 *")]
    #[case("0 0 0 31 4,6,9,11 *")]
    fn some_days_never_come(#[case] text: &str) {
        let pattern = Pattern::parse(text).unwrap();
        assert_eq!(pattern.next(date(2026, 1, 1).at(0, 0, 0, 0)), None);
    }

    #[rstest]
    #[case("0 0 0 29 2 *", "2028-02-29T00:00:00")]
    #[case("0 0 0 29 2 +MON", "2044-02-29T00:00:00")]
    #[case("0 0 12 L * *", "2026-01-31T12:00:00")]
    #[case("0 0 12 * * FRI#2", "2026-01-09T12:00:00")]
    #[case("59 59 23 31 12 *", "2026-12-31T23:59:59")]
    fn the_next_match_is_found(#[case] text: &str, #[case] next: &str) {
        let pattern = Pattern::parse(text).unwrap();
        let found = pattern.next(date(2026, 1, 1).at(0, 0, 0, 0)).unwrap();
        assert_eq!(found, next.parse().unwrap());
    }

    proptest! {
        /// Whatever is typed: an answer, and no panic.
        #[test]
        fn any_text_is_a_pattern_or_refused(text in "[0-9*,/?LW# -]{0,24}|[ -~]{0,40}|\\PC{0,20}") {
            if let Ok(pattern) = Pattern::parse(&text) {
                let from = date(2026, 1, 1).at(0, 0, 0, 0);
                if let Some(next) = pattern.next(from) {
                    prop_assert!(next >= from);
                    prop_assert_eq!(pattern.next(next), Some(next));
                }
            }
        }

        #[test]
        fn fields_of_digits_are_a_pattern_or_refused(fields in prop::collection::vec("(\\*|[0-9]{1,2})(-[0-9]{1,2})?(/[0-9]{1,2})?", 6)) {
            if let Ok(pattern) = Pattern::parse(&fields.join(" ")) {
                let from = date(2026, 1, 1).at(0, 0, 0, 0);
                if let Some(next) = pattern.next(from) {
                    prop_assert!(next >= from);
                }
            }
        }
    }
}
