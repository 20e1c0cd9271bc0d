//! Table idempotency: first answers to requests that may be sent again.

use super::{Driver, Param, StorageError};

/// Rows that one step of the clean-up deletes.
const PURGE_ROWS: i64 = 500;

/// Queries on first answers.
pub struct Idempotency;

/// What there was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: this is the first, and is noted as under way.
    First,
    /// The same key with another request.
    Other,
    /// The first is under way, or was cut off.
    UnderWay,
    /// It was answered, with what is not kept.
    Done,
    /// It was answered.
    Answered(Answered),
    /// Too many keys of this caller are kept.
    TooMany,
}

/// An answer as it was first given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub status: u16,
    /// Its Content-Type; empty: none.
    pub kind: String,
    pub body: Vec<u8>,
}

impl Idempotency {
    /// In a transaction: looks, and notes a first one. Rows from before `old_ms` do not count.
    ///
    /// # Errors
    /// The store failed.
    pub fn claim(
        store: &mut dyn Driver,
        caller: &str,
        key: &str,
        fingerprint: &[u8],
        now_ms: i64,
        old_ms: i64,
        most: i64,
    ) -> Result<Claim, StorageError> {
        let place = [Param::Text(caller), Param::Text(key)];
        let mut found = None;
        store.query(
            "SELECT fingerprint, at_ms, coalesce(status, 0), kept, kind, body FROM idempotency
             WHERE caller = ?1 AND key = ?2",
            &place,
            &mut |row| {
                let claim = (row.blob(0)?, row.int(1)?, row.int(2)?, row.int(3)? != 0);
                found = Some((claim, row.text(4)?, row.blob(5)?));
                Ok(())
            },
        )?;
        if let Some(((before, at_ms, status, kept), kind, body)) = found {
            if at_ms > old_ms {
                return Ok(match (before == fingerprint, u16::try_from(status), kept) {
                    (false, ..) => Claim::Other,
                    (true, Ok(0) | Err(_), _) => Claim::UnderWay,
                    (true, Ok(_), false) => Claim::Done,
                    (true, Ok(status), true) => Claim::Answered(Answered { status, kind, body }),
                });
            }
            Self::release(store, caller, key)?;
        }
        let mut count = 0;
        store.query(
            "SELECT count(*) FROM idempotency WHERE caller = ?1",
            &[Param::Text(caller)],
            &mut |row| {
                count = row.int(0)?;
                Ok(())
            },
        )?;
        if count >= most {
            return Ok(Claim::TooMany);
        }
        store.execute(
            "INSERT INTO idempotency (caller, key, fingerprint, at_ms, kept, kind, body) VALUES (?1, ?2, ?3, ?4, 0, '', x'')",
            &[
                Param::Text(caller),
                Param::Text(key),
                Param::Blob(fingerprint),
                Param::Int(now_ms),
            ],
        )?;
        Ok(Claim::First)
    }

    /// The answer to a first one; `None`: it is not kept.
    ///
    /// # Errors
    /// The store failed.
    pub fn answered(
        store: &mut dyn Driver,
        caller: &str,
        key: &str,
        status: u16,
        kept: Option<(&str, &[u8])>,
    ) -> Result<(), StorageError> {
        let (kind, body) = kept.unwrap_or_default();
        store
            .execute(
                "UPDATE idempotency SET status = ?3, kept = ?4, kind = ?5, body = ?6 WHERE caller = ?1 AND key = ?2",
                &[
                    Param::Text(caller),
                    Param::Text(key),
                    Param::Int(status.into()),
                    Param::Int(kept.is_some().into()),
                    Param::Text(kind),
                    Param::Blob(body),
                ],
            )
            .map(|_| ())
    }

    /// Nothing was done: it may be tried again under the same key.
    ///
    /// # Errors
    /// The store failed.
    pub fn release(store: &mut dyn Driver, caller: &str, key: &str) -> Result<(), StorageError> {
        store
            .execute(
                "DELETE FROM idempotency WHERE caller = ?1 AND key = ?2",
                &[Param::Text(caller), Param::Text(key)],
            )
            .map(|_| ())
    }

    /// Deletes some that are too old. True while there may be more.
    ///
    /// # Errors
    /// The store failed.
    pub fn purge_step(store: &mut dyn Driver, old_ms: i64) -> Result<bool, StorageError> {
        let gone = store.execute(
            "DELETE FROM idempotency WHERE (caller, key) IN (
                 SELECT caller, key FROM idempotency WHERE at_ms <= ?1 LIMIT ?2)",
            &[Param::Int(old_ms), Param::Int(PURGE_ROWS)],
        )?;
        Ok(i64::try_from(gone).is_ok_and(|gone| gone == PURGE_ROWS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Sqlite;

    #[test]
    fn a_key_is_good_for_one_request_and_for_a_while() {
        let mut store = Sqlite::in_memory().unwrap();
        let mut claim = |fingerprint: &[u8], now_ms: i64| {
            Idempotency::claim(
                &mut store,
                "user 1",
                "k",
                fingerprint,
                now_ms,
                now_ms - 10,
                1,
            )
            .unwrap()
        };
        assert_eq!(claim(b"a", 100), Claim::First);
        assert_eq!(claim(b"a", 101), Claim::UnderWay);
        assert_eq!(claim(b"b", 101), Claim::Other);
        let kept = Some(("application/json", &b"{}"[..]));
        Idempotency::answered(&mut store, "user 1", "k", 201, kept).unwrap();
        let mut claim = |key: &str, now_ms: i64| {
            Idempotency::claim(&mut store, "user 1", key, b"a", now_ms, now_ms - 10, 1).unwrap()
        };
        assert!(matches!(claim("k", 102), Claim::Answered(answer) if answer.status == 201));
        assert_eq!(claim("other", 102), Claim::TooMany);
        assert_eq!(claim("k", 110), Claim::First);
        assert!(!Idempotency::purge_step(&mut store, 110).unwrap());
        let again = Idempotency::claim(&mut store, "user 1", "other", b"a", 111, 101, 1).unwrap();
        assert_eq!(again, Claim::First);
    }
}
