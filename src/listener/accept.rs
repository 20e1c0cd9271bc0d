//! Accepts connections: a permit first, then the login in a task of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener as StdListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout_at;

use super::Gate;
use super::tls::{Acceptor, Movable};
use crate::failure::{Context, Failure};
use crate::login::{Door, Outcome};

/// Pause after the system refused a connection: descriptors come back when sessions end, not by asking.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections that the system keeps for us until they are accepted.
const BACKLOG: u32 = 4096;

/// A bound address that accepts devices.
pub struct Listener {
    task: JoinHandle<()>,
}

/// Binds before anything else is started, so that a taken port is told at once.
///
/// # Errors
/// The address is taken or not ours.
pub fn bind(address: SocketAddr) -> Result<StdListener, Failure> {
    let doing = format!("cannot listen on {address}");
    let socket = match address {
        SocketAddr::V4(_) => tokio::net::TcpSocket::new_v4(),
        SocketAddr::V6(_) => tokio::net::TcpSocket::new_v6(),
    }
    .context(&doing)?;
    socket.set_reuseaddr(true).context(&doing)?;
    socket.bind(address).context(format!(
        "{doing}; is another hub running, or does the port belong to someone else?"
    ))?;
    socket
        .listen(BACKLOG)
        .and_then(TcpListener::into_std)
        .context(&doing)
}

impl Listener {
    /// Accepts on this thread until stopped; with an acceptor, over TLS.
    ///
    /// # Errors
    /// The socket cannot be used.
    pub fn start(
        socket: StdListener,
        gate: Gate,
        door: Arc<Door>,
        tls: Option<Acceptor>,
        busy_seconds: u64,
    ) -> std::io::Result<Self> {
        let socket = TcpListener::from_std(socket)?;
        let desk = Rc::new(Desk {
            gate,
            door,
            tls,
            busy_seconds,
        });
        let task = actix::spawn(async move {
            loop {
                match socket.accept().await {
                    Ok((stream, peer)) => desk.receive(stream, peer),
                    Err(error) => {
                        log::warn!("connection not accepted error={error}");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
        });
        Ok(Self { task })
    }

    /// Accepts no more. Logins under way go on.
    pub fn stop(&self) {
        self.task.abort();
    }
}

struct Desk {
    gate: Gate,
    door: Arc<Door>,
    tls: Option<Acceptor>,
    busy_seconds: u64,
}

impl Desk {
    fn receive(self: &Rc<Self>, stream: TcpStream, peer: SocketAddr) {
        let Some(permit) = self.gate.enter() else {
            self.door.stats.count(Outcome::Busy);
            self.turn_away(stream);
            return;
        };
        // Frames are small and answers wait for them: no Nagle delay.
        if let Err(error) = stream.set_nodelay(true) {
            log::debug!("no TCP_NODELAY from={peer} error={error}");
        }
        let desk = Rc::clone(self);
        let until = desk.door.deadline();
        actix::spawn(async move {
            let Some(tls) = &desk.tls else {
                return desk
                    .door
                    .enter(Box::new(stream), peer.ip(), permit, until)
                    .await;
            };
            match timeout_at(until, tls.accept(Movable::new(stream))).await {
                Ok(Ok(stream)) => {
                    desk.door
                        .enter(Box::new(stream), peer.ip(), permit, until)
                        .await
                }
                Ok(Err(error)) => {
                    log::info!("no TLS handshake from={peer} error={error}");
                    desk.door.stats.count(Outcome::Malformed);
                }
                Err(_) => desk.door.stats.count(Outcome::Timeout),
            }
        });
    }

    /// Over the bound: one attempt to say BUSY, nothing awaited. A plain word helps no TLS client.
    fn turn_away(&self, stream: TcpStream) {
        // tokio would not even try: it knows nothing yet of the socket's readiness.
        let Ok(mut stream) = stream.into_std() else {
            return;
        };
        if self.tls.is_some() {
            return;
        }
        let mut said = Vec::new();
        crate::login::busy(&mut said, self.busy_seconds);
        let _ = stream.write(&said);
        // Unread bytes would make the close a reset, which overtakes the word.
        let _ = stream.read(&mut [0; 512]);
    }
}
