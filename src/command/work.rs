//! What a desk has the store do, in the recorder's transactions.

use super::Condition;
use super::desk::Ticket;
use super::order::{Expiry, Order, OrderError};
use super::record::{Command, Issuer};
use super::state::State;
use crate::readings::Given;
use crate::recorder::Work;
use crate::storage::{
    Capabilities, Commands, Driver, NewReading, Readings, StandingOrder, StandingOrders,
    StorageError,
};
use crate::wire::{Address, kind};

/// One piece of it.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Store an order as commands, if what is known of its devices allows it.
    Insert {
        ticket: Ticket,
        order: Order,
        commands: Vec<Command>,
    },
    /// Note that a command is sent, if its condition holds and it is still there.
    Send {
        command: Command,
        condition: Option<Condition>,
    },
    /// Note the state that a command has entered, with the value that came with it.
    Save {
        command: Command,
        reading: Option<Reported>,
        /// Whether somebody has to be told.
        news: bool,
    },
    /// Keep what a device was given and gets again at each login.
    Keep {
        address: Address,
        order: StandingOrder,
    },
    /// A device rejects what it was given before.
    TakeBack { address: Address, command: i64 },
}

/// A value that came in an answer.
#[derive(Clone, Debug)]
pub struct Reported {
    pub name: String,
    pub value: String,
    pub unit: String,
    /// `None`: DONE names no time.
    pub at_ms: Option<i64>,
    pub hub_ms: i64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Outcome {
    Done,
    /// The device had said so before.
    Repeated(Vec<Command>),
    Refused(OrderError),
    /// The condition does not hold; what is known instead.
    Condition(String),
    /// The command is not in the database any more, or not in a state from which it is sent.
    Gone,
    /// The state is stored, the value is not, for this reason.
    ValueRefused(&'static str),
}

/// A deed on its way through the recorder, and who hears of it.
pub struct DeskWork<F> {
    deed: Option<Deed>,
    outcome: Outcome,
    max_names: usize,
    now_ms: i64,
    settled: F,
}

impl<F> DeskWork<F> {
    pub fn new(deed: Deed, max_names: usize, now_ms: i64, settled: F) -> Self {
        Self {
            deed: Some(deed),
            outcome: Outcome::Done,
            max_names,
            now_ms,
            settled,
        }
    }
}

impl<F: Fn(Deed, Result<Outcome, StorageError>) + Send> Work for DeskWork<F> {
    fn perform(
        &mut self,
        store: &mut dyn Driver,
        readings: &mut Readings,
    ) -> Result<(), StorageError> {
        let outcome = match &mut self.deed {
            Some(Deed::Insert {
                order, commands, ..
            }) => insert(store, order, commands, self.max_names, self.now_ms)?,
            Some(Deed::Send { command, condition }) => {
                send(store, command, condition.as_ref(), self.now_ms)?
            }
            Some(Deed::Save {
                command, reading, ..
            }) => save(store, readings, command, reading.as_ref())?,
            Some(Deed::Keep { address, order }) => {
                StandingOrders::set(store, address.get(), order)?;
                Outcome::Done
            }
            Some(Deed::TakeBack { address, command }) => {
                StandingOrders::take_back(store, address.get(), *command)?;
                Outcome::Done
            }
            None => Outcome::Gone,
        };
        self.outcome = outcome;
        Ok(())
    }

    fn answer(self: Box<Self>, done: Result<(), &StorageError>) {
        let Self {
            deed,
            outcome,
            settled,
            ..
        } = *self;
        if let Some(deed) = deed {
            settled(deed, done.map(|()| outcome).map_err(Clone::clone));
        }
    }
}

/// Stores an order as the given commands, or answers what an earlier one with its key made. Call it in a transaction.
///
/// # Errors
/// The store failed.
pub fn insert(
    store: &mut dyn Driver,
    order: &Order,
    commands: &[Command],
    max_names: usize,
    now_ms: i64,
) -> Result<Outcome, StorageError> {
    if !order.order_key.is_empty() {
        // With an expiry of its own it can only be the same order, however late it comes again; so can a schedule's, whose
        // key names the due time.
        let ever =
            matches!(order.expires, Expiry::At(_)) || matches!(order.issuer, Issuer::Schedule(_));
        let repeated = Commands::repeated(store, order.issuer, &order.order_key, ever, now_ms)?;
        if !repeated.is_empty() {
            return Ok(Outcome::Repeated(repeated));
        }
        if let Err(error) = order.check_expiry(now_ms) {
            return Ok(Outcome::Refused(error));
        }
    }
    for address in &order.targets {
        let described = Capabilities::of(store, address.get())?;
        if let Err(error) = order.fits(*address, &described) {
            return Ok(Outcome::Refused(error));
        }
        // Of a device that nobody described any name may be wanted, but not any number of names.
        let kept = matches!(order.kind, kind::WRITE | kind::EVENT_SET);
        if kept && described.is_empty() && Capabilities::wants(store, address.get())? >= max_names {
            let text = format!(
                "as many names are wanted of device {address} as it may have (storage.max_sensors); describe it"
            );
            return Ok(Outcome::Refused(OrderError::new("TOO_MANY_SENSORS", text)));
        }
    }
    for command in commands {
        Commands::insert(store, command)?;
        if let Some((actuator, value)) = command.wanted() {
            Capabilities::want(store, command.address.get(), actuator, value, command.id)?;
        }
    }
    if let Some(last) = commands.iter().map(|command| command.id).max() {
        Commands::given_out(store, last)?;
    }
    Ok(Outcome::Done)
}

fn send(
    store: &mut dyn Driver,
    command: &Command,
    condition: Option<&Condition>,
    now_ms: i64,
) -> Result<Outcome, StorageError> {
    let still_queued = Commands::find(store, command.id)?
        .is_some_and(|stored| stored.state == State::Queued && stored.is_open());
    if !still_queued {
        return Ok(Outcome::Gone);
    }
    if let Some(condition) = condition {
        let address = command.address.get();
        let known = Readings::last(store, address, command.group.0, &condition.name, now_ms)?;
        match known {
            Some(known) if condition.holds(&known.value) => {}
            Some(known) => return Ok(Outcome::Condition(known.value.to_string())),
            None => return Ok(Outcome::Condition("unknown".into())),
        }
    }
    Commands::save(store, command)?;
    Ok(Outcome::Done)
}

fn save(
    store: &mut dyn Driver,
    readings: &mut Readings,
    command: &mut Command,
    reading: Option<&Reported>,
) -> Result<Outcome, StorageError> {
    let refused = match reading {
        Some(reported) => keep(store, readings, command, reported)?,
        None => None,
    };
    if let Some(reason) = refused
        && command.kind == kind::READ
    {
        // The device answered, but not with a value of the sensor: nothing was read.
        command.state = State::Rejected;
        command.detail = reason.to_owned();
    }
    if command.state == State::Rejected && command.standing().is_some() {
        StandingOrders::take_back(store, command.address.get(), command.id)?;
    }
    if !Commands::save(store, command)? {
        return Ok(Outcome::Gone);
    }
    Ok(refused.map_or(Outcome::Done, Outcome::ValueRefused))
}

/// Stores the value as a reading. Answers why not, if it is refused.
fn keep(
    store: &mut dyn Driver,
    readings: &mut Readings,
    command: &Command,
    reported: &Reported,
) -> Result<Option<&'static str>, StorageError> {
    if !readings.has_room() {
        // The command's own state is small, and has a place of its own.
        return Ok(Some("NOT_STORED"));
    }
    // The numbers of answers are the hub's: below those of the device's own events.
    let msgno = -1 - command.id;
    let at_ms = reported.at_ms.unwrap_or(reported.hub_ms);
    let reading = NewReading {
        address: command.address.get(),
        group: command.group.0,
        sensor: &reported.name,
        unit: &reported.unit,
        value: &reported.value,
        at_ms,
        hub_ms: reported.hub_ms,
        msgno,
    };
    let stored = readings.put(store, &reading)?;
    if let (Ok(true), Some(given)) = (stored, Given::parse(reading.value)) {
        let (key, stamp) = (reading.key(), reading.stamp());
        readings.judged(store, key, &given, stamp)?;
    }
    Ok(stored.err().map(|refusal| refusal.reason()))
}
