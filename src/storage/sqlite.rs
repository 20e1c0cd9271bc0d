//! SQLite, the embedded default: write-ahead log, synchronous=FULL, so that a committed row survives a power cut.

use std::path::Path;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, params_from_iter};

use super::{Driver, Param, Row, StorageError};

mod embedded {
    refinery::embed_migrations!("sql/sqlite");
}

/// Statements kept prepared.
const STATEMENTS: usize = 64;

/// Pages of write-ahead log after which SQLite copies them into the database: 16 MiB. Its default of 4 MiB
/// makes bulk loads copy and sync four times as often.
const CHECKPOINT_PAGES: u32 = 4096;

/// One connection to one database file.
pub struct Sqlite {
    connection: Connection,
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
        Self::prepare(Connection::open_with_flags(path, flags)?)
    }

    /// A database that is gone with the process: for simulations.
    ///
    /// # Errors
    /// A migration failed.
    pub fn in_memory() -> Result<Self, StorageError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(mut connection: Connection) -> Result<Self, StorageError> {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};"
        ))?;
        embedded::migrations::runner()
            .run(&mut connection)
            .map_err(|error| StorageError::Failed(format!("migration: {error}")))?;
        Ok(Self { connection })
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
}
