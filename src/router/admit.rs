//! A login has succeeded: its session starts, in the table and on the group's thread.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::Router;
use super::table::Member;
use crate::alarm::{Subscribing, Wish};
use crate::listener::Permit;
use crate::registry::Device;
use crate::session::{
    AlarmLine, Departed, End, EndReason, Link, Outbox, Push, Session, SessionParts, Source,
};
use crate::settings::size;

/// How long a late refusal may take to be written.
const LATE_REFUSAL: Duration = Duration::from_secs(1);

impl Router {
    fn start_session(&mut self, admit: Admit, ctx: &mut Context<Self>) -> io::Result<()> {
        let Admit {
            device,
            departed,
            leftover,
            greeting,
            permit,
        } = admit;
        let registry = self.parts.registry.read();
        // The device may have been disabled or moved between its login and now.
        let still = registry
            .device(device.address)
            .is_some_and(|now| Arc::ptr_eq(now, &device));
        drop(registry);
        let link = departed()?;
        if self.stopping || !still {
            // A hub that stops is no reason to give up.
            let busy = self
                .stopping
                .then_some(self.parts.settings.devices.busy_seconds);
            refuse_late(link, permit, busy);
            return Err(io::Error::other("the device was changed during its login"));
        }
        let devices = &self.parts.settings.devices;
        self.sessions += 1;
        let number = self.sessions;
        let account = self.parts.books.device(self.group, device.address);
        account.heard(self.parts.clock.now());
        account.touched(self.parts.clock.now(), self.parts.clock.unix_ms());
        let outbox = Outbox::watched(
            size(devices.outbox_bytes),
            Arc::clone(&self.parts.budget),
            Arc::clone(&self.group_account),
            self.watch.clone(),
        );
        // First in the outbox, so OK is read before anything that a peer sends. It fits into any outbox.
        if outbox.push(&greeting, Source::Hub) != Push::Taken {
            return Err(io::Error::other(
                "the greeting does not fit into the outbox",
            ));
        }
        let session = Session::new(SessionParts {
            link,
            device: Arc::clone(&device),
            number,
            outbox: Arc::clone(&outbox),
            account: Arc::clone(&account),
            group_account: Arc::clone(&self.group_account),
            router: ctx.address(),
            recorder: self.parts.recorder.clone(),
            clock: self.parts.clock.clone(),
            limits: self.limits,
            alarms: self.alarm_line(),
            max_errors: size(devices.max_protocol_errors),
            max_text: size(self.parts.settings.storage.max_text_bytes),
            max_capabilities: size(self.parts.settings.storage.max_sensors),
            max_queued: self.parts.settings.routing.queue_bytes,
            leftover,
            // Storage is flushed under the same grace.
            drain: Duration::from_secs(self.parts.settings.shutdown_seconds).mul_f64(0.75),
            watch: self.watch.clone(),
            endings: Arc::clone(&self.parts.endings),
            permit,
        })
        .start();
        let address = device.address;
        let catch_up = self.catch_up(&device, &outbox);
        let member = Member {
            device,
            number,
            outbox,
            account: Arc::clone(&account),
            session,
            asked: None,
            slow_since: None,
        };
        if let Some(earlier) = self.table.join(member) {
            earlier.session.do_send(End {
                reason: EndReason::TakenOver,
                ended: None,
            });
        }
        let parts = &self.parts;
        parts
            .presences
            .joined(self.group, address, &account, &parts.recorder);
        if let Some(catch_up) = catch_up {
            parts.recorder.submit_bounded(Box::new(catch_up));
        }
        self.desk.joined(address, self.now(), &self.table);
        self.carry_out(&ctx.address());
        Ok(())
    }

    fn alarm_line(&self) -> AlarmLine {
        let limits = &self.parts.settings.alarms;
        AlarmLine::new(self.parts.alarms.clone(), limits.burst, limits.per_second)
    }

    /// What a subscriber missed.
    pub(super) fn catch_up(&self, device: &Device, outbox: &Arc<Outbox>) -> Option<Subscribing> {
        let alarms = &self.parts.alarms;
        alarms.has_subscribed(device.address).then(|| {
            let who = (device.address, self.group);
            let outbox = Arc::clone(outbox);
            Subscribing::new(alarms.clone(), who, Wish::CatchUp, Vec::new(), outbox)
        })
    }
}

/// Tells a device whose login was overtaken by a verb, or by the hub's stop.
fn refuse_late(mut link: Box<dyn Link>, permit: Permit, busy: Option<u64>) {
    actix::spawn(async move {
        let _permit = permit;
        let mut said = Vec::new();
        match busy {
            Some(seconds) => crate::login::busy(&mut said, seconds),
            None => crate::login::refused(&mut said),
        }
        let _ = timeout(LATE_REFUSAL, async {
            link.write_all(&said).await?;
            link.shutdown().await
        })
        .await;
    });
}

/// A login has succeeded: the listener hands the connection over. Answered once the session is in the table.
#[derive(Message)]
#[rtype(result = "io::Result<()>")]
pub struct Admit {
    pub device: Arc<Device>,
    pub departed: Departed,
    /// Bytes that came behind the login.
    pub leftover: Vec<u8>,
    /// What the session says first.
    pub greeting: Vec<u8>,
    pub permit: Permit,
}

impl Handler<Admit> for Router {
    type Result = io::Result<()>;

    fn handle(&mut self, admit: Admit, ctx: &mut Self::Context) -> Self::Result {
        self.start_session(admit, ctx)
    }
}
