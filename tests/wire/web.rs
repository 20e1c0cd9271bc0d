//! The three pages that machines read.

use crate::harness::Hub;

#[test]
fn a_running_hub_is_healthy_and_ready() {
    let hub = Hub::start();
    assert_eq!(hub.page("/healthz").0, 200);
    assert_eq!(hub.page("/readyz").0, 200);
    assert_eq!(hub.page("/no-such-page").0, 404);
}

/// P7.5
#[test]
fn the_metrics_count_connections_logins_and_readings() {
    let hub = Hub::start();
    let (mut a, _b) = hub.pair();
    a.say(0, "26|t|1|C|1700000000000|1");
    a.expect_hub("7|1");
    let metrics = hub.metrics();
    assert_eq!(metrics.sum("hub_connections"), 2);
    assert_eq!(metrics.logins("ok"), 2);
    assert_eq!(metrics.sum("hub_readings_stored_total"), 1);
    assert_eq!(metrics.frames().0, 1);
}
