//! `hub simulate --replay` against `hub serve`: what was recorded is what is stored, no row more and none less.
//!
//! A binary of its own, so that a long recording does not run beside the wire's conversations.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "../wire/harness/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the harness serves the wire tests first"
)]
mod harness;
mod recording;

use std::path::Path;
use std::time::Duration;

use harness::{Home, Hub, Stored, eventually};
use recording::Recording;

const ROWS: usize = 20_000;

/// How long a whole replay may take, by a debug build on a busy machine.
const LONG: Duration = Duration::from_secs(300);

/// Replays the file as the one device of the group, to the end or to somebody's interruption.
fn begin(hub: &Hub, file: &str) -> harness::process::Begun {
    let server = hub.device_port().to_string();
    let words = "simulate --count 1 --group lab --speed max --server";
    let mut words: Vec<&str> = words.split(' ').collect();
    words.extend([&server, "--replay", file]);
    hub.begin(&words)
}

/// Commits so small that a replay takes a while.
fn small_batches() -> Hub {
    Home::new().set("STORAGE__BATCH_ROWS", "100").start()
}

/// A replay that has got somewhere.
fn begin_until_some_are_stored(hub: &Hub, recording: &Recording) -> harness::process::Begun {
    let under_way = begin(hub, &hub.write("recording.csv", &recording.to_csv()));
    eventually("some rows are stored", || {
        (hub.stored_readings() > 0).then_some(())
    });
    under_way
}

#[track_caller]
fn replay(hub: &Hub, file: &str) {
    begin(hub, file).end_within(LONG).ok();
}

/// Each row is there as often as it was recorded, with the device's time and the hub's.
#[track_caller]
fn is_stored(hub: &Hub, recording: &Recording, since: i128) {
    let stored = hub.stored();
    assert_eq!(stored.len(), recording.len());
    let now = Stored::now_ms();
    for row in &stored {
        assert!((since..=now).contains(&row.hub_ms), "{row:?}");
        assert_eq!(row.group, "lab");
    }
    assert!(
        recording.is_what_is(&stored),
        "rows differ from the recording"
    );
}

/// P5.4, P5.8
#[test]
fn a_recording_is_stored_row_by_row_and_a_second_time_adds_nothing() {
    let (hub, recording, since) = (Hub::start(), Recording::made(ROWS), Stored::now_ms());
    let file = hub.write("recording.csv", &recording.to_csv());
    replay(&hub, &file);
    is_stored(&hub, &recording, since);
    let before = hub.stored();
    replay(&hub, &file);
    assert!(
        hub.stored() == before,
        "the second replay changed something"
    );
}

/// P5.3, P5.4: killed in the middle, and started again on the same port.
#[test]
fn a_replay_goes_on_after_a_crash_of_the_hub_and_ends_exact() {
    let (hub, recording, since) = (small_batches(), Recording::made(ROWS), Stored::now_ms());
    let port = hub.device_port().to_string();
    let under_way = begin_until_some_are_stored(&hub, &recording);
    let home = hub.crash();
    let stored = home.stored_readings();
    assert!(stored < ROWS as u64, "the hub was killed too late");
    let hub = home.set("DEVICES__LISTEN", &port).start();
    under_way.end_within(LONG).ok();
    is_stored(&hub, &recording, since);
}

/// P5.3: a hub that stops in good order is no other case.
#[test]
fn a_replay_goes_on_after_a_stop_of_the_hub_and_ends_exact() {
    let (hub, recording, since) = (small_batches(), Recording::made(ROWS), Stored::now_ms());
    let port = hub.device_port().to_string();
    let under_way = begin_until_some_are_stored(&hub, &recording);
    let hub = hub.stop().set("DEVICES__LISTEN", &port).start();
    under_way.end_within(LONG).ok();
    is_stored(&hub, &recording, since);
}

/// The real input, where it is at hand: it is not the project's to carry along.
#[test]
fn the_room_temperatures_are_stored_row_by_row() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/data/room-temperatures.csv"
    );
    let Ok(text) = std::fs::read_to_string(Path::new(path)) else {
        eprintln!("skipped: there is no {path}");
        return;
    };
    let (hub, recording, since) = (Hub::start(), Recording::read(&text), Stored::now_ms());
    assert_eq!(recording.len(), 97_606);
    replay(&hub, path);
    is_stored(&hub, &recording, since);
    replay(&hub, path);
    is_stored(&hub, &recording, since);
}
