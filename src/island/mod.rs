//! Where customer groups live: each group's router, with the sessions of its devices, on one thread.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix::prelude::*;
use tokio::sync::mpsc;

use crate::registry::GroupId;
use crate::router::{Expel, Router, RouterParts, StopGroup};
use crate::session::EndReason;
use crate::wire::Address;

/// On which threads islands are made.
pub enum Placement {
    /// On arbiters of their own, group after group in turn.
    Arbiters(Vec<Arbiter>),
    /// On the thread that asks: in simulations.
    Here,
}

/// All islands of a hub. Cheap to clone.
#[derive(Clone)]
pub struct Islands(Arc<Inner>);

struct Inner {
    placement: Placement,
    parts: RouterParts,
    routers: Mutex<HashMap<GroupId, Addr<Router>>>,
    next: AtomicUsize,
}

impl Islands {
    pub fn new(placement: Placement, parts: RouterParts) -> Self {
        Self(Arc::new(Inner {
            placement,
            parts,
            routers: Mutex::default(),
            next: AtomicUsize::new(0),
        }))
    }

    fn routers(&self) -> MutexGuard<'_, HashMap<GroupId, Addr<Router>>> {
        self.0
            .routers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The router of a group, started at the group's first login.
    pub fn router(&self, group: GroupId) -> Addr<Router> {
        let mut routers = self.routers();
        if let Some(router) = routers.get(&group) {
            return router.clone();
        }
        let parts = self.0.parts.clone();
        let router = match &self.0.placement {
            Placement::Here => Router::new(group, parts).start(),
            Placement::Arbiters(arbiters) => {
                let turn = self.0.next.fetch_add(1, Ordering::Relaxed) % arbiters.len().max(1);
                match arbiters.get(turn) {
                    Some(arbiter) => Router::start_in_arbiter(&arbiter.handle(), move |_| {
                        Router::new(group, parts)
                    }),
                    None => Router::new(group, parts).start(),
                }
            }
        };
        routers.insert(group, router.clone());
        router
    }

    /// Ends the session of a device and waits until its connection is closed. Harmless without one.
    pub async fn expel(&self, group: GroupId, address: Address, reason: EndReason) {
        let router = self.routers().get(&group).cloned();
        if let Some(router) = router {
            let (ended, mut all) = mpsc::channel(1);
            if router
                .send(Expel {
                    address,
                    reason,
                    ended,
                })
                .await
                .is_ok()
            {
                // Nothing is ever sent: the channel closes when the last sender is dropped.
                let _ = all.recv().await;
            }
        }
    }

    /// Ends every session of every group, and waits for it.
    pub async fn stop(&self, reason: EndReason) {
        let routers: Vec<_> = self.routers().values().cloned().collect();
        let (ended, mut all) = mpsc::channel(1);
        for router in routers {
            if let Err(error) = router
                .send(StopGroup {
                    reason,
                    ended: ended.clone(),
                })
                .await
            {
                log::error!("router does not answer error={error}");
            }
        }
        drop(ended);
        let _ = all.recv().await;
    }

    /// Forgets a group without devices.
    pub fn remove(&self, group: GroupId) {
        self.routers().remove(&group);
    }

    /// Stops the islands' threads.
    pub fn stop_threads(&self) {
        if let Placement::Arbiters(arbiters) = &self.0.placement {
            for arbiter in arbiters {
                arbiter.stop();
            }
        }
    }
}
