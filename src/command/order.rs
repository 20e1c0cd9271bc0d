//! What an issuer asks for, before it is a command: the rules of what may be ordered, once, for every way in.

use super::record::Issuer;
use crate::capability::Described;
use crate::ledger::DropReason;
use crate::wire::{Address, Limits, escape, kind};

/// An order for one device or several: taken whole, or not at all.
#[derive(Clone, Debug)]
pub struct Order {
    pub targets: Vec<Address>,
    pub kind: u32,
    /// Texts, unescaped.
    pub fields: Vec<String>,
    pub issuer: Issuer,
    pub issuer_msgno: String,
    pub order_key: String,
    /// To `@label` or `*`.
    pub to_set: bool,
    pub expires: Expiry,
    /// Empty: none.
    pub condition: String,
}

/// Until when an order may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// As the type has it.
    Default,
    Never,
    /// Unix milliseconds.
    At(i64),
    /// Milliseconds from now.
    In(i64),
}

/// Why an order is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text} ({reason})")]
pub struct OrderError {
    /// As the wire says it.
    pub reason: &'static str,
    /// For people.
    pub text: String,
}

impl OrderError {
    /// As the ledger counts it, for what is refused at once.
    pub fn drop_reason(&self) -> DropReason {
        DropReason::ALL
            .into_iter()
            .find(|reason| reason.name() == self.reason)
            .unwrap_or(DropReason::BadValue)
    }

    pub fn new(reason: &'static str, text: impl Into<String>) -> Self {
        Self {
            reason,
            text: text.into(),
        }
    }
}

/// Types that act when they are carried out late.
fn acts(kind: u32) -> bool {
    !matches!(
        kind,
        kind::READ
            | kind::EVENT_SET
            | kind::CLOCK_SET
            | kind::CLOCK_READ
            | kind::ALARM_SET
            | kind::ALARM_STOP
    )
}

/// Types of the protocol that are no commands.
fn is_no_command(kind: u32) -> bool {
    kind::has_meaning(kind)
        && !matches!(
            kind,
            kind::READ
                | kind::WRITE
                | kind::EVENT_SET
                | kind::BLINK
                | kind::CLOCK_SET
                | kind::CLOCK_READ
        )
}

/// Bytes of a frame beside the fields of its order: addresses, type, expiry, id and their separators.
const FRAME: usize = 80;

impl Order {
    /// Everything that can be judged without knowing the devices.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, limits: &Limits, now_ms: i64) -> Result<(), OrderError> {
        let given_text = self.fields.join(" ");
        let bad = |text: &str| {
            let text = format!("{text}, not {given_text:.100?}");
            Err(OrderError::new("BAD_VALUE", text))
        };
        let by_rule = matches!(self.issuer, Issuer::Rule(_))
            && matches!(self.kind, kind::ALARM_SET | kind::ALARM_STOP);
        if is_no_command(self.kind) && !by_rule {
            return Err(OrderError::new(
                "NO_RIGHT",
                format!(
                    "type {} cannot be ordered: READ, WRITE, EVENT_SET, BLINK, CLOCK_SET, CLOCK_READ and types without a meaning of their own can",
                    self.kind
                ),
            ));
        }
        let given = self.fields.len();
        match self.kind {
            kind::READ if given != 1 => return bad("READ needs one field: the sensor"),
            kind::WRITE if given != 2 => return bad("WRITE needs two fields: actuator and value"),
            kind::EVENT_SET if given != 2 => {
                return bad("EVENT_SET needs two fields: sensor and period in milliseconds");
            }
            kind::EVENT_SET if !self.fields.get(1).is_some_and(|period| is_period(period)) => {
                return bad("EVENT_SET needs a period of whole milliseconds from 0 (stop) to 2^53");
            }
            kind::BLINK | kind::CLOCK_SET | kind::CLOCK_READ if given != 0 => {
                return bad("this type has no fields");
            }
            kind::READ | kind::WRITE | kind::EVENT_SET
                if self.fields.first().is_some_and(String::is_empty) =>
            {
                return bad("the name of a sensor or actuator is needed");
            }
            kind::WRITE if self.fields.get(1).is_some_and(|value| is_not_finite(value)) => {
                return bad("a finite number or another text is needed");
            }
            _ => {}
        }
        let bytes: usize = self
            .fields
            .iter()
            .map(|field| escaped_bytes(field) + 1)
            .sum();
        if bytes + FRAME > limits.frame_bytes || given + 5 > limits.fields {
            return bad("fields that fit into one frame are needed");
        }
        // A device's may be the repeat of one that it gave in time.
        if self.order_key.is_empty() {
            self.check_expiry(now_ms)?;
        }
        Ok(())
    }

    /// # Errors
    /// It would never be sent.
    pub fn check_expiry(&self, now_ms: i64) -> Result<(), OrderError> {
        match self.expires {
            Expiry::At(_) | Expiry::In(_) if self.expires_ms(now_ms, 0) <= Some(now_ms) => Err(
                OrderError::new("EXPIRED", "the expiry is past: it would never be sent"),
            ),
            _ => Ok(()),
        }
    }

    /// What is known of the device decides.
    ///
    /// # Errors
    /// It does not have that, or does not take it.
    pub fn fits(&self, address: Address, described: &Described) -> Result<(), OrderError> {
        if described.is_empty() {
            return Ok(());
        }
        let name = self.fields.first().map_or("", String::as_str);
        match self.kind {
            kind::READ | kind::EVENT_SET if described.readable(name).is_none() => Err(unknown(
                "UNKNOWN_SENSOR",
                "sensor",
                address,
                name,
                described,
            )),
            kind::WRITE => {
                let value = self.fields.get(1).map_or("", String::as_str);
                takes(address, described, name, value)
            }
            kind::ALARM_SET => match self.fields.as_slice() {
                [_, sensor, ..] if described.readable(sensor).is_none() => Err(unknown(
                    "UNKNOWN_SENSOR",
                    "sensor",
                    address,
                    sensor,
                    described,
                )),
                [.., actuator, value] if !actuator.is_empty() => {
                    takes(address, described, actuator, value)
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Unix milliseconds, or `None` for never.
    pub fn expires_ms(&self, now_ms: i64, default_ms: i64) -> Option<i64> {
        match self.expires {
            Expiry::At(at) => Some(at),
            Expiry::In(ms) => Some(now_ms.saturating_add(ms)),
            Expiry::Default if acts(self.kind) => Some(now_ms.saturating_add(default_ms)),
            Expiry::Default | Expiry::Never => None,
        }
    }
}

fn takes(
    address: Address,
    described: &Described,
    name: &str,
    value: &str,
) -> Result<(), OrderError> {
    described
        .actuator(name)
        .ok_or_else(|| unknown("UNKNOWN_ACTUATOR", "actuator", address, name, described))?
        .takes(value)
        .map_err(|reason| {
            OrderError::new(
                reason,
                format!("{name} of device {address} does not take {value:?}"),
            )
        })
}

fn unknown(
    reason: &'static str,
    what: &str,
    address: Address,
    name: &str,
    described: &Described,
) -> OrderError {
    let has: Vec<_> = described
        .iter()
        .filter(|(capability, _)| what == "sensor" || capability.acts)
        .map(|(capability, _)| capability.name.as_str())
        .collect();
    let has = match has.as_slice() {
        [] => "none".to_owned(),
        has => has.join(", "),
    };
    OrderError::new(
        reason,
        format!("device {address} has no {what} {name:?}; it has: {has}"),
    )
}

/// As long as a field travels.
fn escaped_bytes(field: &str) -> usize {
    let mut escaped = Vec::new();
    escape(&mut escaped, field);
    escaped.len()
}

fn is_period(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<i64>().is_ok_and(|ms| ms <= 1 << 53)
}

fn is_not_finite(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|number| !number.is_finite())
}
