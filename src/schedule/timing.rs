//! When a schedule runs, as somebody asked for it: checked once, into types that cannot be wrong.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::AmbiguousOffset;
use serde::{Deserialize, Serialize};

use super::pattern::Pattern;
use super::zone::{Zone, cut};

/// Least time between two runs of `every`.
pub const LEAST_PERIOD_MS: i64 = 1000;

/// What sets the times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    Cron(Pattern),
    /// Once, Unix milliseconds.
    At(i64),
    /// Milliseconds, on a grid that begins with the schedule. Changes of the clocks do not touch it.
    Every(i64),
}

/// What becomes of local times that a change of the clocks skips.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    clap::ValueEnum,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    /// Skip for patterns that go on through the hours (`*` or `*/n`), later for those that name hours
    #[default]
    Auto,
    /// One run at the first moment after the gap, if anything was due in it
    Later,
    /// No run
    Skip,
}

/// Which of two equal local times counts when clocks are set back.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    clap::ValueEnum,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Repeated {
    /// Both for patterns that go on through the hours (`*` or `*/n`), first for those that name hours
    #[default]
    Auto,
    First,
    Second,
    Both,
}

/// What becomes of runs that were due while the hub was down.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    clap::ValueEnum,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// They are left out
    #[default]
    Skip,
    /// One run at once, for the latest of them
    Once,
    /// Each of them at once, the oldest first; the newest 1,000 at most
    All,
}

/// A name for each policy, as the store and the verbs have it.
macro_rules! named {
    ($($policy:ident { $($variant:ident = $name:literal),* })*) => {$(
        impl $policy {
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    )*};
}

named! {
    Skipped { Auto = "auto", Later = "later", Skip = "skip" }
    Repeated { Auto = "auto", First = "first", Second = "second", Both = "both" }
    Missed { Skip = "skip", Once = "once", All = "all" }
}

/// All that decides when a schedule is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    pub when: When,
    pub zone: Zone,
    pub skipped: Skipped,
    pub repeated: Repeated,
    /// No run before, Unix milliseconds.
    pub from_ms: Option<i64>,
    /// No run after.
    pub until_ms: Option<i64>,
    /// When it was made: `every` begins there without `from_ms`.
    pub created_ms: i64,
}

/// Reads a time: RFC 3339, or without an offset as the zone's clocks show it.
///
/// # Errors
/// It is no time, or the zone's clocks show it twice or never.
pub fn parse_time(text: &str, zone: &Zone) -> Result<i64, String> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at.as_millisecond());
    }
    // An offset that cannot be read must not be passed over.
    let local: DateTime = match text.parse() {
        Ok(local) if !text.contains(['[', 'Z', 'z', '+']) => local,
        _ => {
            return Err(format!(
                "{:?} is no time such as 2026-11-21T18:00:00+01:00, or 2026-11-21T18:00:00 in the schedule's zone",
                cut(text)
            ));
        }
    };
    let name = zone.name();
    let told = match zone.rules().to_ambiguous_zoned(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => {
            let at = offset.to_timestamp(local).map_err(|e| e.to_string())?;
            return Ok(at.as_millisecond());
        }
        AmbiguousOffset::Gap { before, after } => format!(
            "{local} does not exist in {name}: the clocks go forward over it; write it with an offset ({before} before the change, {after} after it)"
        ),
        AmbiguousOffset::Fold { before, after } => format!(
            "{local} comes twice in {name}: the clocks go back over it; write it with its offset, {before} or {after}"
        ),
    };
    Err(told)
}

impl Timing {
    /// The policy for skipped times that `auto` stands for.
    pub fn runs_later(&self) -> bool {
        match (self.skipped, &self.when) {
            (Skipped::Later, _) => true,
            (Skipped::Auto, When::Cron(pattern)) => !pattern.is_interval(),
            _ => false,
        }
    }

    /// The policy for repeated times that `auto` stands for.
    pub fn repeats(&self) -> Repeated {
        match (self.repeated, &self.when) {
            (Repeated::Auto, When::Cron(pattern)) if pattern.is_interval() => Repeated::Both,
            (Repeated::Auto, _) => Repeated::First,
            (named, _) => named,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2026-11-21T18:00:00Z", 1_795_284_000_000)]
    #[case("2026-11-21T18:00:00+01:00", 1_795_280_400_000)]
    #[case("2026-11-21T18:00:00", 1_795_280_400_000)]
    #[case("2026-11-21 18:00", 1_795_280_400_000)]
    #[case("2026-10-25T02:30:00+02:00", 1_792_888_200_000)]
    fn a_time_has_an_offset_or_is_the_zones(#[case] text: &str, #[case] ms: i64) {
        let madrid = Zone::find("Europe/Madrid").unwrap();
        assert_eq!(parse_time(text, &madrid), Ok(ms));
    }

    #[rstest]
    #[case("soon", "no time")]
    #[case("", "no time")]
    #[case("2026-02-30T00:00:00", "no time")]
    #[case("2026-11-21T18:00:00[Asia/Tokyo]", "no time")]
    #[case("2026-03-29T02:30:00", "does not exist")]
    #[case("2026-10-25T02:30:00", "comes twice")]
    fn what_is_no_one_time_is_refused(#[case] text: &str, #[case] why: &str) {
        let madrid = Zone::find("Europe/Madrid").unwrap();
        let told = parse_time(text, &madrid).unwrap_err();
        assert!(told.contains(why), "{told}");
    }
}
