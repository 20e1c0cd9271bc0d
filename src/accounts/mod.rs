//! People and programs that use the hub: who they are, and what each may do in which group.
//!
//! Everything is held in memory as the database has it. A change is one piece of work on the recorder's thread: judged,
//! committed, then known here; so two changes never cross, and none is half done when whoever asked goes away.

mod actor;
mod audit;
mod book;
mod caller;
mod error;
mod event;
mod guesses;
mod links;
mod login;
mod manage;
mod password;
mod prove;
mod role;
mod secret;
mod sessions;
mod tokens;
mod user;
mod users;

use std::net::SocketAddr;
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

use tokio::sync::broadcast;

pub use actor::{Actor, Through};
pub use audit::Note;
pub use book::{Book, Session, Token};
pub use caller::{Caller, Denied, Via};
pub use error::AccountError;
pub use event::{AccountChange, AccountEvent, Of};
pub use links::{Link, LinkInfo, Purpose};
pub use login::{Entered, Entering};
pub use manage::{may_manage, may_see};
pub use password::check_password;
pub use prove::Proof;
pub use role::{Need, Role, Scope};
pub use secret::{Secret, csrf_token};
pub use tokens::NewToken;
pub use user::User;
pub use users::{NewUser, UserChange};

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::recorder::Recorder;
use crate::registry::SharedRegistry;
use crate::settings::Settings;
use crate::storage::Driver;
use crate::throttle::Buckets;
use guesses::Guesses;
use password::Hashing;

/// Changes that a subscriber may lag behind; then it asks [`Accounts::current`] about all that it holds.
const EVENTS: usize = 1024;

const DAY_MS: i64 = 86_400_000;

/// What accounts work with.
pub struct AccountParts {
    pub settings: Arc<Settings>,
    pub clock: Clock,
    pub entropy: Entropy,
    pub registry: SharedRegistry,
    pub recorder: Recorder,
}

/// All of it. Cheap to clone; may be used from any thread.
#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

struct Inner {
    parts: AccountParts,
    book: RwLock<Book>,
    hashing: Hashing,
    guesses: Mutex<Guesses>,
    /// Failed logins that were written down.
    failures: Mutex<Buckets<()>>,
    events: broadcast::Sender<AccountEvent>,
    /// Where the web listener is, once it is.
    web: OnceLock<SocketAddr>,
}

impl Accounts {
    pub fn new(book: Book, parts: AccountParts) -> Self {
        Self(Arc::new(Inner {
            book: RwLock::new(book),
            hashing: Hashing::new(),
            guesses: Mutex::new(Guesses::new(&parts.settings.web)),
            failures: Mutex::new(audit::failures()),
            events: broadcast::Sender::new(EVENTS),
            web: OnceLock::new(),
            parts,
        }))
    }

    /// What happens to sessions, tokens and rights from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<AccountEvent> {
        self.0.events.subscribe()
    }

    /// For a moment: no await while it is held.
    pub fn read(&self) -> RwLockReadGuard<'_, Book> {
        self.0.read()
    }

    /// Links are made with it, unless web.url is set.
    pub fn web_listens(&self, address: SocketAddr) {
        let _ = self.0.web.set(address);
    }

    /// Runs `work` on the recorder's thread, where it may judge by the book, commit, and then write the book.
    async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner, &mut dyn Driver) -> Result<T, AccountError> + Send + 'static,
    ) -> Result<T, AccountError> {
        let inner = Arc::clone(&self.0);
        let done = self.0.parts.recorder.call(move |store| work(&inner, store));
        done.await?
    }
}

impl Inner {
    fn read(&self) -> RwLockReadGuard<'_, Book> {
        self.book.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Book> {
        self.book.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn guesses(&self) -> MutexGuard<'_, Guesses> {
        self.guesses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failures(&self) -> MutexGuard<'_, Buckets<()>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> i64 {
        self.parts.clock.unix_ms()
    }

    /// How long a session is kept that is not used.
    fn session_ms(&self) -> i64 {
        let days = i64::try_from(self.parts.settings.web.session_days).unwrap_or(i64::MAX);
        days.saturating_mul(DAY_MS)
    }

    fn tell(&self, user: i64, of: Of, what: AccountChange) {
        // An error says that nobody listens.
        let _ = self.events.send(AccountEvent { user, of, what });
    }
}
