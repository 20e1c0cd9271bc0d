//! The notifier: one task that gathers what waits into messages, has them sent, and tries again.
//!
//! A message is fixed at its first attempt and sent unchanged, under one delivery id, until it is there or given up: a
//! receiver that knows the id has it all. What happens meanwhile is gathered for the next one.

mod outcome;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{Id, JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::attempt::{Office, Report};
use super::courier::Courier;
use super::standing::Standings;
use super::stats::NotifyStats;
use super::{Bell, Kind, hub_name};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::recorder::Recorder;
use crate::registry::{SealKey, SharedRegistry};
use crate::settings::Settings;
use crate::storage::{Channels, DeadLetters, Driver, Notifications, StorageError, transaction};

/// Between two looks at what waits: each alarm rings.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// After which it looks though nobody rang.
const LOOK: Duration = Duration::from_secs(60);

/// Between two looks for what is to be deleted.
const TIDY: Duration = Duration::from_secs(3600);

/// What the notifier works with.
pub struct NotifierParts {
    pub settings: Arc<Settings>,
    pub clock: Clock,
    pub entropy: Entropy,
    pub registry: SharedRegistry,
    pub recorder: Recorder,
    pub seal: Arc<SealKey>,
    pub courier: Arc<dyn Courier>,
    pub bell: Bell,
    pub stats: Arc<NotifyStats>,
}

/// A running notifier. Dropped, it ends at once; what was under way is sent again by the next one.
pub struct Notifier {
    stop: watch::Sender<Option<Duration>>,
    task: JoinHandle<()>,
}

impl Notifier {
    /// Starts the task on the calling thread. Call it inside an actix system.
    pub fn start(parts: NotifierParts) -> Self {
        let (stop, stopped) = watch::channel(None);
        let task = actix::spawn(Keeper::new(parts).run(stopped));
        Self { stop, task }
    }

    /// Begins no further attempt, lets those under way end `within` this time, and breaks off the others.
    pub async fn stop(&mut self, within: Duration) {
        // An error says that it has ended.
        let _ = self.stop.send(Some(within));
        if !self.task.is_finished() {
            let _ = (&mut self.task).await;
        }
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Keeper {
    office: Office,
    bell: Bell,
    stats: Arc<NotifyStats>,
    standings: Standings,
    /// Attempts under way; dropped, they are broken off.
    attempts: JoinSet<Result<Option<Report>, StorageError>>,
    /// Whose they are.
    channels: HashMap<Id, i64>,
    last_look: Duration,
    next_look: Duration,
    next_tidy: Duration,
    /// The store failed at the last look, and the log has it.
    blind: bool,
}

impl Keeper {
    fn new(parts: NotifierParts) -> Self {
        let hub = hub_name(&parts.settings.notify).into();
        let now = parts.clock.now();
        Self {
            office: Office {
                settings: parts.settings,
                clock: parts.clock,
                entropy: parts.entropy,
                registry: parts.registry,
                recorder: parts.recorder,
                seal: parts.seal,
                courier: parts.courier,
                hub,
            },
            bell: parts.bell,
            stats: parts.stats,
            standings: Standings::default(),
            attempts: JoinSet::new(),
            channels: HashMap::new(),
            last_look: now,
            next_look: now,
            next_tidy: now,
            blind: false,
        }
    }

    async fn run(mut self, mut stop: watch::Receiver<Option<Duration>>) {
        loop {
            let now = self.now();
            if now >= self.next_look {
                self.look().await;
            }
            self.begin();
            if now >= self.next_tidy {
                self.next_tidy = now + TIDY;
                if let Err(error) = self.tidy().await {
                    log::warn!("old notifications not deleted error={error}");
                }
            }
            let pause = self.next_event().saturating_sub(self.now());
            let soon = self.next_look <= self.last_look + BETWEEN_LOOKS;
            tokio::select! {
                biased;
                _ = stop.changed() => break,
                Some(done) = self.attempts.join_next_with_id() => self.end(done).await,
                () = self.bell.heard(), if !soon => {
                    self.next_look = self.last_look + BETWEEN_LOOKS;
                }
                () = sleep(pause) => {}
            }
        }
        let within = (*stop.borrow()).unwrap_or_default();
        let ended = timeout(within, async {
            while let Some(done) = self.attempts.join_next_with_id().await {
                self.end(done).await;
            }
        });
        if ended.await.is_err() {
            log::info!("notifications broken off; the next start sends them again");
        }
    }

    fn now(&self) -> Duration {
        self.office.clock.now()
    }

    /// When there is something to do though nobody says so.
    fn next_event(&self) -> Duration {
        let due = self.standings.next_due().map(|(_, due)| due);
        let due = due.unwrap_or(Duration::MAX);
        due.min(self.next_look).min(self.next_tidy)
    }

    /// Asks the store what waits.
    async fn look(&mut self) {
        let found = self
            .office
            .recorder
            .read(|store| Ok((Channels::waiting(store)?, Channels::failing(store)?)));
        let found = found.await;
        let now = self.now();
        (self.last_look, self.next_look) = (now, now + LOOK);
        match found {
            Ok((rows, failing)) => {
                self.blind = false;
                let known = rows
                    .iter()
                    .filter_map(|row| Some((row.id, Kind::from_name(&row.kind)?)));
                self.standings.look(&known.collect::<Vec<_>>(), now);
                self.stats.set(&rows, &failing);
            }
            Err(error) => {
                if !self.blind {
                    log::warn!("notifications cannot be read error={error}");
                }
                self.blind = true;
            }
        }
    }

    /// Begins the attempts that are due, as far as there are slots.
    fn begin(&mut self) {
        let now = self.now();
        while let Some((id, due)) = self.standings.next_due()
            && due <= now
        {
            let Some(standing) = self.standings.get(id) else {
                return;
            };
            (standing.due, standing.under_way) = (None, true);
            let office = self.office.clone();
            let attempt = self.attempts.spawn(async move { office.attempt(id).await });
            self.channels.insert(attempt.id(), id);
        }
    }

    /// An attempt has ended.
    async fn end(
        &mut self,
        done: Result<(Id, Result<Option<Report>, StorageError>), tokio::task::JoinError>,
    ) {
        let task = done.as_ref().map_or_else(|error| error.id(), |(id, _)| *id);
        let Some(id) = self.channels.remove(&task) else {
            return;
        };
        if let Some(standing) = self.standings.get(id) {
            standing.under_way = false;
        }
        match done {
            Ok((_, Ok(Some(report)))) => self.settle(report).await,
            Ok((_, Ok(None))) => self.standings.forget(id),
            Ok((_, Err(error))) => self.put_off(id, &error.to_string()),
            Err(error) => {
                log::error!("an attempt at a notification panicked channel={id}");
                self.put_off(id, &error.to_string());
            }
        }
        self.next_look = self.now();
    }

    async fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Driver) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        self.office
            .recorder
            .call(move |store| transaction(store, work))
            .await?
    }

    /// Deletes what was sent, in short steps. What fails is done within the hour.
    async fn purge(&self, channel: i64) {
        let step = move |store: &mut dyn Driver| Notifications::purge_step(store, channel);
        loop {
            match self.store(step).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => return log::warn!("old notifications not deleted error={error}"),
            }
        }
    }

    /// Deletes what a killed hub left, what is of removed channels, and dead letters that are old.
    async fn tidy(&self) -> Result<(), StorageError> {
        let keep_days = i64::try_from(self.office.settings.notify.keep_days).unwrap_or(i64::MAX);
        let before = self
            .office
            .clock
            .unix_ms()
            .saturating_sub(keep_days.saturating_mul(86_400_000));
        self.store(move |store| DeadLetters::expire(store, before))
            .await?;
        let mut from = 0;
        while let Some(channel) = self
            .office
            .recorder
            .read(move |store| Notifications::next_channel(store, from))
            .await?
        {
            self.purge(channel).await;
            from = channel + 1;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "keeper_tests.rs"]
mod tests;
