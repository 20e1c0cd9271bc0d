//! The cap on disk holds at every moment, and costs the oldest readings first.

use serde_json::Value;

use crate::harness::{Home, Hub, Stored};

const CAP: u64 = 6 << 20;

#[track_caller]
fn on_disk(hub: &Hub) -> u64 {
    let size = |name: &str| std::fs::metadata(hub.data(name)).map_or(0, |file| file.len());
    let bytes = size("hub.db") + size("hub.db-wal");
    assert!(bytes <= CAP, "{bytes} of {CAP}");
    bytes
}

/// R5.1 to R5.4: several times the cap is written, the newest is there, devices can be registered all the while.
#[test]
fn the_files_never_grow_past_the_cap() {
    let home = Home::new().set("STORAGE__MAX_BYTES", &CAP.to_string());
    let device = home.add("greenhouse");
    let hub = home.start();
    let mut a = hub.login(&device);
    let start = i64::try_from(Stored::now_ms()).unwrap() - 40 * 86_400_000;
    let (mut sent, mut msgno, mut grown) = (0u64, 0i64, 0);
    let text = "x".repeat(200);
    while sent < 4 * CAP {
        for _ in 0..500 {
            let at = start + msgno * 30_000;
            // Every number is different, so that no packing hides the amount.
            let noise = msgno.wrapping_mul(0x5DEE_CE66_D123_4567);
            let frame = a.frame(
                0,
                format_args!("26|s{}|{noise}{text}|C|{at}|{msgno}", msgno % 5),
            );
            sent += frame.len() as u64;
            a.send(&frame);
            msgno += 1;
        }
        for _ in 0..500 {
            let answer = a.recv();
            assert!(answer.contains("|7|"), "{answer}");
        }
        grown = grown.max(on_disk(&hub));
    }
    assert!(grown > CAP / 2, "the cap is not used: {grown}");
    hub.add("another group");
    let evicted = hub.metrics().sum("hub_storage_evicted_total");
    assert!(evicted > 0);
    let newest = format!("s{}", (msgno - 1) % 5);
    let out = hub
        .verb(&["reading", "query", &device.at(), &newest, "--json"])
        .ok();
    let series: Value = serde_json::from_str(&out).unwrap();
    let points = series[0]["points"].as_array().unwrap();
    assert_eq!(
        points[points.len() - 1]["at_ms"],
        start + (msgno - 1) * 30_000
    );

    // A lower cap takes effect at the next start.
    let home = hub
        .stop()
        .set("STORAGE__MAX_BYTES", &(CAP * 3 / 4).to_string());
    let hub = home.start();
    crate::harness::eventually("the file shrank", || {
        (on_disk(&hub) <= CAP * 3 / 4).then_some(())
    });
    let mut a = hub.login(&device);
    a.say(
        0,
        format_args!("26|s0|1|C|{}|{msgno}", start + msgno * 30_000),
    );
    a.expect_hub(format_args!("7|{msgno}"));
}
