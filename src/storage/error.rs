//! A driver's error, translated at the edge of storage.

/// What went wrong in the store, as far as the rest of the hub must tell it apart.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StorageError {
    /// A unique key or another rule of the schema: this row, not the store, is at fault.
    #[error("conflict: {0}")]
    Conflict(String),
    /// Disk full, I/O error, locked: the store could not do it now.
    #[error("storage failed: {0}")]
    Failed(String),
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(
                rusqlite::ErrorCode::ConstraintViolation
                | rusqlite::ErrorCode::TypeMismatch
                | rusqlite::ErrorCode::TooBig,
            ) => Self::Conflict(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}
