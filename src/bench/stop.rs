//! Remembers that the generator was told to stop, so that a hub it started is stopped with it.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};

use crate::failure::{Context, Failure};

static REQUESTED: AtomicBool = AtomicBool::new(false);

pub(super) fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// From here on SIGINT and SIGTERM end the load in order instead of at once.
pub(super) fn listen() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("preparing for signals")?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let signals = signal(SignalKind::interrupt()).and_then(|interrupt| {
                signal(SignalKind::terminate()).map(|terminate| (interrupt, terminate))
            });
            let Ok((mut interrupt, mut terminate)) = signals else {
                return;
            };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            REQUESTED.store(true, Ordering::Relaxed);
        });
    });
    Ok(())
}
