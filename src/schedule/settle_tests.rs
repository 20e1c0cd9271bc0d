//! What a look settles, over restarts, jumps and all policies.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::registry::GroupId;
use crate::schedule::{Act, Pattern, Repeated, Skipped, When, Zone};

const START: i64 = 1_800_000_000_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn schedule(pattern: &str, missed: Missed) -> Schedule {
    let mut schedule = Schedule {
        id: 7,
        group: GroupId(1),
        name: "it".into(),
        timing: Timing {
            when: When::Cron(Pattern::parse(pattern).unwrap()),
            zone: Zone::utc(),
            skipped: Skipped::Auto,
            repeated: Repeated::Auto,
            from_ms: None,
            until_ms: None,
            created_ms: START,
        },
        missed,
        jitter_ms: 0,
        act: Act::Rule {
            rule: 1,
            enabled: true,
        },
        paused: false,
        done_ms: START,
        next: None,
    };
    schedule.next = schedule.planned(&mut |_| 0);
    schedule
}

fn outcomes(settled: &Settled) -> Vec<(i64, Outcome)> {
    let runs = settled.runs.iter();
    runs.map(|run| ((run.due_ms - START) / MINUTE, run.outcome))
        .collect()
}

fn at(now_ms: i64) -> Look {
    Look {
        now_ms,
        grace_ms: GRACE_MS,
        keep_ms: 90 * 24 * HOUR,
    }
}

fn look(schedule: &Schedule, now_ms: i64) -> Settled {
    schedule.look(at(now_ms), &mut |_| 0)
}

#[test]
fn what_is_due_runs_and_nothing_is_changed_before() {
    let hourly = schedule("0 0 * * * *", Missed::Skip);
    let settled = look(&hourly, START + HOUR - 1);
    assert!(!settled.changed && settled.runs.is_empty());
    let settled = look(&hourly, START + HOUR + GRACE_MS);
    assert_eq!(outcomes(&settled), [(60, Outcome::Running)]);
    let again = look(&settled.schedule, START + HOUR + GRACE_MS);
    assert!(again.runs.is_empty());
    assert_eq!(settled.schedule.next.unwrap().due_ms, START + 2 * HOUR);
}

/// S3.2
#[test]
fn missed_runs_are_skipped_made_up_for_once_or_all() {
    let late = START + 3 * HOUR + MINUTE;
    let skip = look(&schedule("0 0 * * * *", Missed::Skip), late);
    assert_eq!(outcomes(&skip), [(180, Outcome::Skipped)]);
    assert!(skip.runs[0].detail.contains("3 runs"), "{:?}", skip.runs);
    let once = look(&schedule("0 0 * * * *", Missed::Once), late);
    assert_eq!(outcomes(&once), [(180, Outcome::Running)]);
    let all = look(&schedule("0 0 * * * *", Missed::All), late);
    let each = [60, 120, 180].map(|at| (at, Outcome::Running));
    assert_eq!(outcomes(&all), each);
    for settled in [skip, once, all] {
        assert_eq!(settled.schedule.done_ms, START + 3 * HOUR);
        assert_eq!(settled.schedule.next.unwrap().due_ms, START + 4 * HOUR);
    }
}

/// S3.2: a year of seconds takes no year, and no memory.
#[test]
fn of_very_many_missed_runs_the_newest_thousand_are_made_up_for() {
    let year = START + 365 * 24 * HOUR;
    let settled = look(&schedule("* * * * * *", Missed::All), year);
    // Those of the last seconds are on time.
    let running: Vec<_> = settled.runs.iter().skip(1).collect();
    assert_eq!(running.len(), MOST_CAUGHT_UP + 5);
    assert!(running.iter().all(|run| run.outcome == Outcome::Running));
    assert!(
        running
            .windows(2)
            .all(|pair| pair[0].due_ms + 1000 == pair[1].due_ms)
    );
    assert_eq!(running.last().unwrap().due_ms, year);
    assert_eq!(settled.runs[0].outcome, Outcome::Skipped);
    assert!(
        look(&schedule("* * * * * *", Missed::Skip), year)
            .runs
            .len()
            < 10
    );
}

/// S3.4: a board whose clock begins in 1970, and is then set: which old runs have run is not known any more.
#[test]
fn runs_older_than_the_history_are_not_made_up_for() {
    let daily = schedule("0 0 0 * * *", Missed::All);
    let booted = look(&daily, 0);
    assert_eq!(booted.schedule.done_ms, 0);
    let set = look(&booted.schedule, START);
    let running = set
        .runs
        .iter()
        .filter(|run| run.outcome == Outcome::Running);
    assert_eq!(running.count(), 90);
    assert_eq!(set.schedule.next.unwrap().due_ms - START, 16 * HOUR);
}

/// S3.4
#[test]
fn a_wall_clock_that_was_ahead_does_not_silence_a_schedule() {
    let ahead = look(&schedule("0 0 * * * *", Missed::Skip), START + 1000 * HOUR);
    let back = look(&ahead.schedule, START + 30 * MINUTE);
    assert!(back.changed && back.runs.is_empty());
    assert_eq!(back.schedule.next.unwrap().due_ms, START + HOUR);
}

/// S3.5
#[test]
fn a_planned_run_keeps_its_jitter() {
    let mut hourly = schedule("0 0 * * * *", Missed::Skip);
    hourly.jitter_ms = MINUTE;
    hourly.next = hourly.planned(&mut |most| most / 2);
    let settled = hourly.look(at(START + HOUR), &mut |most| most);
    assert!(settled.runs.is_empty() && !settled.changed);
    let settled = hourly.look(at(START + HOUR + MINUTE / 2), &mut |most| most);
    assert_eq!(outcomes(&settled), [(60, Outcome::Running)]);
    let next = settled.schedule.next.unwrap();
    assert_eq!(next.at_ms - next.due_ms, MINUTE);
}

proptest! {
    /// S2.2, S3.1: however the hub looks, sleeps, and has its wall clock set: a due time runs once at most, and nothing runs early.
    #[test]
    fn no_due_time_runs_twice(
        pattern in prop::sample::select(vec!["* * * * * *", "0 * * * * *", "0 0 * * * *", "30 */7 * * * *"]),
        missed in prop::sample::select(vec![Missed::Skip, Missed::Once, Missed::All]),
        jitter in prop::sample::select(vec![0, 500, 20_000]),
        steps in prop::collection::vec(prop_oneof![
            8 => 0_i64..3000,
            2 => 0..HOUR,
            1 => -2 * HOUR..0,
            1 => 0..30 * HOUR,
        ], 1..60),
    ) {
        let mut known = schedule(pattern, missed);
        known.jitter_ms = jitter;
        let mut begun = BTreeSet::new();
        let mut now = START;
        for step in steps {
            now += step;
            let settled = known.look(at(now), &mut |most| most / 3);
            prop_assert!(settled.runs.windows(2).all(|pair| pair[0].due_ms < pair[1].due_ms));
            for run in &settled.runs {
                prop_assert!(run.due_ms <= now, "early");
                // The table refuses a due time that has run: as here.
                if run.outcome == Outcome::Running {
                    begun.insert(run.due_ms);
                }
            }
            known = settled.schedule;
            if let Some(next) = known.next {
                prop_assert!(next.at_ms > now);
                prop_assert!(next.due_ms > known.done_ms);
                prop_assert!(next.due_ms <= now.max(known.done_ms) + HOUR, "silent");
            }
            prop_assert!(known.done_ms <= now + GRACE_MS);
        }
    }
}
