//! An order comes in: by a verb or by a device's COMMAND.

use std::sync::atomic::Ordering;

use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use super::{Desk, Lines, Now, Ticket, expiry};
use crate::command::order::{Order, OrderError};
use crate::command::record::{Command, Issuer};
use crate::command::state::State;
use crate::command::work::{Deed, Outcome};
use crate::ledger::DropReason;
use crate::registry::{Device, GroupId, SharedRegistry};
use crate::storage::StorageError;
use crate::wire::{Address, Dest, Frame, decode_field};

/// Who hears whether an order was taken.
#[derive(Debug)]
pub enum Reply {
    Verb(oneshot::Sender<Result<Vec<Command>, OrderError>>),
    /// By COMMAND_STATE, or a refusal.
    Device(Address),
}

/// An order on its way into the database.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) reply: Reply,
    pub(super) devices: Vec<Address>,
}

/// Bytes of fields, over all devices of an order: it is committed whole, and nobody else should wait long for that.
const ORDER_BYTES: usize = 4 << 20;

/// Orders of one issuer that may be on their way into the database.
const UNDER_WAY: usize = 64;

impl Desk {
    /// Takes an order; its issuer hears once it is committed, or why it is not taken.
    pub fn issue(&mut self, order: Order, reply: Reply, now: Now, lines: &impl Lines) {
        if let Err(error) = self.admit(&order, now) {
            self.refuse_order(reply, &order, &error, lines);
            return;
        }
        self.take(order, reply, now);
    }

    /// Has an order stored that is admitted.
    fn take(&mut self, order: Order, reply: Reply, now: Now) {
        let commands = self.commands_of(&order, now);
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        for address in &order.targets {
            self.trays.entry(*address).or_default().pending += 1;
        }
        self.opened(i64::try_from(order.targets.len()).unwrap_or(0));
        let pending = Pending {
            reply,
            devices: order.targets.clone(),
        };
        self.pending.insert(ticket, pending);
        self.deeds.push(Deed::Insert {
            ticket,
            order,
            commands,
        });
    }

    fn command(
        &self,
        order: &Order,
        address: Address,
        expires_ms: Option<i64>,
        now: Now,
    ) -> Command {
        Command {
            id: self.parts.ids.fetch_add(1, Ordering::Relaxed) + 1,
            group: self.group,
            address,
            kind: order.kind,
            fields: order.fields.clone(),
            issuer: order.issuer,
            issuer_msgno: order.issuer_msgno.clone(),
            order_key: order.order_key.clone(),
            one_of_set: order.to_set,
            issued_ms: now.unix_ms,
            expires_ms,
            condition: order.condition.clone(),
            state: State::Queued,
            detail: String::new(),
            sent_ms: None,
            sendings: 0,
            ended_ms: None,
            late: false,
            lapsed: false,
        }
    }

    fn admit(&self, order: &Order, now: Now) -> Result<(), OrderError> {
        order.check(&self.limits.frames, now.unix_ms)?;
        if order.targets.is_empty() {
            return Err(OrderError::new("NO_DEVICE", "the order names no device"));
        }
        let bytes: usize = order.fields.iter().map(String::len).sum();
        if bytes.saturating_mul(order.targets.len()) > ORDER_BYTES {
            let text = format!(
                "{bytes} bytes for each of {} devices are more than one order may have ({ORDER_BYTES})",
                order.targets.len()
            );
            return Err(OrderError::new("BAD_VALUE", text));
        }
        let busy = |what: String| Err(OrderError::new("BUSY", what));
        if self.open + order.targets.len() > self.limits.group_queue {
            return busy(format!(
                "{} commands of the group are open (commands.group_queue)",
                self.open
            ));
        }
        let full = order.targets.iter().find(|address| {
            let tray = self.trays.get(address);
            tray.is_some_and(|tray| tray.open() >= self.limits.queue)
        });
        if let Some(address) = full {
            return busy(format!(
                "device {address} has as many open commands as it may (commands.queue); cancel some, or wait"
            ));
        }
        let own = |pending: &&super::Pending| match (&pending.reply, order.issuer) {
            (Reply::Device(issuer), Issuer::Device(ours)) => *issuer == ours,
            (Reply::Verb(_), Issuer::Operator | Issuer::User(_)) => true,
            // Schedules bound what they have under way themselves, all together.
            _ => false,
        };
        if self.pending.values().filter(own).count() >= UNDER_WAY {
            return busy("too many orders at once".into());
        }
        Ok(())
    }

    /// Takes an order where no hub runs: judged and stored as a running one would, and left for its start.
    ///
    /// # Errors
    /// The store failed. The inner error: it is not taken.
    pub fn take_alone(
        &self,
        order: Order,
        now: Now,
        insert: impl FnOnce(&Order, &[Command]) -> Result<Outcome, StorageError>,
    ) -> Result<Result<Vec<Command>, OrderError>, StorageError> {
        if let Err(error) = self.admit(&order, now) {
            return Ok(Err(error));
        }
        let commands = self.commands_of(&order, now);
        Ok(match insert(&order, &commands)? {
            Outcome::Refused(error) => Err(error),
            _ => Ok(commands),
        })
    }

    fn commands_of(&self, order: &Order, now: Now) -> Vec<Command> {
        let expires_ms = order.expires_ms(now.unix_ms, self.limits.default_expiry_ms);
        order
            .targets
            .iter()
            .map(|address| self.command(order, *address, expires_ms, now))
            .collect()
    }

    /// Says why an order is not taken.
    pub(super) fn refuse_order(
        &self,
        reply: Reply,
        order: &Order,
        error: &OrderError,
        lines: &impl Lines,
    ) {
        self.parts.stats.refused.fetch_add(1, Ordering::Relaxed);
        match reply {
            // Nobody waits any more when it cannot be sent.
            Reply::Verb(reply) => drop(reply.send(Err(error.clone()))),
            Reply::Device(issuer) => {
                log::debug!("command refused issuer={issuer} error={error}");
                self.refuse(issuer, error.reason, order.issuer_msgno.as_bytes(), lines);
            }
        }
    }

    /// `A|0|40|target|type|expires|fields...|msgno|`
    ///
    /// # Errors
    /// It is not taken; nobody has been told yet.
    pub fn commanded(
        &mut self,
        from: Address,
        frame: &Frame<'_>,
        registry: &SharedRegistry,
        now: Now,
        lines: &impl Lines,
    ) -> Result<(), DropReason> {
        let read = read_command(from, frame, |target| {
            named(registry, self.group, target, Some(from))
        });
        let refused = |reason| {
            self.parts.stats.refused.fetch_add(1, Ordering::Relaxed);
            Err(reason)
        };
        let order = match read {
            Ok(order) => order,
            Err(reason) => return refused(reason),
        };
        let known = self.same_order(&order);
        let admitted = self.admit(&order, now);
        // Of an order to a set the database knows all, and is asked as long as there is room to.
        if !known.is_empty() && (!order.to_set || admitted.is_err()) {
            self.answer_repeat(from, &known, lines);
            return Ok(());
        }
        if let Err(error) = admitted {
            log::debug!("command refused issuer={from} error={error}");
            return refused(error.drop_reason());
        }
        self.take(order, Reply::Device(from), now);
        Ok(())
    }

    /// The commands that this very order has made already, if one of them is open. Otherwise the database knows.
    pub(super) fn same_order(&self, order: &Order) -> Vec<Command> {
        let trays = order
            .targets
            .iter()
            .filter_map(|target| self.trays.get(target));
        let mut made: Vec<_> = trays
            .flat_map(|tray| tray.items.iter().map(|item| &item.command))
            .filter(|command| {
                command.order_key == order.order_key && command.issuer == order.issuer
            })
            .collect();
        // An earlier order of the same bytes is over: its commands were issued at another time.
        let open = made.iter().filter(|command| command.is_open());
        let issued: Vec<_> = open.map(|command| command.issued_ms).collect();
        made.retain(|command| issued.contains(&command.issued_ms));
        made.into_iter().cloned().collect()
    }
}

/// The registered devices of a group that a target names; `*` and labels leave the asker out.
pub fn named(
    registry: &SharedRegistry,
    group: GroupId,
    target: Dest<'_>,
    asker: Option<Address>,
) -> Vec<Address> {
    let registry = registry.read();
    let in_group = |address: &Address| registry.device(*address).is_some_and(|d| d.group == group);
    let set = |carries: &dyn Fn(&Device) -> bool| {
        registry
            .devices_of(group)
            .filter(|device| Some(device.address) != asker && !device.disabled)
            .filter(|device| carries(device))
            .map(|device| device.address)
            .collect()
    };
    match target {
        Dest::Hub => Vec::new(),
        Dest::Device(address) => Some(address).filter(in_group).into_iter().collect(),
        Dest::Everyone => set(&|_| true),
        Dest::Label(label) => set(&|device| device.labels.iter().any(|l| **l == *label)),
    }
}

fn read_command(
    from: Address,
    frame: &Frame<'_>,
    targets: impl FnOnce(Dest<'_>) -> Vec<Address>,
) -> Result<Order, DropReason> {
    const BAD: DropReason = DropReason::BadValue;
    let fields: Vec<_> = frame.fields().collect();
    let [target, number, expires, rest @ .., msgno] = fields.as_slice() else {
        return Err(BAD);
    };
    let target = Dest::parse(target).ok_or(BAD)?;
    let texts = rest
        .iter()
        .map(|field| decode_field(field).map(std::borrow::Cow::into_owned))
        .collect::<Option<Vec<_>>>()
        .ok_or(BAD)?;
    let kind = crate::wire::parse_canonical(number).ok_or(BAD)?;
    let expires = std::str::from_utf8(expires)
        .ok()
        .and_then(expiry)
        .ok_or(BAD)?;
    if target == Dest::Hub || msgno.is_empty() || msgno.len() > 64 {
        return Err(BAD);
    }
    let same = frame.bytes.strip_suffix(b"|").unwrap_or(frame.bytes);
    Ok(Order {
        targets: targets(target),
        kind,
        fields: texts,
        issuer: Issuer::Device(from),
        issuer_msgno: String::from_utf8_lossy(msgno).into_owned(),
        order_key: hex::encode(Sha256::digest(same)),
        to_set: matches!(target, Dest::Everyone | Dest::Label(_)),
        expires,
        condition: String::new(),
    })
}
