//! Kills, and wall clocks that are set.

use device_hub::admin::NewTiming;
use device_hub::schedule::Missed;

use crate::scene::{Scene, at, cron, sleep, virtually};

const MINUTE_MS: i64 = 60_000;

async fn scene(now: &str) -> (Scene, device_hub::admin::Credential) {
    let mut scene = Scene::at(now);
    scene.start();
    scene.group("g").await;
    let device = scene.device("g", 1).await;
    (scene, device)
}

/// S3.2
#[test]
fn what_was_due_while_the_hub_was_down_is_skipped_or_made_up_for() {
    virtually(async {
        let (mut scene, device) = scene("2027-01-01T00:00:30Z").await;
        let mut ids = Vec::new();
        for missed in [Missed::Skip, Missed::Once, Missed::All] {
            let timing = cron("0 * * * * *", "UTC");
            let name = format!("{missed:?}");
            ids.push(scene.add(&name, &device, timing, missed).await);
        }
        sleep(60).await;
        scene.kill();
        sleep(180).await;
        scene.start();
        sleep(60).await;
        let minute = |minute: i64| at("2027-01-01T00:00:00Z") + minute * MINUTE_MS;
        let [skip, once, all] = ids[..] else { panic!() };
        assert_eq!(scene.runs(skip, "ordered"), [1, 5].map(minute));
        assert_eq!(scene.runs(skip, "skipped"), [minute(4)]);
        assert_eq!(scene.runs(once, "ordered"), [1, 4, 5].map(minute));
        assert_eq!(scene.runs(all, "ordered"), [1, 2, 3, 4, 5].map(minute));
        assert_eq!(scene.ordered().len(), 10);
    });
}

/// S3.3: begun and stored, and killed before it was carried out, or before that was written down.
#[test]
fn a_run_that_a_kill_broke_off_is_carried_out_once() {
    virtually(async {
        let (mut scene, device) = scene("2027-01-01T00:00:30Z").await;
        let timing = cron("0 1 * * * *", "UTC");
        let id = scene.add("it", &device, timing, Missed::Once).await;
        sleep(60).await;
        scene.kill();
        assert_eq!(scene.ordered().len(), 1);
        let database = scene.database();
        database
            .execute("UPDATE schedule_run SET outcome = 'running'", [])
            .unwrap();
        drop(database);
        scene.start();
        sleep(20).await;
        assert_eq!(scene.ordered().len(), 1, "its command is there");
        assert_eq!(scene.runs(id, "ordered").len(), 1);
        scene.kill();
        let database = scene.database();
        let broken = "UPDATE schedule_run SET outcome = 'running'; DELETE FROM command;";
        database.execute_batch(broken).unwrap();
        drop(database);
        scene.start();
        sleep(20).await;
        assert_eq!(scene.ordered().len(), 1, "it is ordered after all");
    });
}

/// S3.3: a late act may be worse than none.
#[test]
fn a_run_that_a_kill_broke_off_long_ago_is_skipped_if_missed_ones_are() {
    virtually(async {
        let (mut scene, device) = scene("2027-01-01T00:00:30Z").await;
        let timing = cron("0 0 * * * *", "UTC");
        let id = scene.add("it", &device, timing, Missed::Skip).await;
        sleep(3600).await;
        scene.kill();
        let database = scene.database();
        let broken = "UPDATE schedule_run SET outcome = 'running'; DELETE FROM command;";
        database.execute_batch(broken).unwrap();
        drop(database);
        sleep(60).await;
        scene.start();
        sleep(20).await;
        assert!(scene.ordered().is_empty());
        assert_eq!(scene.runs(id, "skipped").len(), 1);
    });
}

/// S3.4
#[test]
fn a_wall_clock_that_is_set_neither_repeats_a_run_nor_silences_a_schedule() {
    virtually(async {
        let (scene, device) = scene("2027-01-01T00:00:30Z").await;
        let timing = cron("0 * * * * *", "UTC");
        let id = scene.add("it", &device, timing, Missed::Skip).await;
        sleep(300).await;
        assert_eq!(scene.runs(id, "ordered").len(), 5);
        // Five minutes back: they have run.
        scene.clock.jump_wall(-5 * MINUTE_MS);
        sleep(290).await;
        assert_eq!(scene.runs(id, "ordered").len(), 5);
        sleep(300).await;
        assert_eq!(scene.runs(id, "ordered").len(), 10);
        // A year ahead, and back.
        let year = 365 * 24 * 60 * MINUTE_MS;
        scene.clock.jump_wall(year);
        sleep(30).await;
        assert_eq!(scene.runs(id, "skipped").len(), 1);
        scene.clock.jump_wall(-year);
        sleep(600).await;
        let runs = scene.runs(id, "ordered");
        assert!(runs.len() >= 19, "{}", runs.len());
        assert_eq!(scene.ordered().len(), runs.len());
    });
}

/// S1.2: not touched by what the clocks do.
#[test]
fn every_goes_by_its_grid() {
    virtually(async {
        let (scene, device) = scene("2027-03-27T23:00:00Z").await;
        let timing = NewTiming {
            every_ms: Some(45 * MINUTE_MS),
            zone: "Europe/Madrid".into(),
            from: Some("2027-03-28T00:15:00".into()),
            until: Some("2027-03-28T05:00:00".into()),
            ..NewTiming::default()
        };
        let id = scene.add("it", &device, timing, Missed::Skip).await;
        sleep(6 * 3600).await;
        let first = at("2027-03-28T00:15:00+01:00");
        let wanted: Vec<_> = (0..6).map(|n| first + n * 45 * MINUTE_MS).collect();
        let ended = at("2027-03-28T05:00:00+02:00");
        let wanted: Vec<_> = wanted.into_iter().filter(|at| *at <= ended).collect();
        assert_eq!(scene.runs(id, "ordered"), wanted);
    });
}
