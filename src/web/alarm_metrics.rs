//! What the metrics page says of alarms.

use std::sync::atomic::{AtomicU64, Ordering};

use super::metrics::{Metric, counter, counters, gauge};
use crate::alarm::AlarmStats;

#[expect(
    clippy::cast_precision_loss,
    reason = "metrics are floating-point numbers"
)]
pub(super) fn of(stats: &AlarmStats) -> Vec<Metric> {
    let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let outcomes = [
        ("stored", &stats.reports),
        ("repeated", &stats.repeats),
        ("refused", &stats.refused),
    ];
    let reports = outcomes
        .iter()
        .map(|(outcome, count)| (Some(("outcome", *outcome)), get(count) as f64))
        .collect();
    vec![
        gauge("hub_alarm_rules", "Alarm rules", get(&stats.rules) as f64),
        gauge(
            "hub_alarms_open",
            "Alarms that are not cleared",
            get(&stats.open) as f64,
        ),
        counter("hub_alarms_raised", "Alarms raised", get(&stats.raised)),
        counter("hub_alarms_cleared", "Alarms cleared", get(&stats.cleared)),
        counter(
            "hub_alarms_chattering",
            "Alarms that were held because they chattered",
            get(&stats.chattering),
        ),
        counters(
            "hub_alarm_reports",
            "ALARMs of devices, by what became of them",
            reports,
        ),
        counter(
            "hub_alarm_frames_spread",
            "ALARMs given to routers for subscribers, one for each",
            get(&stats.spread),
        ),
    ]
}
