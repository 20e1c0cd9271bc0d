//! Every frame received is counted once.

use crate::harness::{Hub, Metrics, NOWHERE, eventually};

/// Waits until everything received has an end.
#[track_caller]
fn settled(hub: &Hub) -> Metrics {
    eventually("the ledger balances", || {
        let metrics = hub.metrics();
        let (received, ended) = metrics.frames();
        let (made, copied) = metrics.copies();
        (received == ended && made == copied).then_some(metrics)
    })
}

/// P7.5: mixed traffic, and the count is exactly what was sent.
#[test]
fn the_ledger_balances_after_traffic_of_every_kind() {
    let hub = Hub::start();
    let (mut a, mut b) = hub.pair();
    let before = settled(&hub);
    for i in 0..100 {
        a.say(b.address, format_args!("60|{i}"));
        a.say("*", format_args!("60|{i}"));
        a.say(NOWHERE, format_args!("60|{i}"));
        a.say(0, format_args!("26|t|1|C|1700000000000|{i}"));
        a.say(0, "50|x");
        a.say(0, format_args!("1000|{i}"));
        a.say(b.address, format_args!("3|valve|1||{i}"));
        a.say(0, "21");
    }
    a.say("017", "60|1");
    a.send(&format!("{NOWHERE}|{}|60|2|", b.address));
    for _ in 0..200 {
        b.recv();
    }
    eventually("all is answered", || {
        (hub.metrics().sum("hub_readings_stored_total") == 100).then_some(())
    });
    let after = settled(&hub);
    assert_eq!(after.frames().0 - before.frames().0, 802);
    assert_eq!(after.copies().0 - before.copies().0, 100);
    let dropped = |reason| after.dropped(reason) - before.dropped(reason);
    assert_eq!(dropped("NO_DEVICE"), 100);
    assert_eq!(dropped("NO_RIGHT"), 100);
    assert_eq!((dropped("BAD_FRAME"), dropped("BAD_ORIGIN")), (1, 1));
}

/// P7.5: sessions that end in the middle of it take nothing out of the sum.
#[test]
fn the_ledger_balances_when_sessions_end_in_the_middle() {
    let hub = Hub::start();
    let (sender, receiver) = (hub.add("greenhouse"), hub.add("greenhouse"));
    for _ in 0..5 {
        let mut a = hub.login(&sender);
        let b = hub.login(&receiver);
        for i in 0..500 {
            a.say(b.address, format_args!("60|{}|{i}", "x".repeat(500)));
        }
        drop(b);
        for i in 0..500 {
            a.say(receiver.address, format_args!("60|{i}"));
        }
        a.barrier();
    }
    eventually("all sessions have ended", || {
        (hub.metrics().sum("hub_connections") == 0).then_some(())
    });
    let (received, _) = settled(&hub).frames();
    assert_eq!(received, 5 * 1001);
}
