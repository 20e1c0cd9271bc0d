//! A device that floods ALARMs is refused, and nobody else waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use crate::harness::{Client, Home, Hub, minute_ago};

/// What became of a flood: sent, stored, refused BUSY.
type Sums = (u64, u64, u64);

/// A thousand a second, every answer read.
fn flood(mut flooder: Client, stop: Arc<AtomicBool>) -> JoinHandle<(Sums, Client)> {
    std::thread::spawn(move || {
        let (mut sent, mut stored, mut busy) = (0, 0, 0);
        let begun = Instant::now();
        while !stop.load(Ordering::Relaxed) || stored + busy < sent {
            let due = u64::try_from(begun.elapsed().as_millis()).unwrap();
            while sent < due && !stop.load(Ordering::Relaxed) {
                sent += 1;
                let word = if sent % 2 == 1 { "RAISED" } else { "CLEARED" };
                flooder.say(0, format_args!("30|mad|t|1|{word}|{}|{sent}", minute_ago()));
            }
            while stored + busy < sent {
                let answer = flooder.recv();
                if answer.contains("|7|") {
                    stored += 1;
                } else {
                    assert!(answer.contains("|50|ERROR|BUSY|0|"), "{answer}");
                    busy += 1;
                }
            }
            sleep(Duration::from_millis(1));
        }
        ((sent, stored, busy), flooder)
    })
}

/// How long an echo and a STORED take: the longest, and half of them.
fn waits(a: &mut Client, during: Duration) -> (Duration, Duration) {
    let begun = Instant::now();
    let mut waits = Vec::new();
    while begun.elapsed() < during {
        let sent = Instant::now();
        a.say(0, "50|x");
        a.expect_hub("50|x");
        a.read_out("t|21|C", minute_ago());
        waits.push(sent.elapsed());
    }
    waits.sort();
    (waits[waits.len() - 1], waits[waits.len() / 2])
}

#[test]
fn a_thousand_alarms_a_second_of_one_device_delay_nobody() {
    let hub = Hub::start();
    let (mut a, flooder) = hub.pair();
    let (_, usual) = waits(&mut a, Duration::from_secs(1));
    let stop = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    let flooding = flood(flooder, Arc::clone(&stop));
    let (longest, half) = waits(&mut a, Duration::from_secs(3));
    stop.store(true, Ordering::Relaxed);
    let ((sent, stored, busy), mut flooder) = flooding.join().unwrap();
    eprintln!("{sent} sent, {stored} stored; {usual:?} before, then {half:?}, {longest:?} at most");
    assert!(longest < Duration::from_secs(1), "{longest:?}");
    // Each waits for a commit of its own at the most once more.
    let limit = usual * 3 + Duration::from_millis(20);
    assert!(half < limit, "usually {usual:?}, then {half:?}");
    // The burst, and ten a second.
    let most = 100 + 10 * (begun.elapsed().as_secs() + 1);
    assert!((100..=most).contains(&stored), "{stored} of {sent} stored");
    assert_eq!(stored + busy, sent);
    let metrics = hub.metrics();
    assert_eq!(metrics.dropped("BUSY"), busy);
    assert_eq!(metrics.frames().0, metrics.frames().1);
    let reports = |outcome| metrics.labelled("hub_alarm_reports_total", "outcome", outcome);
    assert_eq!((reports("stored"), reports("refused")), (stored, busy));
    // It is not punished for it.
    sleep(Duration::from_millis(300));
    flooder.alarm("mad|t|1|CLEARED", minute_ago(), 1_000_000);
    // Nor does it fill the list: what comes and goes so often is held.
    let alarms = hub.alarms(&[]);
    assert_eq!((alarms.len(), &alarms[0]["chattering"]), (5, &true.into()));
}

/// The bound is of settings.
#[test]
fn burst_and_rate_are_settings() {
    let home = Home::new()
        .set("ALARMS__BURST", "3")
        .set("ALARMS__PER_SECOND", "1");
    let device = home.add("greenhouse");
    let hub = home.start();
    let mut a = hub.login(&device);
    let at = minute_ago();
    for msgno in 1..=3 {
        a.alarm(&format!("a{msgno}|t|1|RAISED"), at, msgno);
    }
    a.say(0, format_args!("30|a4|t|1|RAISED|{at}|4"));
    a.expect_refusal("BUSY", 0, "4");
    sleep(Duration::from_millis(1100));
    a.alarm("a4|t|1|RAISED", at, 4);
    assert_eq!(hub.alarms(&[]).len(), 4);
}

/// What a device raises without a rule is bounded too: the names that are open, not those that are over.
#[test]
fn a_device_has_so_many_alarms_of_its_own_open() {
    let home = Home::new().set("ALARMS__BURST", "1000");
    let device = home.add("greenhouse");
    let hub = home.start();
    let mut a = hub.login(&device);
    let at = minute_ago();
    for msgno in 1..=100 {
        a.alarm(&format!("a{msgno}|t|1|RAISED"), at, msgno);
    }
    a.say(0, format_args!("30|more|t|1|RAISED|{at}|101"));
    a.expect_refusal("BUSY", 0, "101");
    a.alarm("a7|t|1|CLEARED", at + 1, 102);
    a.alarm("more|t|1|RAISED", at, 103);
    assert_eq!(hub.alarms(&["--open", "--limit", "200"]).len(), 100);
}
