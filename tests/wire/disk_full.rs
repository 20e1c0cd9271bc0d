//! A disk that takes no more: durable work is refused with its reason, routing goes on.

use crate::harness::{Client, Home, eventually};

/// Every file of the hub may grow to 1 MiB (2,048 blocks of 512 bytes); over it writes fail, as on a full disk.
const FULL: &str = "trap '' XFSZ; ulimit -f 2048";
const WINDOW: u64 = 100;

/// Sends events until one is refused; returns how many were acknowledged.
#[track_caller]
fn fill(client: &mut Client) -> u64 {
    let mut acknowledged = 0;
    let refused = format!("0|{}|50|ERROR|NOT_STORED|0|", client.address);
    let stored = format!("0|{}|7|", client.address);
    let unit = "u".repeat(30);
    for round in 0..2000 {
        for i in 0..WINDOW {
            let msgno = round * WINDOW + i;
            let rest = format!("26|s{}|1|{unit}|1700000000000|{msgno}", i % 10);
            client.say(0, rest);
        }
        let answers: Vec<String> = (0..WINDOW).map(|_| client.recv()).collect();
        let good = answers.iter().filter(|a| a.starts_with(&stored)).count();
        acknowledged += good as u64;
        if good < answers.len() {
            let bad = answers.iter().find(|a| !a.starts_with(&stored)).unwrap();
            assert!(bad.starts_with(&refused), "{bad}");
            return acknowledged;
        }
    }
    panic!("the disk never became full");
}

/// P5.7, P5.3
#[test]
fn a_full_disk_refuses_readings_and_nothing_else() {
    let home = Home::new();
    let (one, other) = (home.add("greenhouse"), home.add("greenhouse"));
    let hub = home.shell(FULL).start();
    let (mut a, mut b) = (hub.login(&one), hub.login(&other));
    let acknowledged = fill(&mut a);

    a.say(b.address, "60|still here|1");
    b.expect(&a.frame(b.address, "60|still here|1"));
    // What is left of the last pages may take a few single rows yet.
    let mut msgno = 500_000_000;
    eventually("not ready", || {
        msgno += 1;
        a.say(0, format_args!("26|t{msgno}|1|C|1700000000000|{msgno}"));
        a.recv();
        (hub.page("/readyz").0 == 503).then_some(())
    });
    assert_eq!(hub.page("/healthz").0, 200);
    b.say(0, "26|t|1|C|1700000000000|1");
    b.expect_refusal("NOT_STORED", 0, "1");

    let hub = hub.crash().without_shell().start();
    let stored = hub.stored_readings();
    assert!(stored >= acknowledged, "{stored} of {acknowledged}");
    let mut a = hub.login(&one);
    a.say(0, "26|t|1|C|1700000000000|999999999");
    a.expect_hub("7|999999999");
    assert_eq!(hub.page("/readyz").0, 200);
}
