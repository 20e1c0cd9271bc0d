//! Where customer groups live: each group's router, with the sessions of its devices, on one thread.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix::prelude::*;
use tokio::sync::mpsc;

use crate::registry::GroupId;
use crate::router::{Expel, Retire, Router, RouterParts, StopGroup};
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
    stopping: AtomicBool,
}

impl Islands {
    pub fn new(placement: Placement, parts: RouterParts) -> Self {
        Self(Arc::new(Inner {
            placement,
            parts,
            routers: Mutex::default(),
            next: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
        }))
    }

    fn routers(&self) -> MutexGuard<'_, HashMap<GroupId, Addr<Router>>> {
        self.0
            .routers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The router of a group, started at the group's first login. `None` for a group that is gone, and once the
    /// hub stops.
    pub fn router(&self, group: GroupId) -> Option<Addr<Router>> {
        let mut routers = self.routers();
        if let Some(router) = routers.get(&group) {
            return Some(router.clone());
        }
        let parts = self.0.parts.clone();
        let stopping = self.0.stopping.load(Ordering::Relaxed);
        if stopping || !parts.registry.read().has_group(group) {
            return None;
        }
        let router = self.start(group, parts);
        routers.insert(group, router.clone());
        Some(router)
    }

    /// The router of a group, if it has been started.
    pub fn running(&self, group: GroupId) -> Option<Addr<Router>> {
        self.routers().get(&group).cloned()
    }

    fn start(&self, group: GroupId, parts: RouterParts) -> Addr<Router> {
        if let Placement::Arbiters(arbiters) = &self.0.placement {
            let turn = self.0.next.fetch_add(1, Ordering::Relaxed) % arbiters.len().max(1);
            if let Some(arbiter) = arbiters.get(turn) {
                let make = move |_: &mut Context<Router>| Router::new(group, parts);
                return Router::start_in_arbiter(&arbiter.handle(), make);
            }
        }
        Router::new(group, parts).start()
    }

    /// Ends the session of a device and waits until its connection is closed. Harmless without one.
    pub async fn expel(&self, group: GroupId, address: Address, reason: EndReason) {
        if let Some(router) = self.running(group) {
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
        self.0.stopping.store(true, Ordering::Relaxed);
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
        if let Some(router) = self.routers().remove(&group) {
            router.do_send(Retire);
        }
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
