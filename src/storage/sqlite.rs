//! SQLite, the embedded default: write-ahead log, synchronous=FULL, so that a committed row survives a power cut.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, params_from_iter};

use super::disk::PAGE;
use super::{Disk, Driver, Param, Row, Space, StorageError, Store};
use crate::readings::Value;

mod embedded {
    refinery::embed_migrations!("sql/sqlite");
}

/// Statements kept prepared.
const STATEMENTS: usize = 64;

/// Pages of write-ahead log after which SQLite copies them into the database: 16 MiB. Its default of 4 MiB
/// makes bulk loads copy and sync four times as often.
const CHECKPOINT_PAGES: u32 = 4096;

/// KiB of pages kept in memory: each of the sensors that report has a page that its next reading goes to, and the 2 MiB
/// that SQLite would take hold those of 500.
const CACHE_KIB: u32 = 32 << 10;

/// Pages that one step of shrinking moves.
const SHRINK_PAGES: u32 = 256;

/// How long a connection waits for another's lock.
const BUSY: Duration = Duration::from_secs(5);

/// One connection to one database file.
pub struct Sqlite {
    connection: Connection,
    /// `None` in memory.
    path: Option<PathBuf>,
    /// The cap, for whoever asks; 0 without one.
    max_bytes: u64,
}

impl Sqlite {
    /// Opens the file, makes it if it is missing, and brings its schema up to date.
    ///
    /// # Errors
    /// The file cannot be opened, or a migration failed; a failed migration changes nothing.
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        // One thread at a time uses the connection: SQLite's own locks would only cost.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        Self::prepare(connection, Some(path.to_owned()))
    }

    /// A database that is gone with the process: for simulations.
    ///
    /// # Errors
    /// A migration failed.
    pub fn in_memory() -> Result<Self, StorageError> {
        Self::prepare(Connection::open_in_memory()?, None)
    }

    fn prepare(mut connection: Connection, path: Option<PathBuf>) -> Result<Self, StorageError> {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.busy_timeout(BUSY)?;
        // Holds for a file that is still empty: the first of these writes it.
        connection.execute_batch(&format!(
            "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}; PRAGMA cache_size = -{CACHE_KIB};"
        ))?;
        embedded::migrations::runner()
            .run(&mut connection)
            .map_err(|error| StorageError::Failed(format!("migration: {error}")))?;
        Ok(Self {
            connection,
            path,
            max_bytes: 0,
        })
    }

    fn pragma(&self, name: &str) -> Result<u64, StorageError> {
        let mut statement = self.connection.prepare_cached(&format!("PRAGMA {name}"))?;
        let value: i64 = statement.query_row([], |row| row.get(0))?;
        Ok(u64::try_from(value).unwrap_or_default())
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Param::Null => ValueRef::Null,
            Param::Int(value) => ValueRef::Integer(value),
            Param::Real(value) => ValueRef::Real(value),
            Param::Text(value) => ValueRef::Text(value.as_bytes()),
            Param::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

impl Row for rusqlite::Row<'_> {
    fn int(&self, column: usize) -> Result<i64, StorageError> {
        Ok(self.get(column)?)
    }

    fn text(&self, column: usize) -> Result<String, StorageError> {
        Ok(self.get(column)?)
    }

    fn blob(&self, column: usize) -> Result<Vec<u8>, StorageError> {
        Ok(self.get(column)?)
    }

    fn optional_int(&self, column: usize) -> Result<Option<i64>, StorageError> {
        Ok(self.get(column)?)
    }

    fn optional_real(&self, column: usize) -> Result<Option<f64>, StorageError> {
        Ok(self.get(column)?)
    }

    fn value(&self, column: usize) -> Result<Option<Value<'static>>, StorageError> {
        Ok(match self.get_ref(column)? {
            ValueRef::Null => None,
            ValueRef::Integer(value) => Some(Value::Int(value)),
            ValueRef::Real(value) => Some(Value::Real(value)),
            ValueRef::Text(text) => {
                let text = String::from_utf8_lossy(text).into_owned();
                Some(Value::Text(text.into()))
            }
            ValueRef::Blob(bytes) => Some(Value::Bool(bytes != [0])),
        })
    }
}

impl Driver for Sqlite {
    fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<usize, StorageError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.execute(params_from_iter(params))?)
    }

    fn query(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(params))?;
        while let Some(row) = rows.next()? {
            each(row)?;
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), StorageError> {
        self.execute("BEGIN IMMEDIATE", &[]).map(|_| ())
    }

    fn commit(&mut self) -> Result<(), StorageError> {
        self.execute("COMMIT", &[]).map(|_| ())
    }

    fn rollback(&mut self) {
        // SQLite has already rolled back by itself after some errors (disk full): then this one says so.
        if !self.connection.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK", &[])
        {
            log::error!("rollback failed error={error}");
        }
    }

    fn relax(&mut self, relaxed: bool) -> Result<(), StorageError> {
        // In WAL mode NORMAL leaves the log to the next sync, which a commit under FULL makes: order is kept.
        let level = if relaxed { "NORMAL" } else { "FULL" };
        Ok(self
            .connection
            .execute_batch(&format!("PRAGMA synchronous = {level};"))?)
    }

    fn reader(&self) -> Result<Option<Store>, StorageError> {
        let Some(path) = &self.path else {
            return Ok(None);
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.busy_timeout(BUSY)?;
        Ok(Some(Box::new(Self {
            connection,
            path: Some(path.clone()),
            max_bytes: self.max_bytes,
        })))
    }

    fn limit(&mut self, disk: &Disk) -> Result<(), StorageError> {
        if !disk.is_capped() {
            return Ok(());
        }
        self.max_bytes = disk.max_bytes;
        let too_large = self.space()?.file > disk.wall;
        // A file from before the cap cannot give pages back until it is written anew, once.
        if too_large && self.pragma("auto_vacuum")? == 0 {
            self.connection
                .execute_batch("PRAGMA auto_vacuum = INCREMENTAL; VACUUM;")?;
        }
        let checkpoint = (disk.log / 4 / PAGE).clamp(16, CHECKPOINT_PAGES.into());
        Ok(self.connection.execute_batch(&format!(
            "PRAGMA max_page_count = {}; PRAGMA wal_autocheckpoint = {checkpoint};
             PRAGMA journal_size_limit = {};",
            disk.wall / PAGE,
            disk.log / 4
        ))?)
    }

    fn space(&mut self) -> Result<Space, StorageError> {
        let page = self.pragma("page_size")?;
        let log = self.path.as_ref().map(|path| {
            let mut log = path.clone().into_os_string();
            log.push("-wal");
            std::fs::metadata(log).map_or(0, |log| log.len())
        });
        Ok(Space {
            file: self.pragma("page_count")? * page,
            free: self.pragma("freelist_count")? * page,
            log: log.unwrap_or_default(),
            max: self.max_bytes,
        })
    }

    fn shrink(&mut self) -> Result<(), StorageError> {
        // It gives back a page with each row of its answer.
        let sql = format!("PRAGMA incremental_vacuum({SHRINK_PAGES})");
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }

    fn cut_log(&mut self) -> Result<(), StorageError> {
        // Somebody who reads holds the log; he is not waited for, the next time comes soon.
        self.connection.busy_timeout(Duration::ZERO)?;
        let cut = self
            .connection
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE);");
        self.connection.busy_timeout(BUSY)?;
        match cut {
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => {
                Ok(())
            }
            other => Ok(other?),
        }
    }
}

#[cfg(test)]
#[path = "sqlite_tests.rs"]
mod tests;
