//! The one task between what happens in the hub and those that look on: gathers, makes JSON once, shares it out.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::item::{FrameItem, Item};
use super::over::Over;
use super::pending::Gathered;
use super::recent;
use super::tap::Tapped;
use super::viewer::Viewer;
use super::{Live, frames, tap};
use crate::accounts::{AccountChange, AccountEvent, Accounts, Caller};
use crate::bus::Event;
use crate::registry::GroupId;
use crate::wire::Address;

/// News that follow others are gathered for so long: what comes alone is told at once.
const GATHER: Duration = Duration::from_millis(50);

/// How often sockets are looked at whose session or token may have ended by itself.
const LOOK: Duration = Duration::from_secs(30);

/// What came since the last look.
#[derive(Default)]
struct News {
    events: Vec<Event>,
    /// The bus was faster than the feed.
    lagged: bool,
}

/// Runs until the hub stops.
pub(super) async fn run(live: Live, mut bus: Receiver<Event>, accounts: Accounts) {
    let mut changes = accounts.subscribe();
    let mut look = tokio::time::interval(LOOK);
    loop {
        let mut news = News::default();
        tokio::select! {
            event = bus.recv() => match event {
                Ok(event) => news.events.push(event),
                Err(RecvError::Lagged(_)) => news.lagged = true,
                Err(RecvError::Closed) => return,
            },
            change = changes.recv() => {
                match change {
                    Ok(change) => live.end(|caller| over(&change, caller)),
                    Err(RecvError::Lagged(_)) => live.look_at_rights(&accounts),
                    Err(RecvError::Closed) => return,
                }
                continue;
            }
            _ = look.tick() => {
                live.look_at_rights(&accounts);
                continue;
            }
            () = live.0.bell.rung() => {}
        }
        if live.0.bell.is_stopped() {
            return;
        }
        loop {
            match bus.try_recv() {
                Ok(event) => news.events.push(event),
                Err(TryRecvError::Lagged(_)) => news.lagged = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        live.hand_out(news, &accounts);
        tokio::time::sleep(GATHER).await;
    }
}

impl Live {
    fn hand_out(&self, mut news: News, accounts: &Accounts) {
        let viewers = self.viewers();
        if viewers.is_empty() {
            // Nobody would see more of a storm than its end.
            let surplus = news.events.len().saturating_sub(recent::MOST);
            news.events.drain(..surplus);
        }
        let now_ms = self.0.clock.unix_ms();
        let items = news.events.iter();
        let items: Vec<_> = items
            .map(|event| self.0.writer.event(event, now_ms, accounts))
            .collect();
        self.0.recent.add(&items);
        if news.lagged {
            viewers.iter().for_each(|viewer| viewer.lose());
        }
        share_out(items, now_ms, &viewers);
        self.hand_out_readings(&self.0.tap.take(), &viewers);
        self.hand_out_frames(&self.0.frames.take(), now_ms, &viewers);
        viewers.iter().for_each(|viewer| viewer.wake());
    }

    /// Ends the sockets whose session or token is over, or has other rights by now; keeps the sessions of the others.
    fn look_at_rights(&self, accounts: &Accounts) {
        self.end(|caller| {
            let Some(now) = accounts.current(caller) else {
                return Some(Over::Expired);
            };
            let same = (now.role, &now.groups) == (caller.role, &caller.groups);
            accounts.still_here(caller);
            (!same).then_some(Over::RightsChanged)
        });
    }

    /// The newest of each series, to those that watch its device or group.
    fn hand_out_readings(&self, caught: &tap::Caught, viewers: &[Arc<Viewer>]) {
        if caught.readings.is_empty() {
            return;
        }
        let watchers = Watchers::new(viewers);
        if caught.lost {
            watchers.all.iter().for_each(|viewer| viewer.lose());
        }
        for reading in newest(&caught.readings) {
            let item = self.0.writer.reading(reading);
            for viewer in watchers.of(reading) {
                viewer.add(&item);
            }
        }
    }

    fn hand_out_frames(&self, inbox: &frames::Inbox, now_ms: i64, viewers: &[Arc<Viewer>]) {
        if inbox.seen.is_empty() && inbox.missed.is_empty() {
            return;
        }
        let mut watchers: FxHashMap<GroupId, Vec<&Arc<Viewer>>> = FxHashMap::default();
        for viewer in viewers {
            if let Some((group, _)) = viewer.wish().frames {
                watchers.entry(group).or_default().push(viewer);
            }
        }
        let of = |group: &GroupId| watchers.get(group).into_iter().flatten();
        for seen in &inbox.seen {
            let written = || -> Option<FrameItem> { self.0.writer.frame(seen, now_ms) };
            let Some(frame) = watchers.get(&seen.group).and_then(|_| written()) else {
                continue;
            };
            of(&seen.group).for_each(|viewer| viewer.watched(&frame));
        }
        for (group, missed) in &inbox.missed {
            of(group).for_each(|viewer| viewer.miss(*missed));
        }
    }
}

/// Why a change of accounts ends a caller's socket, if it does.
fn over(change: &AccountEvent, caller: &Caller) -> Option<Over> {
    let why = match change.what {
        AccountChange::LoggedOut => Over::LoggedOut,
        AccountChange::Expired => Over::Expired,
        AccountChange::Disabled => Over::Disabled,
        AccountChange::RightsChanged => Over::RightsChanged,
    };
    change.concerns(caller).then_some(why)
}

/// Gives each viewer what is of its groups; those with the same groups share it.
fn share_out(items: Vec<Item>, now_ms: i64, viewers: &[Arc<Viewer>]) {
    if items.is_empty() {
        return;
    }
    let mut classes: HashMap<_, Arc<Gathered>> = HashMap::new();
    for viewer in viewers {
        let class = (&viewer.caller.groups, viewer.sees(None));
        let gathered = classes.entry(class).or_insert_with(|| {
            let own = items.iter().filter(|item| viewer.sees(item.group));
            Arc::new(Gathered::new(own.cloned().collect(), now_ms))
        });
        if !gathered.items.is_empty() {
            viewer.share(gathered);
        }
    }
}

/// The last of each series, in their order.
fn newest(readings: &[Tapped]) -> Vec<&Tapped> {
    let mut seen = FxHashSet::default();
    let backwards = readings.iter().rev();
    let mut newest: Vec<_> = backwards
        .filter(|reading| seen.insert((reading.address, &reading.sensor, &reading.unit)))
        .collect();
    newest.reverse();
    newest
}

/// Who watches the readings of which devices and groups.
struct Watchers<'a> {
    all: Vec<&'a Arc<Viewer>>,
    devices: FxHashMap<Address, Vec<&'a Arc<Viewer>>>,
    groups: FxHashMap<GroupId, Vec<&'a Arc<Viewer>>>,
}

impl<'a> Watchers<'a> {
    fn new(viewers: &'a [Arc<Viewer>]) -> Self {
        let (mut all, mut devices, mut groups) =
            (Vec::new(), FxHashMap::default(), FxHashMap::default());
        for viewer in viewers {
            let wish = viewer.wish();
            if !wish.devices.is_empty() || !wish.groups.is_empty() {
                all.push(viewer);
            }
            for address in wish.devices {
                let of: &mut Vec<_> = devices.entry(address).or_default();
                of.push(viewer);
            }
            for group in wish.groups {
                let of: &mut Vec<_> = groups.entry(group).or_default();
                of.push(viewer);
            }
        }
        Self {
            all,
            devices,
            groups,
        }
    }

    /// A device may have been moved since it was wished for: its group decides.
    fn of(&self, reading: &Tapped) -> impl Iterator<Item = &'a Arc<Viewer>> {
        let group = reading.group;
        let device = Address::new(reading.address).and_then(|address| self.devices.get(&address));
        let by_group = self.groups.get(&group);
        let all = device.into_iter().chain(by_group).flatten().copied();
        all.filter(move |viewer| viewer.sees(Some(group)))
    }
}
