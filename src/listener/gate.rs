//! How many connections the hub holds at once, by the settings and by the file descriptors that the system gives.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// File descriptors kept free for the database, the web and the verbs.
const MARGIN: usize = 32;

/// Counts connections and logins under way. Cheap to clone.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    connections: AtomicUsize,
    logins: AtomicUsize,
    max_connections: usize,
    max_logins: usize,
}

/// One connection's place, given back on drop.
pub struct Permit {
    gate: Gate,
    login: bool,
}

impl Gate {
    pub fn new(max_connections: usize, max_logins: usize) -> Self {
        Self(Arc::new(Inner {
            connections: AtomicUsize::new(0),
            logins: AtomicUsize::new(0),
            max_connections,
            max_logins,
        }))
    }

    /// A place for a new connection whose login begins; `None` when one of the bounds is reached.
    pub fn enter(&self) -> Option<Permit> {
        let inner = &*self.0;
        if inner.connections.fetch_add(1, Ordering::Relaxed) >= inner.max_connections {
            inner.connections.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        if inner.logins.fetch_add(1, Ordering::Relaxed) >= inner.max_logins {
            inner.logins.fetch_sub(1, Ordering::Relaxed);
            inner.connections.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Permit {
            gate: self.clone(),
            login: true,
        })
    }

    pub fn connections(&self) -> usize {
        self.0.connections.load(Ordering::Relaxed)
    }

    pub fn logins(&self) -> usize {
        self.0.logins.load(Ordering::Relaxed)
    }

    pub fn max_connections(&self) -> usize {
        self.0.max_connections
    }
}

impl Permit {
    /// The login is over; the connection stays.
    pub fn logged_in(&mut self) {
        if std::mem::take(&mut self.login) {
            self.gate.0.logins.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.logged_in();
        self.gate.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Connections that the file descriptors allow: the limit, raised as far as the system lets us, less what is
/// open now and a margin.
pub fn descriptors_allow() -> usize {
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    let open = std::fs::read_dir("/proc/self/fd").map_or(MARGIN, Iterator::count);
    usize::try_from(limit)
        .unwrap_or(usize::MAX)
        .saturating_sub(open + MARGIN)
}
