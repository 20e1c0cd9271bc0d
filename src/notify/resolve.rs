//! Names to addresses, on a thread of its own.
//!
//! The runtime's own look-up is a task that its end waits for: a name server that hangs would hold up the hub's stop.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

/// Look-ups under way; those that nobody waits for any more are among them.
const MOST: usize = 32;

#[derive(Clone, Default)]
pub(super) struct Resolver(Arc<AtomicUsize>);

impl Resolver {
    /// # Errors
    /// There is no such name, or the name server does not answer.
    pub(super) async fn resolve(&self, host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
        if self.0.fetch_add(1, Ordering::Relaxed) >= MOST {
            self.0.fetch_sub(1, Ordering::Relaxed);
            return Err(io::Error::other("the name server does not answer"));
        }
        let under_way = Arc::clone(&self.0);
        let (reply, answer) = oneshot::channel();
        let thread = std::thread::Builder::new().name("resolve".into());
        let begun = thread.spawn(move || {
            let found = (host.as_str(), port).to_socket_addrs();
            under_way.fetch_sub(1, Ordering::Relaxed);
            // Nobody waits any more when the answer cannot be sent.
            let _ = reply.send(found.map(Iterator::collect));
        });
        if let Err(error) = begun {
            self.0.fetch_sub(1, Ordering::Relaxed);
            return Err(error);
        }
        answer.await.map_err(io::Error::other)?
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        let host = name.as_str().to_owned();
        Box::pin(async move {
            // The client puts the port in.
            let found = Self::resolve(&resolver, host, 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
