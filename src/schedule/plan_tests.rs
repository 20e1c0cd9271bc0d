//! The planner against an oracle that walks the minutes with another library's time zones and knows no segments, and
//! properties that hold for any schedule.

use std::collections::BTreeMap;

use chrono::{Offset as _, TimeZone as _};
use jiff::tz::TimeZoneDatabase;
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::schedule::{Missed, Skipped, Zone};

/// Each tells something: a common rule, one that was given up, half an hour, another week, Ramadan, a day that was lost, half an hour
/// for good, no change at all, two hours, changes at midnight, tables of dates.
const TELLING: [&str; 13] = [
    "Europe/Madrid",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Tehran",
    "Africa/Casablanca",
    "Pacific/Apia",
    "America/Caracas",
    "Asia/Kathmandu",
    "Antarctica/Troll",
    "Africa/Cairo",
    "Asia/Gaza",
    "UTC",
];

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
/// 2020-01-01 and 2038-01-01.
const YEARS: (i64, i64) = (1_577_836_800, 2_145_916_800);
/// How far around a change both are compared, and how far the oracle looks for equal local times.
const AROUND: i64 = 27 * HOUR;
const BEYOND: i64 = 4 * HOUR;

fn timing(pattern: &str, zone: Zone, skipped: Skipped, repeated: Repeated) -> Timing {
    Timing {
        when: When::Cron(Pattern::parse(pattern).unwrap()),
        zone,
        skipped,
        repeated,
        from_ms: None,
        until_ms: None,
        created_ms: 0,
    }
}

fn bundled(name: &str) -> Zone {
    // Whatever tables this machine has.
    Zone::with_rules(name, TimeZoneDatabase::bundled().get(name).unwrap())
}

/// Seconds that a zone's clocks are ahead of UTC, by chrono-tz.
fn ahead(tz: chrono_tz::Tz, at: i64) -> i64 {
    let utc = chrono::DateTime::from_timestamp(at, 0).unwrap().naive_utc();
    tz.offset_from_utc_datetime(&utc)
        .fix()
        .local_minus_utc()
        .into()
}

/// The same by the tables of the planner.
fn planned_ahead(zone: &Zone, at: i64) -> i64 {
    let at = Timestamp::from_second(at).unwrap();
    zone.rules().to_offset(at).seconds().into()
}

/// The instants at which the offset changes, to the minute.
fn changes(ahead: impl Fn(i64) -> i64) -> Vec<i64> {
    let mut changes = Vec::new();
    for at in (YEARS.0..YEARS.1).step_by(HOUR as usize) {
        if ahead(at) != ahead(at + HOUR) {
            let mut minutes = (at..=at + HOUR).step_by(MINUTE as usize);
            changes.push(minutes.find(|m| ahead(*m) != ahead(at)).unwrap());
        }
    }
    changes
}

/// A pattern for the planner, and what the oracle knows of it: hours and minutes.
struct Case {
    pattern: &'static str,
    hours: &'static [i64],
    minutes: &'static [i64],
}

const ALL_HOURS: &[i64] = &[
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
];

const CASES: [Case; 7] = [
    Case {
        pattern: "0 30 2 * * *",
        hours: &[2],
        minutes: &[30],
    },
    Case {
        pattern: "0 0 0 * * *",
        hours: &[0],
        minutes: &[0],
    },
    Case {
        pattern: "0 59 23 * * *",
        hours: &[23],
        minutes: &[59],
    },
    Case {
        pattern: "0 */20 0-3 * * *",
        hours: &[0, 1, 2, 3],
        minutes: &[0, 20, 40],
    },
    Case {
        pattern: "0 15,45 * * * *",
        hours: ALL_HOURS,
        minutes: &[15, 45],
    },
    Case {
        pattern: "0 0 */2 * * *",
        hours: &[0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22],
        minutes: &[0],
    },
    Case {
        pattern: "0 0 1,2,3 * * *",
        hours: &[1, 2, 3],
        minutes: &[0],
    },
];

impl Case {
    fn matches(&self, local: i64) -> bool {
        let (hour, minute) = (
            local.rem_euclid(24 * HOUR) / HOUR,
            local.rem_euclid(HOUR) / MINUTE,
        );
        self.hours.contains(&hour) && self.minutes.contains(&minute)
    }

    /// When it is due around a change, minute by minute.
    fn oracle(
        &self,
        walk: &[(i64, i64)],
        around: (i64, i64),
        later: bool,
        repeated: Repeated,
    ) -> Vec<i64> {
        let mut times: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (at, local) in walk {
            times.entry(*local).or_default().push(*at);
        }
        let mut due = Vec::new();
        for pair in walk.windows(2) {
            let ((_, previous), (at, local)) = (pair[0], pair[1]);
            let mut skipped = (previous + MINUTE..local).step_by(MINUTE as usize);
            let for_gap = later && skipped.any(|missing| self.matches(missing));
            let equal = &times[&local];
            let counts = match repeated {
                Repeated::First => equal.first() == Some(&at),
                Repeated::Second => equal.last() == Some(&at),
                _ => true,
            };
            if for_gap || counts && self.matches(local) {
                due.push(at * 1000);
            }
        }
        due.retain(|at| *at > around.0 * 1000 && *at <= around.1 * 1000);
        due
    }
}

/// Compares around each change of a zone, in either table. Answers how many were compared by chrono-tz, and how many by the
/// planner's own table because the two are of different years: still minute by minute, and without segments.
fn compare(name: &str) -> (usize, usize) {
    let tz: chrono_tz::Tz = name.parse().unwrap();
    let Ok(rules) = TimeZoneDatabase::bundled().get(name) else {
        return (0, 0);
    };
    let zone = Zone::with_rules(name, rules);
    let mut places = changes(|at| ahead(tz, at));
    places.extend(changes(|at| planned_ahead(&zone, at)));
    places.extend([YEARS.0 + 40 * 24 * HOUR, YEARS.1 - 40 * 24 * HOUR]);
    places.sort_unstable();
    places.dedup();
    let (mut compared, mut disputed) = (0, 0);
    for change in places {
        let around = (change - AROUND, change + AROUND);
        let wide = around.0 - BEYOND..around.1 + BEYOND;
        let minutes = || wide.clone().step_by(MINUTE as usize);
        let planned: Vec<_> = minutes()
            .map(|at| (at, at + planned_ahead(&zone, at)))
            .collect();
        let walk: Vec<_> = minutes().map(|at| (at, at + ahead(tz, at))).collect();
        if walk == planned {
            compared += 1;
        } else {
            disputed += 1;
        }
        compare_around(&zone, &planned, around);
    }
    (compared, disputed)
}

fn compare_around(zone: &Zone, walk: &[(i64, i64)], around: (i64, i64)) {
    for case in &CASES {
        for skipped in [Skipped::Later, Skipped::Skip] {
            for repeated in [Repeated::First, Repeated::Second, Repeated::Both] {
                let timing = timing(case.pattern, zone.clone(), skipped, repeated);
                let planned: Vec<_> = timing
                    .after(around.0 * 1000)
                    .map(|due| due.at_ms)
                    .take_while(|at| *at <= around.1 * 1000)
                    .collect();
                let wanted = case.oracle(walk, around, skipped == Skipped::Later, repeated);
                let (name, pattern) = (zone.name(), case.pattern);
                assert_eq!(
                    planned, wanted,
                    "{name}, {pattern}, {skipped:?}, {repeated:?}, around {around:?}"
                );
            }
        }
    }
}

/// S2.3, S2.4.
#[test]
fn the_plan_agrees_with_a_walk_through_the_minutes() {
    for name in TELLING {
        let (compared, disputed) = compare(name);
        eprintln!("{name}: {compared} places compared, tables differ at {disputed}");
        assert!(compared >= 2, "{name}");
    }
}

/// The same for every zone, in shares for the machine's cores.
#[rstest]
#[case(0)]
#[case(1)]
#[case(2)]
#[case(3)]
#[ignore = "takes minutes: ./test --long"]
fn the_plan_agrees_in_all_zones(#[case] share: usize) {
    let (mut compared, mut disputed) = (0, 0);
    for zone in chrono_tz::TZ_VARIANTS.iter().skip(share).step_by(4) {
        let (more, unlike) = compare(zone.name());
        compared += more;
        disputed += unlike;
    }
    eprintln!("{compared} places compared, tables differ at {disputed}");
    assert!(compared > 1000 && disputed * 5 < compared);
}

fn local(timing: &Timing, after: &str, count: usize) -> Vec<String> {
    let after: Timestamp = after.parse().unwrap();
    timing
        .after(after.as_millisecond())
        .take(count)
        .map(|due| {
            let at = Timestamp::from_millisecond(due.at_ms).unwrap();
            let shown = at.to_zoned(timing.zone.rules().clone());
            shown.strftime("%m-%d %H:%M%:z").to_string()
        })
        .collect()
}

/// S2.5: what `auto` stands for.
#[rstest]
#[case("0 30 2 * * *", "2026-03-28T12:00:00Z", &["03-29 03:00+02:00", "03-30 02:30+02:00"])]
#[case("0 30 2 * * *", "2026-10-24T12:00:00Z", &["10-25 02:30+02:00", "10-26 02:30+01:00"])]
#[case("0 30 * * * *", "2026-03-29T00:00:00Z", &["03-29 01:30+01:00", "03-29 03:30+02:00"])]
#[case("0 30 * * * *", "2026-10-24T23:40:00Z", &["10-25 02:30+02:00", "10-25 02:30+01:00", "10-25 03:30+01:00"])]
#[case("0 0,30 2 * * *", "2026-03-28T12:00:00Z", &["03-29 03:00+02:00", "03-30 02:00+02:00"])]
#[case("0 0 2,3 * * *", "2026-03-28T12:00:00Z", &["03-29 03:00+02:00", "03-30 02:00+02:00"])]
fn auto_depends_on_the_hours(#[case] pattern: &str, #[case] after: &str, #[case] runs: &[&str]) {
    let timing = timing(
        pattern,
        bundled("Europe/Madrid"),
        Skipped::Auto,
        Repeated::Auto,
    );
    assert_eq!(local(&timing, after, runs.len()), runs);
}

/// The last of them was on 2011-12-29: the 30th never came.
#[test]
fn samoa_lost_a_day() {
    for (skipped, runs) in [
        (Skipped::Later, ["12-29 12:00-10:00", "12-31 00:00+14:00"]),
        (Skipped::Skip, ["12-29 12:00-10:00", "12-31 12:00+14:00"]),
    ] {
        let timing = timing(
            "0 0 12 * * *",
            bundled("Pacific/Apia"),
            skipped,
            Repeated::Auto,
        );
        assert_eq!(local(&timing, "2011-12-29T12:00:00Z", 2), runs);
    }
}

#[test]
fn runs_say_what_a_change_did() {
    let madrid = || bundled("Europe/Madrid");
    let change = |timing: &Timing, after: &str| {
        let after: Timestamp = after.parse().unwrap();
        timing.next(after.as_millisecond()).unwrap().change
    };
    let daily = timing("0 30 2 * * *", madrid(), Skipped::Auto, Repeated::Both);
    let missed = "2026-03-29T02:30:00".parse().unwrap();
    assert_eq!(
        change(&daily, "2026-03-28T12:00:00Z"),
        Change::AfterGap(missed)
    );
    assert_eq!(change(&daily, "2026-03-29T12:00:00Z"), Change::None);
    assert_eq!(change(&daily, "2026-10-24T12:00:00Z"), Change::FirstOfTwo);
    assert_eq!(change(&daily, "2026-10-25T00:40:00Z"), Change::SecondOfTwo);
}

#[rstest]
#[case("0 0 0 30 2 *", None, None)]
#[case("0 0 0 * * *", Some(100_000), Some(100_001))]
#[case("0 0 0 31 12 *", None, Some(1000))]
fn some_never_fire(
    #[case] pattern: &str,
    #[case] from_ms: Option<i64>,
    #[case] until_ms: Option<i64>,
) {
    let mut timing = timing(pattern, Zone::utc(), Skipped::Auto, Repeated::Auto);
    (timing.from_ms, timing.until_ms) = (from_ms, until_ms);
    assert_eq!(timing.next(0), None);
}

#[test]
fn a_grid_begins_with_the_schedule() {
    let mut timing = timing("* * * * * *", Zone::utc(), Skipped::Auto, Repeated::Auto);
    timing.when = When::Every(1500);
    timing.created_ms = 10_000;
    let runs = |timing: &Timing, after| -> Vec<_> {
        timing.after(after).take(3).map(|due| due.at_ms).collect()
    };
    assert_eq!(runs(&timing, 0), [11_500, 13_000, 14_500]);
    assert_eq!(runs(&timing, 11_500), [13_000, 14_500, 16_000]);
    timing.from_ms = Some(20_000);
    assert_eq!(runs(&timing, 0), [20_000, 21_500, 23_000]);
    timing.until_ms = Some(21_500);
    assert_eq!(runs(&timing, 0), [20_000, 21_500]);
}

proptest! {
    /// S2.2: instants rise strictly, and where one begins to look changes nothing: no due time is passed over or comes twice.
    #[test]
    fn due_times_rise_and_do_not_depend_on_the_start(
        zone in prop::sample::select(TELLING.to_vec()),
        pattern in prop::sample::select(vec![
            "* * * * * *", "0 30 2 * * *", "0 0 0 1 * *", "30 */7 */3 * * *", "0 0 3 * * SUN", "15 59 1-3 29 2 *", "0 0 0 L * FRI#2",
        ]),
        skipped in prop::sample::select(vec![Skipped::Auto, Skipped::Later, Skipped::Skip]),
        repeated in prop::sample::select(vec![Repeated::Auto, Repeated::First, Repeated::Second, Repeated::Both]),
        start in 1_577_836_800_000_i64..2_145_916_800_000,
        within in 0.0..1.0_f64,
    ) {
        let timing = timing(pattern, bundled(zone), skipped, repeated);
        let runs: Vec<_> = timing.after(start).take(20).collect();
        prop_assert_eq!(runs.len(), 20);
        prop_assert!(runs[0].at_ms > start);
        for pair in runs.windows(2) {
            prop_assert!(pair[0].at_ms < pair[1].at_ms);
            let between = pair[0].at_ms + ((pair[1].at_ms - pair[0].at_ms - 1) as f64 * within) as i64;
            prop_assert_eq!(timing.next(between), Some(pair[1]));
        }
    }

    /// Whatever the numbers: an answer, and no overflow.
    #[test]
    fn odd_numbers_are_survived(after: i64, created: i64, from: Option<i64>, until: Option<i64>, period in 1000_i64.., at: i64) {
        let mut timing = timing("0 0 0 29 2 *", bundled("Asia/Gaza"), Skipped::Later, Repeated::Both);
        (timing.created_ms, timing.from_ms, timing.until_ms) = (created, from, until);
        let when = timing.when.clone();
        for when in [when, When::Every(period), When::At(at)] {
            timing.when = when;
            if let Some(due) = timing.next(after) {
                prop_assert!(due.at_ms > after);
            }
        }
    }
}

/// Not a test of speed, but of order: a pattern that is looked at a million times must not take minutes.
#[test]
fn planning_is_cheap() {
    let begun = std::time::Instant::now();
    for pattern in ["* * * * * *", "0 30 2 * * *", "0 0 0 29 2 *"] {
        let timing = timing(
            pattern,
            bundled("Europe/Madrid"),
            Skipped::Auto,
            Repeated::Auto,
        );
        let count = timing.after(1_600_000_000_000).take(1000).count();
        eprintln!("{pattern}: {count} in {:?} so far", begun.elapsed());
    }
    let never = timing("0 0 0 30 2 *", Zone::utc(), Skipped::Auto, Repeated::Auto);
    assert_eq!(never.next(1_600_000_000_000), None);
    eprintln!("never: {:?} so far", begun.elapsed());
    assert!(begun.elapsed().as_secs() < 20);
}

/// `missed` is no part of a timing; it is here so that its names are checked with the others.
#[test]
fn policies_have_names() {
    for name in ["skip", "once", "all"] {
        assert_eq!(Missed::from_name(name).unwrap().name(), name);
    }
    assert_eq!(Missed::from_name("later"), None);
}
