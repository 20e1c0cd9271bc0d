//! Ten thousand at once.

use std::time::Instant;

use device_hub::admin::NewTiming;
use device_hub::schedule::Missed;

use crate::scene::{Scene, at, sleep, virtually};

const GROUPS: usize = 10;
const DEVICES: usize = 10;
const EACH: usize = 100;

/// S3.1
#[test]
fn ten_thousand_due_in_the_same_second_all_run_once() {
    virtually(async {
        let due = "2027-01-01T00:00:00Z";
        let mut scene = Scene::at("2026-12-31T23:59:00Z");
        scene.start();
        let mut made = 0;
        for group in 0..GROUPS {
            let name = format!("g{group}");
            scene.group(&name).await;
            for device in 0..DEVICES {
                let device = scene.device(&name, group * DEVICES + device).await;
                for _ in 0..EACH {
                    made += 1;
                    let timing = NewTiming {
                        at: Some(due.into()),
                        zone: "UTC".into(),
                        ..NewTiming::default()
                    };
                    scene
                        .add(&made.to_string(), &device, timing, Missed::Skip)
                        .await;
                }
            }
        }
        let begun = Instant::now();
        sleep(70).await;
        eprintln!("{made} runs and a minute in {:?}", begun.elapsed());
        let rows = scene.rows();
        assert_eq!(rows.len(), made);
        assert!(
            rows.iter()
                .all(|row| row.outcome == "ordered" && row.due_ms == at(due))
        );
        let mut ordered = scene.ordered();
        assert_eq!(ordered.len(), made);
        ordered.dedup();
        assert_eq!(ordered.len(), made);
    });
}
