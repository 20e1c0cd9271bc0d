//! All outboxes have one bound together: devices that do not read fill it, and only they feel it.

use std::time::{Duration, Instant};

use crate::harness::{Client, Device, Home, Hub, PATIENCE, eventually};

const HOGS: usize = 4;

/// The least that the setting allows.
const BOUND: u64 = 65_536;

/// The harbour's hogs have taken all that may wait for anybody.
struct Exhausted {
    hub: Hub,
    filler: Client,
    hogs: Vec<Client>,
    pair: [Device; 2],
}

/// The devices of the greenhouse are logged in or not as the test wishes, before the bound is used up.
fn exhausted(slow_reader_seconds: &str, before: impl FnOnce(&Hub, &[Device; 2])) -> Exhausted {
    let home = Home::new()
        .set("DEVICES__ALL_OUTBOXES_BYTES", &BOUND.to_string())
        .set("DEVICES__SLOW_READER_SECONDS", slow_reader_seconds)
        .set("DEVICES__ALIVE_SECONDS", "1")
        .set("SHUTDOWN_SECONDS", "1")
        .set("DEVICES__ALIVE_GRACE_SECONDS", "30");
    let pair = [(); 2].map(|()| home.add("greenhouse"));
    let hub = home.start();
    before(&hub, &pair);
    let filler = hub.login(&hub.add("harbour"));
    let hogs = (0..HOGS).map(|_| {
        let mut hog = Client::connect_narrow(hub.device_port());
        hog.login(&hub.add("harbour"));
        hog
    });
    let hogs = hogs.collect();
    let mut exhausted = Exhausted {
        hub,
        filler,
        hogs,
        pair,
    };
    eventually("no outbox and no socket takes any more", || {
        exhausted.fill();
        exhausted.is_full().then_some(())
    });
    exhausted
}

impl Exhausted {
    /// Whether all that may wait waits, and goes on doing so: a burst fills the outboxes long before the sockets
    /// behind them are full.
    fn is_full(&self) -> bool {
        (0..10).all(|_| {
            std::thread::sleep(Duration::from_millis(20));
            self.hub.metrics().sum("hub_outbox_bytes") > BOUND - 60
        })
    }

    /// Whatever became free is filled again, at last by frames as short as they come and in turn, so that each is
    /// taken or dropped by itself. Errors are never answered, so the filler has nothing to read; and what the hogs
    /// send keeps them from being SILENT.
    fn fill(&mut self) {
        for (size, times) in [(4000, 32), (200, 32), (1, 1)] {
            let text = "x".repeat(size);
            let frames = self.hogs.iter().map(|hog| {
                let frame = self
                    .filler
                    .frame(hog.address, format_args!("50|ERROR|{text}"));
                (frame + "\x04").repeat(times)
            });
            let frames: String = frames.collect();
            let rounds = if times == 1 { 64 } else { 1 };
            self.filler
                .send_raw(frames.repeat(rounds).as_bytes())
                .unwrap();
        }
        for hog in &mut self.hogs {
            let alive = hog.frame(0, "22") + "\x04";
            let _ = hog.send_raw(alive.as_bytes());
        }
    }
}

/// What comes before this frame is the keep-alive's, and answered.
#[track_caller]
fn expect_among_questions(client: &mut Client, wanted: &str) {
    let question = format!("0|{}|22|", client.address);
    loop {
        match client.recv() {
            frame if frame == wanted => return,
            frame => assert_eq!(frame, question),
        }
        client.say(0, "22");
    }
}

/// P7.3, P7.4, P2.14: the login is told, whatever others leave unread.
#[test]
fn a_device_of_another_group_logs_in_and_talks() {
    let mut all = exhausted("60", |_, _| {});
    let [one, other] = all.pair.clone();
    all.fill();
    let mut a = all.hub.login(&one);
    all.fill();
    let mut b = all.hub.login(&other);
    for i in 0..20 {
        all.fill();
        a.say(b.address, format_args!("60|hello|{i}"));
        let hello = a.frame(b.address, format_args!("60|hello|{i}"));
        expect_among_questions(&mut b, &hello);
        b.say(0, format_args!("26|t|1|C|1700000000000|{i}"));
        let stored = format!("0|{}|7|{i}|", b.address);
        expect_among_questions(&mut b, &stored);
    }
}

/// P3.9, P7.4: the question comes while the hogs hold everything; and a device that reads all that comes is not slow,
/// though frames to it were dropped.
#[test]
fn an_idle_device_is_asked_and_stays() {
    let mut session = None;
    let mut all = exhausted("4", |hub, pair| session = Some(hub.login(&pair[0])));
    let mut idle = session.unwrap();
    let question = format!("0|{}|22|", idle.address);
    let (begun, mut asked) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(8) {
        all.fill();
        if idle.has_news(Duration::from_millis(100)) {
            assert_eq!(
                idle.next().as_ref(),
                Some(&question),
                "{:?}",
                begun.elapsed()
            );
            idle.say(0, "22");
            asked += 1;
        }
    }
    assert!(asked >= 5, "asked {asked} times in 8 s");
    idle.say(0, "50|still here");
    let echo = format!("0|{}|50|still here|", idle.address);
    expect_among_questions(&mut idle, &echo);
}

/// A session whose outbox is full, and a peer that knows it.
fn with_a_full_outbox() -> (Hub, Client, Client) {
    let hub = Home::new().set("DEVICES__OUTBOX_BYTES", "65536").start();
    let mut a = hub.login(&hub.add("greenhouse"));
    let mut slow = Client::connect_narrow(hub.device_port());
    slow.login(&hub.add("greenhouse"));
    let big = "x".repeat(4000);
    eventually("the outbox is full", || {
        for _ in 0..64 {
            a.say(slow.address, format_args!("50|ERROR|{big}"));
        }
        a.expect_nothing();
        (hub.metrics().dropped("BUSY") > 0).then_some(())
    });
    (hub, a, slow)
}

#[track_caller]
fn ends_with(slow: &mut Client, reason: &str) {
    let said = slow.rest();
    let last = said.last().expect("closed without a word");
    assert_eq!(*last, format!("0|{}|20|{reason}|", slow.address));
}

/// P8.2
#[test]
fn a_full_outbox_does_not_hide_disabled() {
    let (hub, mut a, mut slow) = with_a_full_outbox();
    let address = slow.address.to_string();
    let disabled = hub.begin(&["device", "disable", &address]);
    let gone = format!("0|{}|50|ERROR|NO_DEVICE|", a.address);
    eventually("the session ends for its peers", || {
        a.say(slow.address, "60|there?");
        let told = a.barrier();
        told.iter().any(|f| f.starts_with(&gone)).then_some(())
    });
    ends_with(&mut slow, "DISABLED");
    disabled.end_within(PATIENCE).ok();
}

/// P8.2
#[test]
fn a_full_outbox_does_not_hide_shutdown() {
    let (mut hub, mut a, mut slow) = with_a_full_outbox();
    hub.tell_to_stop();
    a.expect_quit("SHUTDOWN");
    ends_with(&mut slow, "SHUTDOWN");
    assert_eq!(hub.wait_for_end().code(), Some(0));
}
