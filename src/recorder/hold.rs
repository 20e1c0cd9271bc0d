//! Between the recorder, which must cut the log now and then, and the reader, whose look keeps it from that.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::storage::{Disk, Driver, Param, Row, Space, StorageError, Store};

/// How long the reader waits for the log to be cut at most: longer than the recorder tries.
const MOST: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct Hold {
    /// The log is to be cut: no new look begins.
    held: Mutex<bool>,
    released: Condvar,
    /// The look that is under way ends now.
    end: AtomicBool,
}

impl Hold {
    /// No look begins from now on, until [`Hold::release`].
    pub(super) fn hold(&self) {
        *self.lock() = true;
    }

    /// Ends the look under way too: who asked is told so.
    pub(super) fn end(&self) {
        self.end.store(true, Ordering::Relaxed);
    }

    pub(super) fn release(&self) {
        *self.lock() = false;
        self.end.store(false, Ordering::Relaxed);
        self.released.notify_all();
    }

    pub(super) fn wait(&self) {
        let held = self.lock();
        // Whoever held it and is gone must not end all queries.
        drop(
            self.released
                .wait_timeout_while(held, MOST, |held| *held)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The reader's store, as one look sees it: it ends when the recorder says so.
pub(super) struct Watched<'a> {
    store: &'a mut dyn Driver,
    hold: &'a Hold,
}

impl<'a> Watched<'a> {
    pub(super) fn new(store: &'a mut dyn Driver, hold: &'a Hold) -> Self {
        Self { store, hold }
    }
}

fn go_on(hold: &Hold) -> Result<(), StorageError> {
    if hold.end.load(Ordering::Relaxed) {
        return Err(StorageError::Failed(
            "ended, since readings could not be stored while it looked: ask again, or for less"
                .into(),
        ));
    }
    Ok(())
}

impl Driver for Watched<'_> {
    fn query(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let hold = self.hold;
        go_on(hold)?;
        self.store.query(sql, params, &mut |row| {
            go_on(hold)?;
            each(row)
        })
    }

    fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<usize, StorageError> {
        self.store.execute(sql, params)
    }

    fn begin(&mut self) -> Result<(), StorageError> {
        self.store.begin()
    }

    fn commit(&mut self) -> Result<(), StorageError> {
        self.store.commit()
    }

    fn rollback(&mut self) {
        self.store.rollback();
    }

    fn relax(&mut self, relaxed: bool) -> Result<(), StorageError> {
        self.store.relax(relaxed)
    }

    fn reader(&self) -> Result<Option<Store>, StorageError> {
        self.store.reader()
    }

    fn limit(&mut self, disk: &Disk) -> Result<(), StorageError> {
        self.store.limit(disk)
    }

    fn space(&mut self) -> Result<Space, StorageError> {
        self.store.space()
    }

    fn shrink(&mut self) -> Result<(), StorageError> {
        self.store.shrink()
    }

    fn cut_log(&mut self) -> Result<(), StorageError> {
        self.store.cut_log()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Sqlite;

    #[test]
    fn a_look_that_holds_up_the_log_ends() {
        let (hold, mut store) = (Hold::default(), Sqlite::in_memory().unwrap());
        let mut seen = 0;
        let sql = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n";
        let ended = Watched::new(&mut store, &hold).query(sql, &[], &mut |_| {
            seen += 1;
            if seen == 10 {
                hold.end();
            }
            Ok(())
        });
        assert!(ended.is_err());
        assert_eq!(seen, 10);
        hold.release();
        hold.wait();
        let one = Watched::new(&mut store, &hold).query("SELECT 1", &[], &mut |_| Ok(()));
        assert!(one.is_ok());
    }
}
