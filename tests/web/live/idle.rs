//! Five hundred pages that nobody looks at (L8).

use std::time::Instant;

use super::{Scene, Socket, upgrade};

/// Of the hub's process.
fn resident(scene: &Scene) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", scene.hub.pid())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib * 1024
}

/// Bytes that one may cost.
const MOST: u64 = 30 * 1024;

#[test]
fn five_hundred_idle_sockets_cost_little_and_slow_no_device() {
    let mut scene = Scene::new();
    // A user may not ask as fast as this.
    let open = || loop {
        match Socket::try_open(scene.hub.web, &upgrade(&scene.operator)) {
            Ok(socket) => return socket,
            Err((429, _)) => std::thread::sleep(std::time::Duration::from_millis(100)),
            Err(refused) => panic!("{refused:?}"),
        }
    };
    // What only the first ones touch.
    let first: Vec<_> = (0..50).map(|_| open()).collect();
    let before = resident(&scene);
    let sockets: Vec<_> = (0..500).map(|_| open()).collect();
    let each = resident(&scene).saturating_sub(before) / 500;
    assert!(each < MOST, "{each} bytes each");
    let mut took = Vec::new();
    for n in 0..200 {
        let begun = Instant::now();
        scene.one.say(0, &format!("50|{n}"));
        scene.one.recv();
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    assert!(took[100].as_millis() < 20, "{:?}", took[100]);
    drop((first, sockets));
}
