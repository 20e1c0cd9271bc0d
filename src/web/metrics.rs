//! The metrics page. Every number is read where it is counted, at the moment of the scrape.

use std::fmt;
use std::sync::atomic::Ordering;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

use super::{WebParts, alarm_metrics};
use crate::command::State;
use crate::ledger::DropReason;
use crate::login::Outcome;
use crate::notify::{Kind, KindStats};
use crate::recorder::{Durations, RecorderStats};
use crate::schedule::Outcome as ScheduleOutcome;
use crate::session::EndReason;
use crate::storage::{Layer, Refusal};

/// The page in the OpenMetrics text format.
///
/// # Errors
/// Only those of writing into a string.
pub(super) fn page(parts: &WebParts) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    let mut metrics = read(parts);
    metrics.extend(alarm_metrics::of(parts.alarms.stats()));
    registry.register_collector(Box::new(Snapshot(metrics)));
    registry.register_collector(Box::new(durations(&parts.recorder_stats)));
    let mut page = String::new();
    encode(&mut page, &registry)?;
    Ok(page)
}

#[derive(Debug)]
struct Snapshot(Vec<Metric>);

#[derive(Debug)]
pub(super) struct Metric {
    name: &'static str,
    help: &'static str,
    unit: Option<Unit>,
    counter: bool,
    values: Vec<(Option<(&'static str, &'static str)>, f64)>,
}

impl Collector for Snapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for metric in &self.0 {
            let kind = if metric.counter {
                ConstCounter::new(0.0).metric_type()
            } else {
                ConstGauge::new(0.0).metric_type()
            };
            let mut family =
                encoder.encode_descriptor(metric.name, metric.help, metric.unit.as_ref(), kind)?;
            for (label, value) in &metric.values {
                match label {
                    Some(label) => {
                        encode_value(family.encode_family(&[*label])?, metric.counter, *value)?;
                    }
                    // The only value of its metric.
                    None => {
                        encode_value(family, metric.counter, *value)?;
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A histogram: name, help, buckets, total.
type Histogram = (&'static str, &'static str, Vec<(f64, u64)>, f64);

#[derive(Debug)]
struct Lengths(Vec<Histogram>);

impl Collector for Lengths {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for (name, help, buckets, total) in &self.0 {
            let unit = Some(&Unit::Seconds);
            let count = buckets.iter().map(|(_, count)| count).sum();
            encoder
                .encode_descriptor(name, help, unit, MetricType::Histogram)?
                .encode_histogram::<NoLabelSet>(*total, count, buckets, None)?;
        }
        Ok(())
    }
}

fn durations(stats: &RecorderStats) -> Lengths {
    let of = |name, help, taken: &Durations| (name, help, taken.buckets(), taken.total_seconds());
    Lengths(vec![
        of(
            "hub_commit",
            "What the disk took of each commit",
            &stats.synced,
        ),
        of(
            "hub_housekeeping_step",
            "Steps of housekeeping between commits",
            &stats.tidied,
        ),
        of(
            "hub_urgent_beyond_commit",
            "What is committed at once: from the queue to its answer, without what the disk took of its commit",
            &stats.urgent,
        ),
    ])
}

fn encode_value(encoder: MetricEncoder<'_>, counter: bool, value: f64) -> fmt::Result {
    if counter {
        ConstCounter::new(value).encode(encoder)
    } else {
        ConstGauge::new(value).encode(encoder)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "metrics are floating-point numbers"
)]
fn read(parts: &WebParts) -> Vec<Metric> {
    let total = parts.books.total();
    let stats = &parts.recorder_stats;
    let get = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed) as f64;
    let dropped = DropReason::ALL
        .iter()
        .zip(total.dropped)
        .map(|(reason, n)| (Some(("reason", reason.name())), n as f64))
        .collect();
    let logins = Outcome::ALL
        .iter()
        .map(|outcome| {
            (
                Some(("outcome", outcome.name())),
                parts.door.stats.get(*outcome) as f64,
            )
        })
        .collect();
    let endings = EndReason::ALL
        .iter()
        .map(|reason| {
            (
                Some(("reason", reason.name())),
                parts.endings.get(*reason) as f64,
            )
        })
        .collect();
    let commands = State::ALL
        .iter()
        .map(|state| {
            (
                Some(("state", state.name())),
                parts.command_stats.get(*state) as f64,
            )
        })
        .collect();
    let schedules = &parts.schedule_stats;
    let runs = ScheduleOutcome::ALL
        .iter()
        .map(|outcome| {
            let count = schedules.get(*outcome) as f64;
            (Some(("outcome", outcome.name())), count)
        })
        .collect();
    let refused = Refusal::ALL
        .iter()
        .map(|refusal| {
            let count = stats.refused(*refusal) as f64;
            (Some(("reason", refusal.reason())), count)
        })
        .collect();
    let evicted = Layer::ALL
        .iter()
        .map(|layer| {
            let count = stats.evicted(*layer) as f64;
            (Some(("layer", layer.name())), count)
        })
        .collect();
    let notifications = |of: fn(&KindStats) -> &std::sync::atomic::AtomicU64| {
        let kinds = Kind::ALL.iter().map(|kind| {
            let count = get(of(parts.notify_stats.of(*kind)));
            (Some(("kind", kind.name())), count)
        });
        kinds.collect::<Vec<_>>()
    };
    vec![
        gauges(
            "hub_notifications_waiting",
            "Changes of alarms that wait to be told",
            notifications(|stats| &stats.waiting),
        ),
        gauges(
            "hub_notification_channels_failing",
            "Channels that could not be reached the last time",
            notifications(|stats| &stats.failing),
        ),
        counters(
            "hub_notifications_sent",
            "Messages delivered",
            notifications(|stats| &stats.sent),
        ),
        counters(
            "hub_notifications_failed",
            "Attempts at a message that failed",
            notifications(|stats| &stats.failed),
        ),
        counters(
            "hub_notifications_dead",
            "Messages given up",
            notifications(|stats| &stats.dead),
        ),
        counters(
            "hub_notifications_omitted",
            "Changes of alarms left out of messages because too many waited",
            notifications(|stats| &stats.omitted),
        ),
        counters(
            "hub_commands_entered",
            "Commands by the state that they entered",
            commands,
        ),
        gauge(
            "hub_commands_open",
            "Commands that have not ended",
            parts.command_stats.open.load(Ordering::Relaxed) as f64,
        ),
        counter(
            "hub_commands_refused",
            "Orders that became no command",
            parts.command_stats.refused.load(Ordering::Relaxed),
        ),
        counter(
            "hub_commands_repeated",
            "Commands sent again under their id in a new session",
            parts.command_stats.repeated.load(Ordering::Relaxed),
        ),
        counter(
            "hub_command_answers_refused",
            "Answers that nobody asked for, or that came already",
            parts.command_stats.answers_refused.load(Ordering::Relaxed),
        ),
        gauge(
            "hub_schedules",
            "Schedules that are not paused",
            schedules.active.load(Ordering::Relaxed) as f64,
        ),
        counters(
            "hub_schedule_runs",
            "Runs of schedules begun (running), and by outcome",
            runs,
        ),
        gauge(
            "hub_schedule_runs_open",
            "Runs that have begun and have no outcome",
            schedules.open.load(Ordering::Relaxed) as f64,
        ),
        counter(
            "hub_schedule_looks_failed",
            "Looks at schedules that failed because storage did",
            schedules.failed.load(Ordering::Relaxed),
        ),
        Metric {
            unit: Some(Unit::Seconds),
            ..gauge(
                "hub_schedule_tick",
                "Duration of the last tick in which a schedule was due",
                get(&schedules.tick_us) / 1e6,
            )
        },
        gauge(
            "hub_devices_online",
            "Devices with a session",
            parts.presences.online() as f64,
        ),
        counters("hub_sessions_ended", "Sessions ended by reason", endings),
        gauge(
            "hub_connections",
            "Connections, logins under way included",
            parts.gate.connections() as f64,
        ),
        gauge(
            "hub_connections_max",
            "Connections at most",
            parts.gate.max_connections() as f64,
        ),
        gauge(
            "hub_logins_under_way",
            "Logins under way",
            parts.gate.logins() as f64,
        ),
        counters("hub_logins", "Logins by outcome", logins),
        counter(
            "hub_frames_received",
            "Whole frames received",
            total.received,
        ),
        counter(
            "hub_frames_delivered",
            "Frames queued to their receiver, or fanned out",
            total.delivered,
        ),
        counter(
            "hub_frames_answered",
            "Frames for the hub itself",
            total.answered,
        ),
        counters("hub_frames_dropped", "Frames dropped by reason", dropped),
        counter(
            "hub_copies_made",
            "Copies of fanned-out frames",
            total.copies_made,
        ),
        counter(
            "hub_copies_delivered",
            "Copies queued to their receiver",
            total.copies_delivered,
        ),
        counter("hub_copies_dropped", "Copies dropped", total.copies_dropped),
        gauge(
            "hub_outbox_bytes",
            "Bytes that wait to be written to devices",
            parts.budget.used() as f64,
        ),
        gauge(
            "hub_recorder_queue_rows",
            "Rows that wait for their commit",
            parts.recorder.depth() as f64,
        ),
        Metric {
            unit: Some(Unit::Seconds),
            ..gauge(
                "hub_storage_commit",
                "Duration of the last commit",
                get(&stats.commit_us) / 1e6,
            )
        },
        Metric {
            unit: Some(Unit::Seconds),
            ..gauge(
                "hub_storage_lag",
                "How long the oldest row has been waiting for its commit",
                parts.recorder.lag().as_secs_f64(),
            )
        },
        gauge(
            "hub_router_queue_bytes",
            "Bytes of batches between sessions and routers",
            parts.books.queued_bytes() as f64,
        ),
        gauge(
            "hub_storage_failing",
            "1 while the last commit failed",
            f64::from(u8::from(stats.failing.load(Ordering::Relaxed))),
        ),
        counter(
            "hub_storage_commits",
            "Commits",
            stats.commits.load(Ordering::Relaxed),
        ),
        counter(
            "hub_readings_stored",
            "Readings stored",
            stats.stored.load(Ordering::Relaxed),
        ),
        counter(
            "hub_readings_repeated",
            "Readings that were stored before",
            stats.repeated.load(Ordering::Relaxed),
        ),
        counters(
            "hub_readings_refused",
            "Readings refused alone, by reason",
            refused,
        ),
        counter(
            "hub_readings_packed",
            "Readings moved into packs",
            stats.packed.load(Ordering::Relaxed),
        ),
        counters(
            "hub_storage_evicted",
            "Packs that lost a layer because the disk was nearly full",
            evicted,
        ),
        gauge(
            "hub_storage_bytes",
            "Bytes of the database and its log",
            get(&stats.file_bytes) + get(&stats.log_bytes),
        ),
        counter(
            "hub_readings_not_stored",
            "Readings refused because storage failed",
            stats.not_stored.load(Ordering::Relaxed),
        ),
    ]
}

pub(super) fn gauge(name: &'static str, help: &'static str, value: f64) -> Metric {
    gauges(name, help, vec![(None, value)])
}

fn gauges(
    name: &'static str,
    help: &'static str,
    values: Vec<(Option<(&'static str, &'static str)>, f64)>,
) -> Metric {
    Metric {
        counter: false,
        ..counters(name, help, values)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "metrics are floating-point numbers"
)]
pub(super) fn counter(name: &'static str, help: &'static str, value: u64) -> Metric {
    counters(name, help, vec![(None, value as f64)])
}

pub(super) fn counters(
    name: &'static str,
    help: &'static str,
    values: Vec<(Option<(&'static str, &'static str)>, f64)>,
) -> Metric {
    Metric {
        name,
        help,
        unit: None,
        counter: true,
        values,
    }
}
