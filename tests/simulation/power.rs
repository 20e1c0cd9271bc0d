//! The hub's current. It can be cut at any moment and at any commit, before or after it: from then on nothing of that
//! hub reaches the store or a device, as if the process had been killed. What it had written before is still read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::task::{Context, Poll};

use device_hub::session::{Departed, Departing};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::sync::Notify;

/// Of one life of the hub.
pub struct Power {
    pub life: usize,
    off: AtomicBool,
    /// Commits until it is cut; negative: never by itself.
    fuse: AtomicI64,
    /// Whether the commit at which it is cut is stored.
    stores_last: AtomicBool,
    news: Notify,
    /// Commits of alarms so far; negative: none fails any more.
    failing: AtomicI64,
}

/// Of so many commits of alarms one fails.
const ONE_FAILS: i64 = 40;

/// What becomes of a commit.
pub enum Commit {
    Goes,
    IsTheLast,
    IsLost,
}

impl Power {
    pub fn on(life: usize) -> Arc<Self> {
        Arc::new(Self {
            life,
            off: AtomicBool::new(false),
            fuse: AtomicI64::new(-1),
            stores_last: AtomicBool::new(false),
            news: Notify::new(),
            failing: AtomicI64::new(0),
        })
    }

    pub fn is_off(&self) -> bool {
        self.off.load(Ordering::Relaxed)
    }

    pub fn cut(&self) {
        self.off.store(true, Ordering::Relaxed);
        self.news.notify_waiters();
    }

    pub fn cut_after(&self, commits: i64, stores_last: bool) {
        self.stores_last.store(stores_last, Ordering::Relaxed);
        self.fuse.store(commits, Ordering::Relaxed);
    }

    /// Whether this commit of alarms fails, and the hub lives.
    pub fn fails(&self) -> bool {
        let so_far = self.failing.load(Ordering::Relaxed);
        if so_far < 0 {
            return false;
        }
        self.failing.store(so_far + 1, Ordering::Relaxed);
        so_far % ONE_FAILS == ONE_FAILS - 1
    }

    /// From now on the disk is as it should be.
    pub fn steady(&self) {
        self.failing.store(-1, Ordering::Relaxed);
    }

    /// Waits for it to be cut.
    pub async fn off(&self) {
        let news = self.news.notified();
        if !self.is_off() {
            news.await;
        }
    }

    pub fn commits(&self) -> Commit {
        if self.is_off() {
            return Commit::IsLost;
        }
        match self.fuse.load(Ordering::Relaxed) {
            0 => {
                self.cut();
                if self.stores_last.load(Ordering::Relaxed) {
                    Commit::IsTheLast
                } else {
                    Commit::IsLost
                }
            }
            left => {
                self.fuse.store((left - 1).max(-1), Ordering::Relaxed);
                Commit::Goes
            }
        }
    }
}

/// The hub's end of a connection.
pub struct Cord {
    pub io: DuplexStream,
    pub power: Arc<Power>,
}

impl Cord {
    fn live(&mut self) -> io::Result<Pin<&mut DuplexStream>> {
        if self.power.is_off() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(Pin::new(&mut self.io))
    }
}

impl AsyncRead for Cord {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.live()?.poll_read(cx, buf)
    }
}

impl AsyncWrite for Cord {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.live()?.poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.live()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.live()?.poll_shutdown(cx)
    }
}

impl Departing for Cord {
    fn depart(self: Box<Self>) -> io::Result<Departed> {
        Ok(Box::new(move || Ok(self)))
    }
}
