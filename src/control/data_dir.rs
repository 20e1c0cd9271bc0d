//! The data directory: what lies in it, and whose it is.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::entropy::Entropy;
use crate::failure::{Context, Failure};
use crate::registry::SealKey;
use crate::storage::{Channels, Devices, Sqlite, Store};

/// A data directory that exists.
pub struct DataDir(PathBuf);

/// The right to open the database; held until dropped.
pub struct Locked {
    _lock: File,
}

impl DataDir {
    /// Makes the directory (0700) if it is missing.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Failure> {
        let path = path.into();
        if !path.is_dir() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).context(format!(
                "cannot make the data directory {}; set HUB_DATA_DIR to a folder that you may write",
                path.display()
            ))?;
        }
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn socket(&self) -> PathBuf {
        self.0.join("control.sock")
    }

    /// `None` when another process holds the directory.
    ///
    /// # Errors
    /// The lock file cannot be made.
    pub fn try_lock(&self) -> Result<Option<Locked>, Failure> {
        let path = self.0.join("hub.lock");
        let doing = format!("cannot lock {}", path.display());
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .context(&doing)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Locked { _lock: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Failure::new(format!("{doing}: {error}"))),
        }
    }

    /// Opens the database and the key to serials, making what is missing. Only with the lock.
    ///
    /// # Errors
    /// The database or the key cannot be opened; the message says what to do.
    pub fn open_store(&self, _: &Locked, entropy: &Entropy) -> Result<(Store, SealKey), Failure> {
        let path = self.0.join("hub.db");
        let doing = format!("cannot open the database {}", path.display());
        // SQLite gives its other files the mode of the first.
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .context(&doing)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).context(&doing)?;
        let mut store = Sqlite::open(&path).context(&doing)?;
        let sealed = Devices::count(&mut store)
            .and_then(|devices| Ok(devices + Channels::count_sealed(&mut store)?))
            .context(&doing)?;
        let seal = SealKey::load_or_create(&self.0, entropy, sealed)?;
        Ok((Box::new(store), seal))
    }
}
