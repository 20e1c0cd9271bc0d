//! The notifier in virtual time: outages, hangs, storms, crashes.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::super::rig::{Plan, Rig, in_virtual_time, seconds};
use super::*;
use crate::alarm::Severity;
use crate::notify::courier::Again;

const DAY: u64 = 86_400;

fn count(counter: &std::sync::atomic::AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[test]
fn the_first_alarm_goes_at_once_with_its_companions_and_then_one_message_each_half_minute() {
    in_virtual_time(async {
        let rig = Rig::new();
        let id = rig.webhook("ops", Severity::Warning).await;
        let _notifier = rig.start(1);
        seconds(100).await;
        for _ in 0..60 {
            rig.raise(1, Severity::Major).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        seconds(100).await;
        let seen = rig.fake.seen("ops");
        let at: Vec<_> = seen.iter().map(|seen| seen.at.as_secs()).collect();
        assert_eq!(at, [101, 131], "{seen:?}");
        let told: Vec<_> = seen.iter().flat_map(|seen| seen.listed.clone()).collect();
        assert_eq!(told, (0..60).collect::<Vec<_>>());
        assert!(seen[0].total <= 3, "{seen:?}");
        assert_eq!(rig.rows_left().await, 0);
        let row = rig.row(id).await;
        assert_eq!((row.sent, row.done_id, row.last_id), (2, 60, 60));
        let stats = rig.stats.of(Kind::Webhook);
        assert_eq!((count(&stats.sent), count(&stats.waiting)), (2, 0));
    });
}

#[test]
fn an_hour_of_500s_loses_nothing_and_slows_no_other_channel_down() {
    in_virtual_time(async {
        let rig = Rig::new();
        let id = rig.webhook("broken", Severity::Warning).await;
        rig.webhook("sound", Severity::Warning).await;
        let _notifier = rig.start(2);
        rig.fake.plan("broken", Plan::Fail(Again::Later));
        for minute in 0..60 {
            rig.raise(1, Severity::Major).await;
            seconds(2).await;
            assert_eq!(rig.fake.seen("sound").len(), minute + 1);
            seconds(58).await;
        }
        let row = rig.row(id).await;
        assert!(row.failing_since_ms.is_some());
        assert_eq!(row.last_error, "answered 500");
        assert_eq!(count(&rig.stats.of(Kind::Webhook).failing), 1);
        assert_eq!(count(&rig.stats.of(Kind::Webhook).waiting), 60);
        rig.fake.plan("broken", Plan::Take);
        seconds(700).await;
        let seen = rig.fake.seen("broken");
        let failed = seen.iter().filter(|seen| seen.plan != Plan::Take).count();
        assert!((10..60).contains(&failed), "{failed} attempts");
        // The message that failed was not changed; the rest came in one.
        let taken: Vec<_> = seen.iter().filter(|seen| seen.plan == Plan::Take).collect();
        assert_eq!(taken.len(), 2, "{taken:?}");
        assert_eq!(taken[0].delivery, seen[0].delivery);
        assert_eq!(taken[0].listed, [0]);
        assert_eq!(taken[1].listed, (1..60).collect::<Vec<_>>());
        assert_ne!(taken[0].delivery, taken[1].delivery);
        let row = rig.row(id).await;
        assert_eq!((row.failing_since_ms, row.last_error.as_str()), (None, ""));
        assert_eq!(count(&rig.stats.of(Kind::Webhook).failing), 0);
    });
}

#[test]
fn forty_receivers_that_hang_slow_no_other_down() {
    in_virtual_time(async {
        let rig = Rig::new();
        for number in 0..40 {
            let name = format!("hang-{number}");
            rig.webhook(&name, Severity::Warning).await;
            rig.fake.plan(&name, Plan::Hang);
        }
        let _notifier = rig.start(3);
        rig.raise(1, Severity::Major).await;
        // Each of them has failed once.
        seconds(60).await;
        rig.webhook("sound", Severity::Warning).await;
        for _ in 0..10 {
            let before = rig.clock.now();
            rig.raise(1, Severity::Major).await;
            seconds(40).await;
            let seen = rig.fake.seen("sound");
            let last = seen.last().unwrap().at;
            assert!(last >= before && last < before + Duration::from_secs(3));
        }
        assert_eq!(rig.fake.seen("sound").len(), 10);
    });
}

#[test]
fn a_storm_of_ten_thousand_alarms_is_few_messages() {
    in_virtual_time(async {
        let rig = Rig::new();
        rig.webhook("ops", Severity::Warning).await;
        let _notifier = rig.start(4);
        for _ in 0..100 {
            rig.raise(99, Severity::Minor).await;
            rig.raise(1, Severity::Critical).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        seconds(60).await;
        let seen = rig.fake.seen("ops");
        assert_eq!(seen.len(), 2, "{}", seen.len());
        assert_eq!(seen.iter().map(|seen| seen.total).sum::<u64>(), 10_000);
        assert!(seen.iter().all(|seen| seen.listed.len() == 100));
        // The critical ones are listed, as far as there is room.
        let critical = seen[1].listed.iter().filter(|id| *id % 100 == 99);
        assert!(critical.count() > 80);
        assert!(seen[1].listed.is_sorted());
        assert_eq!(rig.rows_left().await, 0);
    });
}

#[test]
fn over_the_bound_alarms_are_counted_and_the_next_message_says_so() {
    in_virtual_time(async {
        let rig = Rig::new();
        let id = rig.webhook("ops", Severity::Warning).await;
        rig.raise(10_007, Severity::Major).await;
        let row = rig.row(id).await;
        assert_eq!((row.last_id, row.omitted), (10_000, 7));
        let _notifier = rig.start(5);
        seconds(10).await;
        rig.raise(1, Severity::Major).await;
        seconds(60).await;
        let seen = rig.fake.seen("ops");
        let said: Vec<_> = seen.iter().map(|s| (s.total, s.omitted)).collect();
        assert_eq!(said, [(10_000, 7), (1, 0)]);
        assert_eq!(count(&rig.stats.of(Kind::Webhook).omitted), 7);
    });
}

#[test]
fn a_crash_between_sending_and_committing_sends_the_same_message_again() {
    in_virtual_time(async {
        let rig = Rig::new();
        let id = rig.webhook("ops", Severity::Warning).await;
        let notifier = rig.start(6);
        rig.fake.plan("ops", Plan::TakeAndHang);
        rig.raise(3, Severity::Major).await;
        seconds(3).await;
        drop(notifier);
        rig.raise(2, Severity::Major).await;
        rig.fake.plan("ops", Plan::Take);
        let _notifier = rig.start(7);
        seconds(60).await;
        let seen = rig.fake.seen("ops");
        let listed: Vec<_> = seen.iter().map(|seen| seen.listed.clone()).collect();
        assert_eq!(listed, [vec![0, 1, 2], vec![0, 1, 2], vec![3, 4]]);
        assert_eq!(seen[0].delivery, seen[1].delivery);
        assert_eq!(rig.row(id).await.sent, 2);
    });
}

#[test]
fn what_is_refused_for_good_is_dead_at_once_and_the_next_message_is_tried() {
    in_virtual_time(async {
        let rig = Rig::new();
        let id = rig.webhook("ops", Severity::Warning).await;
        let _notifier = rig.start(8);
        rig.fake.plan("ops", Plan::Fail(Again::Never));
        rig.raise(3, Severity::Major).await;
        seconds(40).await;
        assert_eq!(rig.fake.seen("ops").len(), 1);
        let letters = rig.store(move |store| DeadLetters::of(store, id)).await;
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].from_id, letters[0].to_id), (1, 3));
        assert_eq!(letters[0].reason, "answered 500");
        rig.fake.plan("ops", Plan::Take);
        rig.raise(2, Severity::Major).await;
        seconds(60).await;
        assert_eq!(rig.fake.seen("ops")[1].listed, [3, 4]);
        // Kept as long as the dead letter is.
        assert_eq!(rig.rows_left().await, 3);
        assert_eq!(count(&rig.stats.of(Kind::Webhook).dead), 1);
        seconds(31 * DAY).await;
        assert_eq!(rig.rows_left().await, 0);
    });
}

#[test]
fn a_message_is_given_up_after_a_day_and_no_earlier() {
    in_virtual_time(async {
        let rig = Rig::new();
        let id = rig.webhook("ops", Severity::Warning).await;
        let _notifier = rig.start(9);
        rig.fake.plan("ops", Plan::Fail(Again::Later));
        rig.raise(1, Severity::Major).await;
        seconds(10).await;
        rig.raise(1, Severity::Major).await;
        seconds(DAY - 20).await;
        assert_eq!(rig.row(id).await.done_id, 0);
        let attempts = rig.fake.seen("ops").len();
        assert!((150..1500).contains(&attempts), "{attempts}");
        seconds(1300).await;
        let row = rig.row(id).await;
        assert_eq!((row.done_id, row.message_id), (1, 2));
    });
}

#[test]
fn after_a_restart_an_old_message_is_not_given_up_at_the_first_failure() {
    in_virtual_time(async {
        let rig = Rig::new();
        let id = rig.webhook("ops", Severity::Warning).await;
        rig.fake.plan("ops", Plan::Fail(Again::Later));
        let notifier = rig.start(10);
        rig.raise(1, Severity::Major).await;
        seconds(10).await;
        drop(notifier);
        rig.clock.jump_wall(10 * 86_400_000);
        let _notifier = rig.start(11);
        seconds(DAY / 4 - 700).await;
        assert_eq!(rig.row(id).await.done_id, 0);
        seconds(2000).await;
        assert_eq!(rig.row(id).await.done_id, 1);
    });
}

#[test]
fn a_receiver_that_asks_for_a_pause_gets_it() {
    in_virtual_time(async {
        let rig = Rig::new();
        rig.webhook("ops", Severity::Warning).await;
        let _notifier = rig.start(12);
        let pause = Duration::from_secs(600);
        rig.fake.plan("ops", Plan::Fail(Again::After(pause)));
        rig.raise(1, Severity::Major).await;
        seconds(1900).await;
        let at: Vec<_> = rig.fake.seen("ops").iter().map(|seen| seen.at).collect();
        assert_eq!(at.len(), 3, "{at:?}");
        assert!(at.windows(2).all(|two| two[1] - two[0] >= pause));
    });
}

#[test]
fn a_removed_channel_is_told_nothing_more_and_leaves_nothing() {
    in_virtual_time(async {
        let rig = Rig::new();
        let id = rig.webhook("ops", Severity::Warning).await;
        rig.fake.plan("ops", Plan::Fail(Again::Later));
        let _notifier = rig.start(13);
        rig.raise(3, Severity::Major).await;
        seconds(20).await;
        rig.store(move |store| Channels::remove(store, id)).await;
        let before = rig.fake.seen("ops").len();
        seconds(2 * 3600).await;
        assert_eq!(rig.fake.seen("ops").len(), before);
        assert_eq!(rig.rows_left().await, 0);
        assert_eq!(count(&rig.stats.of(Kind::Webhook).waiting), 0);
    });
}

#[test]
fn a_stop_does_not_wait_for_a_receiver_that_hangs() {
    in_virtual_time(async {
        let rig = Rig::new();
        rig.webhook("ops", Severity::Warning).await;
        rig.fake.plan("ops", Plan::Hang);
        let mut notifier = rig.start(14);
        rig.raise(1, Severity::Major).await;
        seconds(5).await;
        let before = rig.clock.now();
        notifier.stop(Duration::from_secs(1)).await;
        assert_eq!((rig.clock.now() - before).as_secs(), 1);
        // What waited goes out after the next start.
        rig.fake.plan("ops", Plan::Take);
        let _notifier = rig.start(15);
        seconds(5).await;
        assert_eq!(rig.fake.seen("ops")[1].listed, [0]);
    });
}

#[test]
fn each_channel_is_told_from_its_severity_on() {
    in_virtual_time(async {
        let rig = Rig::new();
        for severity in Severity::ALL {
            rig.webhook(severity.name(), severity).await;
        }
        let _notifier = rig.start(16);
        for severity in Severity::ALL {
            rig.raise(1, severity).await;
        }
        seconds(5).await;
        for (least, severity) in Severity::ALL.into_iter().enumerate() {
            let seen = rig.fake.seen(severity.name());
            let told: BTreeSet<_> = seen.iter().flat_map(|seen| seen.listed.clone()).collect();
            let least = i64::try_from(least).unwrap();
            assert_eq!(told, (least..4).collect(), "{}", severity.name());
        }
    });
}
