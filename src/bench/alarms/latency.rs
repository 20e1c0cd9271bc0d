//! How soon a device's ALARM is stored and told while a hub stores the EVENTs of many others.

use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::super::histogram::Histogram;
use super::super::own_hub::OwnHub;
use super::super::procfs::CpuTime;
use super::super::stop;
use super::super::target::{Need, read_credentials};
use super::device::{Device, msgno};
use super::page::{self, Counts};
use super::{AlarmsArgs, crowd, probe};
use crate::clock::Clock;
use crate::failure::{Context, Failure};
use crate::wire::kind;

/// Groups that the devices are spread over; raiser and subscriber are in the first.
const GROUPS: usize = 4;

/// Half, 99 and 99.9 of a hundred, and the longest, in ms.
type Spread = [f64; 4];

#[derive(Debug, Serialize)]
pub(super) struct LatencyFigures {
    seconds: f64,
    events_a_second: f64,
    sessions: u32,
    alarms: u64,
    packed_a_second: f64,
    hub_cores: f64,
    /// From the send to STORED at the raiser, and to the frame at the subscriber.
    stored_ms: Spread,
    told_ms: Spread,
    /// Inside the hub, without the commit's own time at the disk: half, 99 and 99.9 of a hundred.
    beyond_commit_ms: [f64; 3],
    /// What the disk took of each of the hub's commits in these seconds.
    commit_ms: [f64; 3],
    /// Its steps of housekeeping.
    step_ms: [f64; 3],
    /// A write of 160 KiB over old bytes of another file, with its sync, in the same seconds.
    sync_alone_ms: Spread,
}

impl LatencyFigures {
    pub(super) fn text(&self) -> String {
        let spread = |[half, most, nearly, longest]: Spread| {
            format!("p50 {half:.2}, p99 {most:.2}, p99.9 {nearly:.2}, longest {longest:.2} ms")
        };
        let three = |[half, most, nearly]: [f64; 3]| {
            format!("p50 {half:.2}, p99 {most:.2}, p99.9 {nearly:.2} ms")
        };
        format!(
            "{} ALARMs in {:.0} s beside {:.0} EVENTs a second of {} sessions, {:.0} packed a second; hub {:.2} cores\n  \
             to STORED: {}\n  to the subscriber: {}\n  in the hub, without the commit's time at the disk: {}\n  \
             commits at the disk: {}\n  steps of housekeeping: {}\n  a write and sync alone: {}",
            self.alarms,
            self.seconds,
            self.events_a_second,
            self.sessions,
            self.packed_a_second,
            self.hub_cores,
            spread(self.stored_ms),
            spread(self.told_ms),
            three(self.beyond_commit_ms),
            three(self.commit_ms),
            three(self.step_ms),
            spread(self.sync_alone_ms),
        )
    }
}

/// When each ALARM was sent, by its number: nanoseconds since the load began.
struct Sent {
    began: Instant,
    at: Vec<AtomicU64>,
}

impl Sent {
    fn now(&self) -> u64 {
        self.began
            .elapsed()
            .as_nanos()
            .try_into()
            .unwrap_or(u64::MAX)
    }

    /// How long ago; `None` during the warm-up.
    fn since(&self, msgno: u64) -> Option<u64> {
        let at = self.at.get(usize::try_from(msgno).ok()?)?;
        let at = at.load(Ordering::Acquire);
        (at > 0).then(|| self.now().saturating_sub(at))
    }
}

fn nth(number: usize, groups: usize) -> usize {
    number % groups
}

pub(super) fn measure(args: &AlarmsArgs) -> Result<LatencyFigures, Failure> {
    let sessions = args.sessions as usize;
    let need = Need {
        connections: sessions + 2 * GROUPS,
        group_of: nth,
        groups: GROUPS,
    };
    let settings = [
        ("HUB_STORAGE__SETTLE_SECONDS", "3"),
        ("HUB_ALARMS__PER_SECOND", "10000"),
        ("HUB_ALARMS__BURST", "10000"),
        // One device raises and clears all the time: that is what is measured, so it is not held.
        ("HUB_ALARMS__CHATTER_TIMES", "0"),
    ];
    let hub = OwnHub::start_with(&need, false, &settings)?;
    let mut credentials = read_credentials(&hub.credentials)?;
    credentials.sort_by_key(|c| c.id.parse::<u64>().unwrap_or_default());
    let enter = |number: usize| {
        let credential = credentials.get(number);
        let credential = credential.ok_or_else(|| Failure::new("a device is missing"))?;
        Device::enter(hub.address, credential)
    };
    let (raiser, mut subscriber) = (enter(0)?, enter(GROUPS)?);
    subscriber.say(format_args!("{}|*|1", kind::ALARM_SUBSCRIBE))?;
    let crowd: Vec<_> = (2 * GROUPS..2 * GROUPS + sessions)
        .map(enter)
        .collect::<Result<_, _>>()?;
    watch(args, &hub, raiser, subscriber, crowd)
}

fn watch(
    args: &AlarmsArgs,
    hub: &OwnHub,
    raiser: Device,
    subscriber: Device,
    crowd: Vec<Device>,
) -> Result<LatencyFigures, Failure> {
    let warm_up = Duration::from_secs(args.warm_up);
    let most = (warm_up.as_secs() + args.latency_seconds + 60) * 1000 / args.every;
    let sent = Sent {
        began: Instant::now(),
        at: (0..most).map(|_| AtomicU64::new(0)).collect(),
    };
    let (counts, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let file = tempfile::tempfile().context("making a file")?;
    std::thread::scope(|scope| {
        let crowd = scope.spawn(|| crowd::run(crowd, args.events, &over));
        let told = scope.spawn(|| hear(subscriber, &sent, &over));
        let stored = scope.spawn(|| raise(raiser, args.every, &sent, &counts, &over));
        let alone = scope.spawn(|| alone(file, &counts, &over));
        let waited = || {
            wait(warm_up, &over)?;
            counts.store(true, Ordering::Relaxed);
            let before = Look::at(hub)?;
            wait(Duration::from_secs(args.latency_seconds), &over)?;
            Ok((before, Look::at(hub)?))
        };
        let looks = waited();
        over.store(true, Ordering::Relaxed);
        let lost = || Failure::new("a thread of the load panicked");
        crowd.join().map_err(|_| lost())??;
        let (told, stored) = (told.join(), stored.join());
        let told = told.map_err(|_| lost())??;
        let stored = stored.map_err(|_| lost())??;
        let alone = alone.join().map_err(|_| lost())?.context("syncing")?;
        let (before, after) = looks?;
        Ok(figures(args, &before, &after, &[told, stored, alone]))
    })
}

fn wait(time: Duration, over: &AtomicBool) -> Result<(), Failure> {
    let until = Instant::now() + time;
    while Instant::now() < until {
        if stop::requested() || over.load(Ordering::Relaxed) {
            return Err(Failure::new("ended before its time"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn alone(file: File, counts: &AtomicBool, over: &AtomicBool) -> std::io::Result<Histogram> {
    while !counts.load(Ordering::Relaxed) && !over.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(20));
    }
    probe::run(file, over)
}

/// Raises and clears in turn, and times the answers.
fn raise(
    mut device: Device,
    every: u64,
    sent: &Sent,
    counts: &AtomicBool,
    over: &AtomicBool,
) -> Result<Histogram, Failure> {
    let (clock, mut times) = (Clock::system(), Histogram::default());
    for msgno in 1.. {
        let Some(slot) = sent.at.get(usize::try_from(msgno).unwrap_or(usize::MAX)) else {
            break;
        };
        // Not in step with the commits.
        let pause = every * 1000 / 2 + rand::random_range(0..=every * 1000);
        std::thread::sleep(Duration::from_micros(pause));
        if over.load(Ordering::Relaxed) {
            break;
        }
        let state = if msgno % 2 == 1 { "RAISED" } else { "CLEARED" };
        let now_ms = clock.unix_ms();
        let begins = sent.now();
        if counts.load(Ordering::Relaxed) {
            slot.store(begins, Ordering::Release);
        }
        device.say(format_args!(
            "{}|overheat|temperature|95|{state}|{now_ms}|{msgno}",
            kind::ALARM
        ))?;
        let mut answered = false;
        while !answered && !over.load(Ordering::Relaxed) {
            device.hear(|kind, frame| {
                if kind == kind::LOOPBACK {
                    let text = String::from_utf8_lossy(frame);
                    return Err(Failure::new(format!("the hub says {text}")));
                }
                answered |= kind == kind::STORED && self::msgno(frame) == Some(msgno);
                Ok(())
            })?;
        }
        if answered && let Some(took) = sent.since(msgno) {
            times.record(took);
        }
    }
    Ok(times)
}

fn hear(mut device: Device, sent: &Sent, over: &AtomicBool) -> Result<Histogram, Failure> {
    let mut times = Histogram::default();
    while !over.load(Ordering::Relaxed) {
        device.hear(|kind, frame| {
            let msgno = msgno(frame).filter(|_| kind == kind::ALARM);
            if let Some(took) = msgno.and_then(|msgno| sent.since(msgno)) {
                times.record(took);
            }
            Ok(())
        })?;
    }
    Ok(times)
}

/// The hub at a moment.
struct Look {
    at: Instant,
    page: String,
    cpu: CpuTime,
}

impl Look {
    fn at(hub: &OwnHub) -> Result<Self, Failure> {
        Ok(Self {
            page: page::fetch(hub.web)?,
            cpu: CpuTime::of(hub.pid())?,
            at: Instant::now(),
        })
    }

    fn counts(&self, earlier: &Self, name: &str) -> [f64; 3] {
        let counts = Counts::of(&self.page, name).since(&Counts::of(&earlier.page, name));
        [500.0, 990.0, 999.0].map(|per_mille| counts.per_mille(per_mille))
    }
}

fn figures(
    args: &AlarmsArgs,
    before: &Look,
    after: &Look,
    times: &[Histogram; 3],
) -> LatencyFigures {
    let seconds = after.at.saturating_duration_since(before.at).as_secs_f64();
    let rate =
        |name| (page::number(&after.page, name) - page::number(&before.page, name)) / seconds;
    let [told, stored, alone] = times;
    let cpu = Duration::from_nanos(after.cpu.since(&before.cpu)).as_secs_f64();
    LatencyFigures {
        seconds,
        events_a_second: rate("hub_readings_stored_total"),
        sessions: args.sessions,
        alarms: stored.total(),
        packed_a_second: rate("hub_readings_packed_total"),
        hub_cores: cpu / seconds,
        stored_ms: spread(stored),
        told_ms: spread(told),
        beyond_commit_ms: after.counts(before, "hub_urgent_beyond_commit_seconds"),
        commit_ms: after.counts(before, "hub_commit_seconds"),
        step_ms: after.counts(before, "hub_housekeeping_step_seconds"),
        sync_alone_ms: spread(alone),
    }
}

fn spread(times: &Histogram) -> Spread {
    let ms = |nanos| Duration::from_nanos(nanos).as_secs_f64() * 1000.0;
    [
        ms(times.per_mille(500)),
        ms(times.per_mille(990)),
        ms(times.per_mille(999)),
        ms(times.max()),
    ]
}
