//! What is to be watched, and what would be nonsense.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Severity;
use crate::readings::Value;
use crate::refusal::Refused;
use crate::registry::{Device, GroupId};
use crate::storage::NAME_BYTES;
use crate::wire::Address;

/// A rule as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub id: i64,
    pub group: GroupId,
    /// Also the alarm's name on the wire; unique in its group.
    pub name: String,
    pub scope: Scope,
    pub check: Check,
    /// Only readings in this unit count; empty: all.
    pub unit: String,
    pub severity: Severity,
    pub enabled: bool,
    /// How long the condition has to hold before the alarm is raised, ms.
    pub on_delay_ms: i64,
    /// How long it has to be gone before the alarm is cleared, ms.
    pub off_delay_ms: i64,
    /// What the device does by itself as the alarm is raised.
    pub act: Option<Act>,
    /// Given to the device as well, if it is simple enough.
    pub local: bool,
    pub created_ms: i64,
}

/// Which devices of the group a rule watches, each on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    Device(Address),
    Label(Box<str>),
    Group,
}

/// The condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// Raised beyond one level, cleared at the other or before it.
    Threshold {
        #[schema(min_length = 1, max_length = 64)]
        sensor: String,
        op: Op,
        raise: Value<'static>,
        clear: Value<'static>,
    },
    /// Raised when the value changed by more than `raise` within the window, cleared when by no more than `clear`.
    Rate {
        #[schema(min_length = 1, max_length = 64)]
        sensor: String,
        direction: Direction,
        #[schema(exclusive_minimum = 0)]
        raise: f64,
        #[schema(minimum = 0)]
        clear: f64,
        #[schema(minimum = 1, maximum = 604_800_000)]
        window_ms: i64,
    },
    /// Raised when the sensor was not heard for so long.
    NoData {
        #[schema(min_length = 1, max_length = 64)]
        sensor: String,
        #[schema(minimum = 1000, maximum = 31_622_400_000_i64)]
        after_ms: i64,
    },
    /// Raised when the device was not connected for so long.
    Offline {
        #[schema(minimum = 1000, maximum = 31_622_400_000_i64)]
        after_ms: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Op {
    #[serde(rename = ">")]
    Above,
    #[serde(rename = "<")]
    Below,
    #[serde(rename = "=")]
    Is,
}

impl Op {
    pub fn sign(self) -> &'static str {
        match self {
            Self::Above => ">",
            Self::Below => "<",
            Self::Is => "=",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Rises,
    Falls,
    Moves,
}

/// A write to an actuator of the device itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RuleAct)]
pub struct Act {
    #[schema(min_length = 1, max_length = 64)]
    pub actuator: String,
    pub value: String,
}

/// Why a rule is not taken, in words for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RuleError(pub Refused);

impl RuleError {
    pub fn wrong(text: impl Into<String>) -> Self {
        Self(Refused::invalid(text))
    }

    pub fn conflict(text: impl Into<String>) -> Self {
        Self(Refused::conflict(text))
    }

    /// `option` is how the verb spells what is wrong.
    fn of(option: &str, text: impl Into<String>) -> Self {
        Self(Refused::invalid(text).hint(format!("see {option}")))
    }
}

/// A window holds at most 7 days, a delay at most a year.
const MOST_WINDOW_MS: i64 = 7 * 86_400_000;
const MOST_DELAY_MS: i64 = 366 * 86_400_000;

impl Rule {
    /// Everything that can be judged without knowing the devices.
    ///
    /// # Errors
    /// It contradicts itself, or can never hold.
    pub fn check(&self) -> Result<(), RuleError> {
        let wrong = |text: String| Err(RuleError::wrong(text));
        if !(1..=NAME_BYTES).contains(&self.name.len()) || self.name == "*" {
            return wrong(format!(
                "a rule needs a name of 1 to {NAME_BYTES} bytes other than \"*\""
            ));
        }
        for (option, what, delay) in [
            ("--for", "raised", self.on_delay_ms),
            ("--clear-for", "cleared", self.off_delay_ms),
        ] {
            if !(0..=MOST_DELAY_MS).contains(&delay) {
                let text = format!("the delay before it is {what} must be between 0 and a year");
                return Err(RuleError::of(option, text));
            }
        }
        if let Some(sensor) = self.check.sensor()
            && !(1..=NAME_BYTES).contains(&sensor.len())
        {
            return wrong(format!("the sensor's name needs 1 to {NAME_BYTES} bytes"));
        }
        self.check.check()?;
        if let Some(act) = &self.act {
            if act.actuator.is_empty() || act.actuator.len() > NAME_BYTES {
                let text = "an act needs an actuator and a value, such as fan and 1";
                return Err(RuleError::of("--act 'fan=1'", text));
            }
            if !self.is_simple() {
                let text = "only a threshold on a plain sensor, without a unit and a delay before it is cleared, can be kept by the device itself: leave the act away";
                return Err(RuleError::of("--act", text));
            }
            if !self.local {
                let text = "an act is done by the device itself, but the rule is not to be kept by devices";
                return Err(RuleError::of("--act and --local off", text));
            }
        }
        Ok(())
    }

    /// Whether ALARM_SET can say it. (It has no off-delay, no unit and no parts of composites.)
    pub fn is_simple(&self) -> bool {
        let plain = matches!(&self.check, Check::Threshold { sensor, .. } if !sensor.contains('/'));
        plain && self.off_delay_ms == 0 && self.unit.is_empty()
    }

    /// Whether the device is to keep it too.
    pub fn is_kept_by_device(&self) -> bool {
        self.enabled && self.local && self.is_simple()
    }

    /// The fields of ALARM_SET, but for the last; `None` when it cannot say it.
    pub fn alarm_set(&self) -> Option<Vec<String>> {
        let Check::Threshold {
            sensor,
            op,
            raise,
            clear,
        } = &self.check
        else {
            return None;
        };
        if !self.is_simple() {
            return None;
        }
        let hysteresis = match (raise.number(), clear.number(), op) {
            (Some(raise), Some(clear), Op::Above | Op::Below) => (raise - clear).abs(),
            _ => 0.0,
        };
        let act = self.act.clone().unwrap_or(Act {
            actuator: String::new(),
            value: String::new(),
        });
        Some(vec![
            self.name.clone(),
            sensor.clone(),
            op.sign().into(),
            raise.to_string(),
            hysteresis.to_string(),
            self.on_delay_ms.to_string(),
            act.actuator,
            act.value,
        ])
    }

    /// Whether it watches this device.
    pub fn covers(&self, device: &Device) -> bool {
        device.group == self.group
            && !device.disabled
            && match &self.scope {
                Scope::Device(address) => *address == device.address,
                Scope::Label(label) => device.labels.iter().any(|carried| carried == label),
                Scope::Group => true,
            }
    }
}

impl Check {
    /// `None`: on the device itself.
    pub fn sensor(&self) -> Option<&str> {
        match self {
            Self::Threshold { sensor, .. }
            | Self::Rate { sensor, .. }
            | Self::NoData { sensor, .. } => Some(sensor),
            Self::Offline { .. } => None,
        }
    }

    fn check(&self) -> Result<(), RuleError> {
        let wrong = |text: String| Err(RuleError::wrong(text));
        match self {
            Self::Threshold {
                op, raise, clear, ..
            } => match op {
                Op::Is if raise != clear => Err(RuleError::of(
                    "--clear",
                    "'=' has one level: it clears when that is over",
                )),
                Op::Is => Ok(()),
                Op::Above | Op::Below => {
                    let is_boolean = |value: &Value<'_>| matches!(value, Value::Bool(_));
                    if is_boolean(raise) || is_boolean(clear) {
                        return wrong(format!("'{}' needs numbers: a boolean has '='", op.sign()));
                    }
                    let (Some(raise), Some(clear)) = (raise.number(), clear.number()) else {
                        return wrong(format!("'{}' needs finite numbers", op.sign()));
                    };
                    if !raise.is_finite() || !clear.is_finite() {
                        return wrong(format!("'{}' needs finite numbers", op.sign()));
                    }
                    if *op == Op::Above && clear > raise {
                        let text = format!(
                            "it would be raised above {raise} and cleared at {clear} or below, and so never rest in between: the level that clears it must not be above {raise}"
                        );
                        return Err(RuleError::of("--clear", text));
                    }
                    if *op == Op::Below && clear < raise {
                        let text = format!(
                            "it would be raised below {raise} and cleared at {clear} or above, and so never rest in between: the level that clears it must not be below {raise}"
                        );
                        return Err(RuleError::of("--clear", text));
                    }
                    Ok(())
                }
            },
            Self::Rate {
                raise,
                clear,
                window_ms,
                ..
            } => {
                if !raise.is_finite() || *raise <= 0.0 {
                    return wrong("a rate needs a change above 0".into());
                }
                if !clear.is_finite() || *clear < 0.0 || clear > raise {
                    let text = format!("the change that clears it must be from 0 to {raise}");
                    return Err(RuleError::of("--clear", text));
                }
                if !(1..=MOST_WINDOW_MS).contains(window_ms) {
                    return wrong("the time of a rate must be from 1 ms to 7 days".into());
                }
                Ok(())
            }
            Self::NoData { after_ms, .. } | Self::Offline { after_ms } => {
                if !(1000..=MOST_DELAY_MS).contains(after_ms) {
                    return wrong("the time must be from 1 second to a year".into());
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(address) => write!(f, "device {address}"),
            Self::Label(label) => write!(f, "label {label}"),
            Self::Group => f.write_str("group"),
        }
    }
}

impl FromStr for Scope {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let (what, name) = text.split_once(' ').unwrap_or((text, ""));
        let scope = match what {
            "device" => Address::parse(name.as_bytes()).map(Self::Device),
            "label" => (!name.is_empty()).then(|| Self::Label(name.into())),
            "group" if name.is_empty() => Some(Self::Group),
            _ => None,
        };
        scope.ok_or_else(|| {
            RuleError::wrong(format!(
                "{text:?} is no scope: device ADDRESS, label NAME or group"
            ))
        })
    }
}
