//! One device: comes and goes, reports, obeys, and perhaps orders.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::acts::Actor;
use crate::alarms::{Listener, Raiser};
use crate::events::Reporter;
use crate::harness::{Device, Stored};
use crate::issuer::Issuer;
use crate::link::Link;

/// How long it listens before it looks after its own things again.
const TICK: Duration = Duration::from_millis(5);

/// Survives every kill.
pub(crate) struct Unit {
    pub(crate) device: Device,
    rng: StdRng,
    sessions: u64,
    pub(crate) events: Reporter,
    pub(crate) acts: Actor,
    pub(crate) alarms: Raiser,
    /// Of those that order: they hear of the alarms of all.
    pub(crate) listener: Option<Listener>,
    pub(crate) issuer: Option<Issuer>,
    pub(crate) broken: Vec<String>,
    /// Nothing of its own is open.
    pub(crate) rests: Arc<AtomicBool>,
}

/// What everybody does at this time.
pub(crate) struct Times<'a> {
    pub(crate) hub: SocketAddr,
    pub(crate) stop: &'a AtomicBool,
    /// Nothing new: everybody stays and ends what is open.
    pub(crate) settle: bool,
}

impl Times<'_> {
    fn over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Unit {
    pub(crate) fn new(device: Device, seed: u64, issuer: Option<Issuer>) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let acts = Actor::new(StdRng::seed_from_u64(rng.random()));
        let alarms = Raiser::new(StdRng::seed_from_u64(rng.random()));
        Self {
            device,
            rng,
            sessions: 0,
            events: Reporter::default(),
            acts,
            alarms,
            listener: issuer.is_some().then(Listener::default),
            issuer,
            broken: Vec::new(),
            rests: Arc::default(),
        }
    }

    /// From the start of a hub to its end.
    pub(crate) fn live(&mut self, times: &Times<'_>) {
        self.acts.settled = times.settle;
        self.rests.store(false, Ordering::Relaxed);
        let mut older = None;
        while !times.over() {
            if !times.settle && older.is_none() && self.rng.random_bool(0.4) {
                self.stay_away(times);
            }
            let Ok(mut link) = Link::login(times.hub, &self.device) else {
                sleep(TICK);
                continue;
            };
            drop(older.take());
            self.sessions += 1;
            if self.session(&mut link, times).is_ok() && self.rng.random_bool(0.3) {
                // Its next login takes this session over.
                older = Some(link);
            }
        }
    }

    fn stay_away(&mut self, times: &Times<'_>) {
        let until = Instant::now() + Duration::from_millis(self.rng.random_range(10..900));
        while Instant::now() < until && !times.over() {
            sleep(TICK);
        }
    }

    /// One session: until it is tired of it, or the hub is gone.
    fn session(&mut self, link: &mut Link, times: &Times<'_>) -> io::Result<()> {
        let span = Duration::from_millis(self.rng.random_range(20..600));
        let until = Instant::now() + span;
        if let Some(wish) = self.listener.as_ref().and_then(Listener::wish) {
            link.say(wish)?;
        }
        let orders = self.issuer.as_ref().map(Issuer::again).unwrap_or_default();
        let again = [self.events.again(), self.alarms.again(), orders];
        for frame in again.iter().flatten() {
            link.say(frame)?;
        }
        while !times.over() && (times.settle || Instant::now() < until) {
            self.say_what_is_due(link, times.settle)?;
            // All that is there, so that nothing gets old unread.
            let mut wait = TICK;
            while let Some((origin, frame)) = link.hear(wait)? {
                self.hear(link, origin, &frame)?;
                wait = Duration::from_micros(1);
            }
            let rests = self.events.owes_nothing()
                && self.alarms.owes_nothing()
                && self.issuer.as_ref().is_none_or(Issuer::owes_nothing);
            self.rests.store(rests, Ordering::Relaxed);
        }
        Ok(())
    }

    fn say_what_is_due(&mut self, link: &mut Link, settle: bool) -> io::Result<()> {
        for frame in self.acts.due(now_ms()) {
            link.say(&frame)?;
        }
        if settle {
            return Ok(());
        }
        let event = self.events.next(now_ms());
        for frame in event.into_iter().chain(self.alarms.next(now_ms())) {
            link.say(&frame)?;
        }
        if let Some(issuer) = &mut self.issuer
            && self.rng.random_bool(0.3)
            && let Some(frame) = issuer.next(now_ms())
        {
            link.say(&frame)?;
        }
        Ok(())
    }

    fn hear(&mut self, link: &mut Link, origin: u32, frame: &str) -> io::Result<()> {
        if origin != 0 {
            let heard = |listener: &mut Listener| listener.hears(origin, frame);
            if !self.listener.as_mut().is_some_and(heard) {
                self.broken
                    .push(format!("not expected of {origin}: {frame}"));
            }
            return Ok(());
        }
        let fields: Vec<&str> = frame.split('|').collect();
        match (&fields[..], &mut self.issuer) {
            (["3", ..], _) => {
                if let Some(answer) = self.acts.obey(frame, self.sessions, now_ms()) {
                    link.say(&answer)?;
                }
            }
            (["6", "0"], _) => self.listener.iter_mut().for_each(Listener::is_accepted),
            (["7", msgno], _) if self.alarms.is_stored(msgno) => {}
            (["7", msgno], _) => self.broken.extend(self.events.is_stored(msgno).err()),
            (["41", state, detail, msgno], Some(issuer)) => issuer.is_told(state, detail, msgno),
            (["50", "ERROR", reason, "0", msgno], issuer) => {
                let order = issuer.as_mut().is_some_and(|i| i.is_refused(reason, msgno));
                let event = *reason == "NOT_STORED" && self.events.waits_for(msgno);
                let alarm = self.alarms.is_put_off(reason, msgno);
                if !order && !event && !alarm {
                    self.broken.push(format!("refused: {frame}"));
                }
            }
            (["20" | "22" | "80", ..], _) => {}
            _ => self.broken.push(format!("not expected: {frame}")),
        }
        Ok(())
    }
}

pub(crate) fn now_ms() -> i64 {
    i64::try_from(Stored::now_ms()).unwrap()
}
