//! Passwords: argon2id, off the threads that serve, and never more than the machine bears.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::AccountError;
use crate::entropy::Entropy;

/// OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 << 10;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Passwords worked on at once.
const AT_ONCE: usize = 2;

/// Those that wait for that.
const WAITING: usize = 32;

/// Characters that a password needs, and bytes that it may have (NIST SP 800-63B, 3.1.1.2: long, and no rules on what it is made of).
const SHORTEST: usize = 12;
const LONGEST: usize = 1024;

/// Stands in for the password of whom there is not, so that a wrong name costs the same work as a wrong password.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm8gc3VjaCB1c2VyISE$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// # Errors
/// What is wrong with it, for whoever chose it.
pub fn check_password(password: &str, name: &str) -> Result<(), AccountError> {
    let refused = |text: &str| Err(AccountError::invalid("/password", text));
    if password.chars().count() < SHORTEST {
        return refused("A password needs 12 characters at least; a few words do.");
    }
    if password.len() > LONGEST {
        return refused("A password has 1024 bytes at most.");
    }
    if password.to_lowercase().contains(&name.to_lowercase())
        && password.len() < 2 * name.len() + SHORTEST
    {
        return refused("A password must not be made of the user's name.");
    }
    let mut symbols = password.chars();
    let first = symbols.next();
    if symbols.all(|symbol| Some(symbol) == first) {
        return refused("A password needs more than one character, repeated.");
    }
    Ok(())
}

/// Does the work, two at a time. Cheap to clone.
#[derive(Clone)]
pub(super) struct Hashing {
    permits: Arc<Semaphore>,
    inside: Arc<AtomicUsize>,
}

/// Counts whoever waits or works, until dropped.
struct Inside(Arc<AtomicUsize>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Hashing {
    pub(super) fn new() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            inside: Arc::default(),
        }
    }

    /// The PHC string of a new password.
    ///
    /// # Errors
    /// `Busy`: too many wait already.
    pub(super) async fn hash(
        &self,
        password: String,
        entropy: &Entropy,
    ) -> Result<String, AccountError> {
        let salt = entropy.bytes::<16>();
        let hashed = self
            .run(move || {
                let argon2 = argon2()?;
                let hashed = argon2.hash_password_with_salt(password.as_bytes(), &salt);
                hashed.ok().map(|hashed| hashed.to_string())
            })
            .await?;
        hashed.ok_or(AccountError::Busy)
    }

    /// Whether it is the password. Empty `phc`: there is none, which takes as long to find out.
    ///
    /// # Errors
    /// `Busy`: too many wait already.
    pub(super) async fn verify(&self, password: String, phc: &str) -> Result<bool, AccountError> {
        let missing = phc.is_empty();
        let phc = if missing { DECOY } else { phc }.to_owned();
        let same = move || {
            let argon2 = argon2()?;
            Some(argon2.verify_password(password.as_bytes(), &*phc).is_ok())
        };
        let same = self.run(same).await?.ok_or(AccountError::Busy)?;
        Ok(same && !missing)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let before = self.inside.fetch_add(1, Ordering::Relaxed);
        let inside = Inside(Arc::clone(&self.inside));
        if before >= AT_ONCE + WAITING {
            return Err(AccountError::Busy);
        }
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        // Both go with the work: whoever asked may be gone, the work goes on.
        let done = tokio::task::spawn_blocking(move || {
            let _held = (permit, inside);
            work()
        });
        done.await.map_err(|_| AccountError::Busy)
    }
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_verified_and_another_is_not() {
        let hashing = Hashing::new();
        let phc = hashing
            .hash("correct horse battery".into(), &Entropy::system())
            .await
            .unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        let verify = |password: &str, phc: &str| {
            let (hashing, password, phc) = (hashing.clone(), password.to_owned(), phc.to_owned());
            async move { hashing.verify(password, &phc).await.unwrap() }
        };
        assert!(verify("correct horse battery", &phc).await);
        assert!(!verify("correct horse batterz", &phc).await);
        assert!(!verify("", "").await);
    }

    #[test]
    fn the_decoy_can_be_verified_against() {
        let argon2 = argon2().unwrap();
        let error = argon2.verify_password(b"x", DECOY).unwrap_err();
        assert_eq!(error, argon2::password_hash::Error::PasswordInvalid);
    }

    #[tokio::test]
    async fn too_many_are_told_so() {
        let hashing = Hashing::new();
        let flood = (0..AT_ONCE + WAITING + 1).map(|_| {
            let hashing = hashing.clone();
            tokio::spawn(async move {
                hashing
                    .run(|| std::thread::sleep(std::time::Duration::from_millis(2)))
                    .await
            })
        });
        let mut busy = 0;
        for one in flood.collect::<Vec<_>>() {
            busy += usize::from(matches!(one.await.unwrap(), Err(AccountError::Busy)));
        }
        assert_eq!(busy, 1);
        assert!(hashing.run(|| ()).await.is_ok());
    }

    #[test]
    fn short_and_simple_passwords_are_refused() {
        for (password, name) in [
            ("short", "ana"),
            ("aaaaaaaaaaaaaaaa", "ana"),
            ("administrator", "administrator"),
            ("ADMINistrator1", "administrator"),
        ] {
            assert!(check_password(password, name).is_err(), "{password}");
        }
        assert!(check_password(&"x".repeat(2000), "ana").is_err());
        assert!(check_password("banana bread twice", "ana").is_ok());
        assert!(check_password("correct horse battery", "ana").is_ok());
    }
}
