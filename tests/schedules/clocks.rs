//! Over changes of the clocks.

use device_hub::schedule::Missed;

use crate::scene::{Scene, at, cron, sleep, virtually};

/// S2.3 to S2.5: what the plan says is what happens, and each of it once.
fn over(
    change: &'static str,
    wanted: &'static [(&'static str, &'static str, &'static [&'static str])],
) {
    virtually(async move {
        let mut scene = Scene::at(change);
        scene.start();
        scene.group("g").await;
        let mut ids = Vec::new();
        for (index, (zone, pattern, _)) in wanted.iter().enumerate() {
            let device = scene.device("g", index).await;
            let timing = cron(pattern, zone);
            ids.push(
                scene
                    .add(&index.to_string(), &device, timing, Missed::Skip)
                    .await,
            );
        }
        sleep(24 * 3600 - 60).await;
        for (id, (zone, pattern, runs)) in ids.iter().zip(wanted) {
            let wanted: Vec<_> = runs.iter().map(|text| at(text)).collect();
            assert_eq!(scene.runs(*id, "ordered"), wanted, "{zone} {pattern}");
        }
        let runs: usize = wanted.iter().map(|(_, _, runs)| runs.len()).sum();
        let mut ordered = scene.ordered();
        assert_eq!((scene.rows().len(), ordered.len()), (runs, runs));
        ordered.dedup();
        assert_eq!(ordered.len(), runs);
    });
}

#[test]
fn in_spring() {
    over(
        "2027-03-27T12:00:00Z",
        &[
            (
                "Europe/Madrid",
                "0 30 2 * * *",
                &["2027-03-28T03:00:00+02:00"],
            ),
            (
                "Europe/Madrid",
                "0 0 3 * * *",
                &["2027-03-28T03:00:00+02:00"],
            ),
            (
                "Europe/Madrid",
                "0 30 1-3 * * *",
                &[
                    "2027-03-28T01:30:00+01:00",
                    "2027-03-28T03:00:00+02:00",
                    "2027-03-28T03:30:00+02:00",
                ],
            ),
            (
                "Europe/Madrid",
                "0 30 */12 * * *",
                &["2027-03-28T00:30:00+01:00", "2027-03-28T12:30:00+02:00"],
            ),
            (
                "Antarctica/Troll",
                "0 30 2 * * *",
                &["2027-03-28T03:00:00+02:00"],
            ),
            ("UTC", "0 30 2 * * *", &["2027-03-28T02:30:00Z"]),
        ],
    );
}

#[test]
fn in_autumn() {
    over(
        "2026-10-24T12:00:00Z",
        &[
            (
                "Europe/Madrid",
                "0 30 2 * * *",
                &["2026-10-25T02:30:00+02:00"],
            ),
            (
                "Europe/Madrid",
                "0 30 2,3 * * *",
                &["2026-10-25T02:30:00+02:00", "2026-10-25T03:30:00+01:00"],
            ),
            (
                "Asia/Kathmandu",
                "0 30 2 * * *",
                &["2026-10-25T02:30:00+05:45"],
            ),
        ],
    );
}

#[test]
fn by_half_an_hour() {
    over(
        "2027-04-03T06:00:00Z",
        &[
            (
                "Australia/Lord_Howe",
                "0 45 1 * * *",
                &["2027-04-04T01:45:00+11:00"],
            ),
            (
                "Australia/Lord_Howe",
                "0 15 1 * * *",
                &["2027-04-04T01:15:00+11:00"],
            ),
        ],
    );
}
