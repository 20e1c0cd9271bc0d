//! A store that outlives the hub that writes to it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use device_hub::storage::{self, Driver, Param, Row, Space, Sqlite, StorageError, Store};

use crate::power::{Commit, Power};

/// Cheap to clone.
#[derive(Clone)]
pub struct Disk(Arc<Mutex<Sqlite>>);

impl Disk {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Sqlite::in_memory().unwrap())))
    }

    /// As one life of the hub sees it.
    pub fn plugged(&self, power: &Arc<Power>) -> Store {
        Box::new(Plugged {
            disk: self.clone(),
            power: Arc::clone(power),
            written: Written::default(),
        })
    }

    pub fn lock(&self) -> MutexGuard<'_, Sqlite> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Plugged {
    disk: Disk,
    power: Arc<Power>,
    written: Written,
}

/// What a transaction has written to.
#[derive(Clone, Copy, Default)]
struct Written {
    alarms: bool,
    /// What is not simulated to fail.
    others: bool,
}

impl Written {
    fn note(&mut self, sql: &str) {
        let mut words = sql.split_whitespace();
        let verb = words.next().unwrap_or_default();
        let table = match verb {
            "INSERT" | "DELETE" => words.find(|word| matches!(*word, "INTO" | "FROM")),
            "UPDATE" => Some(verb),
            _ => None,
        };
        let Some(table) = table.and_then(|_| words.next()) else {
            return;
        };
        self.alarms |= table.starts_with("alarm");
        let fails = ["alarm", "notification", "reading", "series", "pack"];
        self.others |= !fails.iter().any(|may| table.starts_with(may));
    }
}

fn killed() -> StorageError {
    StorageError::Failed("the hub is killed".into())
}

impl Plugged {
    fn live(&self) -> Result<MutexGuard<'_, Sqlite>, StorageError> {
        if self.power.is_off() {
            return Err(killed());
        }
        Ok(self.disk.lock())
    }
}

impl Driver for Plugged {
    fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<usize, StorageError> {
        self.written.note(sql);
        self.live()?.execute(sql, params)
    }

    fn query(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        self.written.note(sql);
        self.live()?.query(sql, params, each)
    }

    fn begin(&mut self) -> Result<(), StorageError> {
        self.written = Written::default();
        self.live()?.begin()
    }

    fn commit(&mut self) -> Result<(), StorageError> {
        let mut disk = self.live()?;
        if self.written.alarms && !self.written.others && self.power.fails() {
            disk.rollback();
            return Err(StorageError::Failed("the disk is full".into()));
        }
        match self.power.commits() {
            Commit::Goes | Commit::IsTheLast => disk.commit(),
            Commit::IsLost => {
                disk.rollback();
                Err(killed())
            }
        }
    }

    fn rollback(&mut self) {
        // Once the power is off there is nothing open: the lost commit has undone its own, and nothing begins.
        if let Ok(mut disk) = self.live() {
            disk.rollback();
        }
    }

    fn relax(&mut self, relaxed: bool) -> Result<(), StorageError> {
        self.live()?.relax(relaxed)
    }

    fn reader(&self) -> Result<Option<Store>, StorageError> {
        Ok(None)
    }

    fn limit(&mut self, disk: &storage::Disk) -> Result<(), StorageError> {
        self.live()?.limit(disk)
    }

    fn space(&mut self) -> Result<Space, StorageError> {
        self.live()?.space()
    }

    fn shrink(&mut self) -> Result<(), StorageError> {
        self.live()?.shrink()
    }

    fn cut_log(&mut self) -> Result<(), StorageError> {
        self.live()?.cut_log()
    }
}
