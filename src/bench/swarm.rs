//! The event loop: all connections of the load in one thread, so that latency needs no clock of another
//! process and the generator takes one core at most. Bounded in connections, and it only ever waits so long.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token, Waker};
use tokio_rustls::rustls::ClientConfig;

use super::client::{Client, Destination, Plan};
use super::conn::{Conn, nanos_since};
use super::link::{Link, any_certificate};
use super::payload::Stamp;
use super::stop;
use super::target::Server;
use crate::failure::{Context, Failure};

/// Bytes of one read at most. At 64-byte bodies about 3,000 messages.
const READ_BUFFER: usize = 256 * 1024;
const EVENTS_PER_POLL: usize = 1024;
/// The longest wait of one turn: how soon a stop signal is noticed.
pub(super) const LONGEST_WAIT: Duration = Duration::from_millis(100);
/// Logins under way at once, unless the load says otherwise.
pub(super) const LOGINS_AT_ONCE: usize = 64;
/// How long the last messages may take after the measuring; then they are lost.
pub(super) const DRAIN_NANOS: u64 = 5_000_000_000;
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(30);
/// Without a single login in this time the server is taken for stuck.
const LOGIN_PATIENCE: Duration = Duration::from_secs(15);
const WAKE: Token = Token(usize::MAX);

pub(super) struct Swarm<'a> {
    server: &'a Server,
    tls: Option<Arc<ClientConfig>>,
    poll: Poll,
    events: Events,
    conns: Vec<Conn>,
    ready: usize,
    buffer: Vec<u8>,
    epoch: Instant,
    kept_alive: Instant,
    body: usize,
}

impl<'a> Swarm<'a> {
    pub(super) fn new(server: &'a Server, body: usize) -> Result<Self, Failure> {
        let tls = match server.tls {
            true => Some(any_certificate().map_err(Failure::new)?),
            false => None,
        };
        Ok(Self {
            server,
            tls,
            poll: Poll::new().context("making the event loop")?,
            events: Events::with_capacity(EVENTS_PER_POLL),
            conns: Vec::new(),
            ready: 0,
            buffer: vec![0; READ_BUFFER],
            epoch: Instant::now(),
            kept_alive: Instant::now(),
            body,
        })
    }

    /// Nanoseconds since this load began.
    pub(super) fn now(&self) -> u64 {
        nanos_since(self.epoch)
    }

    pub(super) fn waker(&self) -> Result<Waker, Failure> {
        Waker::new(self.poll.registry(), WAKE).context("making the event loop's waker")
    }

    /// Connects and logs in, at most `at_once` under way; returns when all are ready.
    pub(super) fn connect(&mut self, plans: &[Plan], at_once: usize) -> Result<(), Failure> {
        let all = self.conns.len() + plans.len();
        let mut plans = plans.iter();
        let mut progress = (self.ready, Instant::now());
        while self.ready < all {
            while self.conns.len() - self.ready < at_once.max(1) {
                let Some(plan) = plans.next() else { break };
                self.open(plan)?;
            }
            self.turn(LONGEST_WAIT, &mut |_, _, _| {})?;
            if progress.0 != self.ready {
                progress = (self.ready, Instant::now());
            } else if progress.1.elapsed() > LOGIN_PATIENCE {
                let seconds = LOGIN_PATIENCE.as_secs();
                let text = format!(
                    "{} of {all} logged in, then none for {seconds} s",
                    self.ready
                );
                return Err(Failure::new(text));
            }
        }
        Ok(())
    }

    fn open(&mut self, plan: &Plan) -> Result<(), Failure> {
        let number = self.conns.len();
        let named = |refusal| named(number, refusal);
        let client = Client::new(self.server.protocol, plan).map_err(named)?;
        let link = Link::open(self.server.address, self.tls.as_ref()).map_err(named)?;
        let mut conn = Conn::new(link, client);
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll
            .registry()
            .register(conn.link().socket(), Token(number), interest)
            .context("watching a socket")?;
        self.conns.push(conn);
        Ok(())
    }

    /// Fixes where the messages of connection `number` go.
    pub(super) fn aim(&mut self, number: usize, to: &Destination) {
        if let Some(conn) = self.conns.get_mut(number) {
            let template = conn.client().template(to, self.body);
            conn.set_template(template);
        }
    }

    /// Composes one message on connection `number`; nothing leaves before [`Swarm::flush`].
    pub(super) fn send(&mut self, number: usize, stamp: &Stamp) {
        if let Some(conn) = self.conns.get_mut(number) {
            conn.send(stamp, self.body);
        }
    }

    pub(super) fn flush(&mut self, number: usize) -> Result<(), Failure> {
        match self.conns.get_mut(number) {
            Some(conn) => conn.flush().map_err(|refusal| named(number, refusal)),
            None => Ok(()),
        }
    }

    /// Waits for sockets, at most `wait`, and handles all that are ready. `each` gets the connection, the body and
    /// the time of its read. A connection that the server ended is an error: no load expects one.
    pub(super) fn turn(
        &mut self,
        wait: Duration,
        each: &mut impl FnMut(usize, &[u8], u64),
    ) -> Result<(), Failure> {
        match self
            .poll
            .poll(&mut self.events, Some(wait.min(LONGEST_WAIT)))
        {
            Err(error) if error.kind() != ErrorKind::Interrupted => {
                return Err(Failure::new(format!("waiting for sockets: {error}")));
            }
            _ => {}
        }
        if stop::requested() {
            return Err(Failure::new("interrupted"));
        }
        for event in &self.events {
            let number = event.token().0;
            let Some(conn) = self.conns.get_mut(number) else {
                continue;
            };
            let was_ready = conn.client().is_ready();
            let read = conn.read(&mut self.buffer, self.epoch, |body, now| {
                each(number, body, now)
            });
            read.and_then(|()| conn.flush())
                .map_err(|refusal| named(number, refusal))?;
            self.ready += usize::from(!was_ready && conn.client().is_ready());
        }
        self.keep_alive()
    }

    fn keep_alive(&mut self) -> Result<(), Failure> {
        if self.kept_alive.elapsed() < KEEP_ALIVE_EVERY {
            return Ok(());
        }
        self.kept_alive = Instant::now();
        for (number, conn) in self.conns.iter_mut().enumerate() {
            conn.keep_alive();
            conn.flush().map_err(|refusal| named(number, refusal))?;
        }
        Ok(())
    }
}

fn named(number: usize, refusal: String) -> Failure {
    Failure::new(format!("connection {number}: {refusal}"))
}
