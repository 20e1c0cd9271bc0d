//! The recorder's housekeeping: packs what has settled, ends what is kept no longer, and keeps the files within their
//! cap. All of it in steps of a few milliseconds between the commits, and none of it in need of a memory: the next
//! start finds the same work.

mod relief;

use std::sync::Arc;
use std::time::Duration;

use super::RecorderStats;
use super::hold::Hold;
use super::wall::Wall;
use crate::clock::Clock;
use crate::settings::Storage;
use crate::storage::{
    ClockDoubt, Disk, Driver, Due, Eviction, Layer, Marks, Readings, Space, Step, StorageError,
};

/// Between the end of one walk over the series and the next.
const PACK_PAUSE: Duration = Duration::from_secs(5);
const SWEEP_PAUSE: Duration = Duration::from_secs(600);
/// Between two looks at the size of the files.
const LOOK_PAUSE: Duration = Duration::from_secs(1);
/// After a failure.
const FAILED_PAUSE: Duration = Duration::from_secs(10);
/// Between two lines in the log on what was evicted, or why nothing could be done.
const LOG_PAUSE: Duration = Duration::from_secs(60);

/// Fewer readings of the running hour are not worth a pack: its columns would take more than they do.
const WORTH_A_PACK: usize = 32;

/// How long readings may wait for room.
const ROOM_WAIT: Duration = Duration::from_secs(2);

/// How often, and how long in between, it is tried to cut the log while readings wait for that.
const LOG_TRIES: u32 = 200;
const LOG_TRY: Duration = Duration::from_millis(10);

/// Bytes of a page of the database.
const PAGE: u64 = 4096;

/// What goes when space is short, in this order, if it is older than so many days: raw readings first, but the
/// roll-ups of years do not push out the readings of today.
const ORDER: [(Layer, i64); 6] = [
    (Layer::Raw, 1),
    (Layer::Minutes, 30),
    (Layer::Hours, 365),
    (Layer::Raw, 0),
    (Layer::Minutes, 0),
    (Layer::Hours, 0),
];

/// Mark: the wall clock when it was last believed, Unix ms.
pub(super) const BELIEVED: &str = "clock";

/// One walk over all series, in steps.
#[derive(Default)]
struct Walk {
    /// The series that it came to.
    after: i64,
    /// When the next one begins.
    due: Duration,
}

pub(super) struct Keeper {
    disk: Disk,
    settle_ms: i64,
    clock: Clock,
    stats: Arc<RecorderStats>,
    packing: Walk,
    sweeping: Walk,
    looking: Walk,
    /// While space is short: packing what makes packs of so many readings at least, before anything goes.
    squeezing: Option<usize>,
    /// Everything was packed since anything went.
    squeezed: bool,
    short: bool,
    evictions: [Eviction; ORDER.len()],
    evicted: [usize; Layer::ALL.len()],
    next_log: Duration,
    next_error: Duration,
    wall: Wall,
    hold: Arc<Hold>,
    /// Until then nobody waits for the log to be cut: that was in vain.
    log_held_until: Duration,
    /// The log could not be cut when it was last looked at.
    log_held: bool,
    /// Ended commands that are still to go, and when it is looked again whether any are.
    commands_over: i64,
    commands_due: Duration,
}

impl Keeper {
    pub(super) fn new(
        settings: &Storage,
        clock: Clock,
        stats: Arc<RecorderStats>,
        alive_ms: Option<i64>,
    ) -> Self {
        Self {
            wall: Wall::new(alive_ms, clock.unix_ms(), clock.now()),
            disk: Disk::of(settings.max_bytes),
            settle_ms: i64::try_from(settings.settle_seconds * 1000).unwrap_or(i64::MAX),
            clock,
            stats,
            packing: Walk::default(),
            sweeping: Walk::default(),
            looking: Walk::default(),
            squeezing: None,
            squeezed: false,
            short: false,
            evictions: Default::default(),
            evicted: [0; Layer::ALL.len()],
            next_log: Duration::ZERO,
            next_error: Duration::ZERO,
            hold: Arc::default(),
            log_held_until: Duration::ZERO,
            log_held: false,
            commands_over: 0,
            commands_due: Duration::ZERO,
        }
    }

    pub(super) fn hold(&self) -> Arc<Hold> {
        Arc::clone(&self.hold)
    }

    pub(super) fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Does a few milliseconds of work. True: there is more to do now.
    pub(super) fn step(&mut self, store: &mut dyn Driver, readings: &mut Readings) -> bool {
        let now = self.clock.now();
        match self.try_step(store, readings, now) {
            Ok(more) => more,
            Err(error) => {
                if now >= self.next_error {
                    self.next_error = now + LOG_PAUSE;
                    log::warn!("readings not tidied up error={error}");
                }
                for walk in [&mut self.packing, &mut self.sweeping, &mut self.looking] {
                    walk.due = now + FAILED_PAUSE;
                }
                false
            }
        }
    }

    fn try_step(
        &mut self,
        store: &mut dyn Driver,
        readings: &mut Readings,
        now: Duration,
    ) -> Result<bool, StorageError> {
        if readings.take_retention_changed() {
            self.sweeping = Walk::default();
        }
        if (self.short || now >= self.looking.due) && self.keep_within(store, readings, now)? {
            return Ok(true);
        }
        // What can wait does not take the room in the log that readings need.
        if self.log_held {
            return Ok(false);
        }
        if now >= self.packing.due {
            let due = self.due(None);
            match readings.pack_step(store, &mut self.packing.after, due)? {
                Step::Packed(rows) => self.count_packed(rows),
                Step::Passed => {}
                Step::Finished => self.packing.due = now + PACK_PAUSE,
            }
            return Ok(true);
        }
        // Both clocks are compared before each step: what is deleted for a wrong time is gone.
        if now >= self.sweeping.due && self.clock_doubt() != ClockDoubt::Ahead {
            let wall_ms = self.clock.unix_ms();
            if self.sweeping.after == 0 {
                Marks::raise(store, BELIEVED, wall_ms)?;
            }
            if !readings.sweep_step(store, &mut self.sweeping.after, wall_ms)? {
                self.sweeping.due = now + SWEEP_PAUSE;
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// What is to be thought of the wall clock.
    pub(super) fn clock_doubt(&mut self) -> ClockDoubt {
        self.wall.look(self.clock.unix_ms(), self.clock.now())
    }

    fn due(&self, at_once: Option<usize>) -> Due {
        Due {
            now_ms: self.clock.unix_ms(),
            settle_ms: self.settle_ms,
            at_once,
        }
    }

    fn count_packed(&self, rows: usize) {
        use std::sync::atomic::Ordering::Relaxed;
        self.stats.packed.fetch_add(rows as u64, Relaxed);
    }

    /// Looks at the files, and makes room if they are near their cap. True: it did something.
    fn keep_within(
        &mut self,
        store: &mut dyn Driver,
        readings: &mut Readings,
        now: Duration,
    ) -> Result<bool, StorageError> {
        self.looking.due = now + LOOK_PAUSE;
        let space = store.space()?;
        self.stats.set_space(space);
        if !self.disk.is_capped() {
            return Ok(false);
        }
        let was_short = self.short;
        self.log_held = space.log > self.disk.log / 2;
        if self.log_held {
            store.cut_log()?;
            let log = store.space()?.log;
            self.log_held = log > self.disk.log / 2;
            // What makes room in the file goes through the log first.
            if log > self.disk.log / 8 * 7 {
                return Ok(false);
            }
        }
        self.short = space.used() > self.disk.evict;
        if self.short {
            if !was_short {
                self.squeezing = Some(WORTH_A_PACK);
            }
            if self.relieve(store, readings)? {
                return Ok(true);
            }
            // Nothing more can go: the next look is soon enough.
            self.short = false;
        }
        if space.file <= self.disk.wall {
            return Ok(false);
        }
        // The cap was lowered.
        store.shrink()?;
        let after = store.space()?;
        self.stats.set_space(after);
        if after.file <= self.disk.wall {
            store.limit(&self.disk)?;
            store.cut_log()?;
        }
        let shrank = after.file < space.file;
        if shrank {
            self.looking.due = now;
        }
        Ok(shrank)
    }

    /// Before `rows` are stored: whether there is room for them, after some work for it if need be. A reading that
    /// waits a moment is better than one that is refused; what is no reading does not wait.
    pub(super) fn make_room(
        &mut self,
        store: &mut dyn Driver,
        readings: &mut Readings,
        rows: usize,
        waits: bool,
    ) -> bool {
        if !self.disk.is_capped() {
            return true;
        }
        match store.space() {
            // What the engine cannot say now it will say when it is written to.
            Err(_) => return true,
            Ok(space) if self.has_room(space, rows) => {
                self.short |= space.used() > self.disk.evict;
                return true;
            }
            Ok(_) if !waits => return false,
            Ok(space) if !self.log_has_room(space, rows) => {
                if !self.wait_for_log(store, rows) {
                    return false;
                }
            }
            Ok(_) => {}
        }
        // As between commits: a sync for each step would take most of the time that there is.
        if let Err(error) = store.relax(true) {
            log::warn!("storage not relaxed error={error}");
        }
        let made = self.make_room_within(store, readings, rows);
        if let Err(error) = store.relax(false) {
            log::error!("storage stays relaxed error={error}");
            return false;
        }
        made
    }

    fn make_room_within(
        &mut self,
        store: &mut dyn Driver,
        readings: &mut Readings,
        rows: usize,
    ) -> bool {
        let until = self.clock.now() + ROOM_WAIT;
        let mut worked = true;
        while worked && self.clock.now() < until {
            let now = self.clock.now();
            worked = match self.keep_within(store, readings, now) {
                Ok(worked) => worked,
                Err(error) => {
                    log::warn!("no room made for readings error={error}");
                    false
                }
            };
            if store.space().is_ok_and(|space| self.has_room(space, rows)) {
                return true;
            }
        }
        false
    }

    /// Cuts the log as soon as nobody looks at what is in it; who looks for too long is told to ask again. False:
    /// somebody outside the hub does.
    fn wait_for_log(&mut self, store: &mut dyn Driver, rows: usize) -> bool {
        let now = self.clock.now();
        let mut tries = if now < self.log_held_until {
            1
        } else {
            LOG_TRIES
        };
        self.hold.hold();
        let has_room = loop {
            if let Err(error) = store.cut_log() {
                log::warn!("log not cut error={error}");
            }
            let has_room = store
                .space()
                .is_ok_and(|space| self.log_has_room(space, rows));
            tries -= 1;
            if has_room || tries == 0 {
                break has_room;
            }
            if tries == LOG_TRIES / 2 {
                self.hold.end();
            }
            std::thread::sleep(LOG_TRY);
        };
        self.hold.release();
        // Every commit would wait anew.
        self.log_held_until = if has_room {
            Duration::ZERO
        } else {
            now + FAILED_PAUSE
        };
        has_room
    }

    fn has_room(&self, space: Space, rows: usize) -> bool {
        space.used() <= self.disk.refuse && self.log_has_room(space, rows)
    }

    /// Each row may dirty a page of its own, all of which go through the log.
    fn log_has_room(&self, space: Space, rows: usize) -> bool {
        // Pages of the indexes, and those that are split.
        let pages = (rows + rows / 4 + 16) as u64;
        space.log + (pages * PAGE).min(self.disk.log / 2) <= self.disk.log
    }
}
