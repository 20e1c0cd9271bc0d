//! More connections than anybody needs.

use std::time::{Duration, Instant};

use crate::harness::{Client, Device, Home, Hub, PATIENCE, eventually};

const SILENT: usize = 5000;

/// Tries again while the hub says that it is busy, as devices do.
#[track_caller]
fn login_patiently(hub: &Hub, device: &Device) -> Client {
    eventually("the login", || {
        let mut client = hub.connect();
        client.send(&format!("{}|{}|", device.kind, device.id));
        if !client.next()?.contains("|OK|") {
            return None;
        }
        drop(client);
        Some(hub.login(device))
    })
}

/// P2.12: 5,000 sockets that say nothing.
#[test]
fn a_crowd_of_silent_sockets_keeps_nobody_out() {
    rlimit::increase_nofile_limit(2 * SILENT as u64 + 1000).unwrap();
    let hub = Home::new().set("DEVICES__LOGIN_SECONDS", "10").start();
    let (one, other) = (hub.add("greenhouse"), hub.add("greenhouse"));
    let mut a = hub.login(&one);
    let before = hub.resident_kib();
    let crowd: Vec<Client> = (0..SILENT).map(|_| hub.connect()).collect();

    let mut b = login_patiently(&hub, &other);
    a.say(b.address, "60|through the crowd");
    b.expect(&a.frame(b.address, "60|through the crowd"));
    let grown = hub.resident_kib().saturating_sub(before);
    assert!(grown < 100 * 1024, "{grown} KiB for {SILENT} sockets");

    for mut silent in crowd {
        let said = silent.rest();
        assert!(said.iter().all(|f| !f.contains("OK|")), "{said:?}");
    }
    eventually("only the two are left", || {
        (hub.metrics().sum("hub_connections") == 2).then_some(())
    });
}

/// P2.11: refused cleanly, at a price of nearly nothing, and over when it is over.
#[test]
fn at_the_limit_of_file_descriptors_newcomers_are_refused_and_sessions_go_on() {
    let home = Home::new();
    let devices = [(); 3].map(|()| home.add("greenhouse"));
    let hub = home
        .set("DEVICES__LOGIN_SECONDS", "60")
        .shell("ulimit -n 128")
        .start();
    let (mut a, mut b) = (hub.login(&devices[0]), hub.login(&devices[1]));
    let mut crowd: Vec<Client> = (0..200).map(|_| hub.connect()).collect();

    let begun = Instant::now();
    let mut refused = 0;
    while refused < 100 {
        assert!(begun.elapsed() < PATIENCE, "{refused} of 200 were refused");
        crowd.retain_mut(|client| {
            let has_news = client.has_news(Duration::from_millis(1));
            if has_news {
                is_shed(client);
                refused += 1;
            }
            !has_news
        });
    }
    a.say(b.address, "60|still here|1");
    b.expect(&a.frame(b.address, "60|still here|1"));
    a.say(0, "26|t|1|C|1700000000000|1");
    a.expect_hub("7|1");
    assert_eq!(hub.page("/healthz").0, 200);

    let ticks = hub.cpu_ticks();
    std::thread::sleep(Duration::from_secs(1));
    let spent = hub.cpu_ticks() - ticks;
    assert!(spent < 30, "{spent} of 100 ticks spent on doing nothing");

    drop(crowd);
    login_patiently(&hub, &devices[2]);
}

/// P2.11: whoever was accepted and let go reads BUSY with a time, and nothing else.
#[track_caller]
fn is_shed(client: &mut Client) {
    let said = client.rest();
    let [word] = &said[..] else {
        panic!("let go with {said:?}");
    };
    let seconds = word.strip_prefix("BUSY|ERROR|").expect(word);
    let seconds: u32 = seconds.trim_end_matches('|').parse().unwrap();
    assert!(seconds >= 1);
}
