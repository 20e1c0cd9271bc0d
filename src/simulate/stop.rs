//! When the user or the system asks a run to end.

use std::future::pending;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::{Context, Failure};

/// Signals that were asked for before the work began, so that none of them comes too early.
#[derive(Debug)]
pub struct Stop {
    interrupt: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
}

impl Stop {
    /// From now on SIGINT and SIGTERM end the program by [`Stop::asked`] only, also where a shell had SIGINT ignored,
    /// as shells do for what a script runs in the background.
    ///
    /// # Errors
    /// The system allows no handler.
    pub fn listen() -> Result<Self, Failure> {
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hangup: None,
        })
    }

    /// A terminal that is closed counts too. Not for runs that go on without one, as under `nohup`.
    ///
    /// # Errors
    /// The system allows no handler.
    pub fn with_hangup(self) -> Result<Self, Failure> {
        Ok(Self {
            hangup: Some(listen(SignalKind::hangup())?),
            ..self
        })
    }

    /// Waits for the first of them. A signal that came before counts.
    pub async fn asked(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(signal) => signal.recv().await,
                None => pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hangup => {}
        }
    }
}

fn listen(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).context("cannot listen for signals")
}
