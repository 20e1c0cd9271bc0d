//! What a schedule does, as an order for a group's desk.

use super::record::{Act, Run};
use crate::command::{Expiry, Issuer, Order};
use crate::wire::{Address, Dest, kind};

impl Act {
    /// The order that a run gives, and whom it names; `None` when it gives none.
    pub fn order(&self, run: Option<&Run>) -> Option<(Order, &str)> {
        let (target, kind, fields, expires, condition) = match self {
            Self::Command {
                target,
                kind,
                fields,
                expires_ms,
                expires_in_ms,
                never,
                condition,
            } => {
                let expires = match (expires_ms, expires_in_ms) {
                    (Some(at), _) => Expiry::At(*at),
                    (None, Some(ms)) => Expiry::In(*ms),
                    (None, None) if *never => Expiry::Never,
                    (None, None) => Expiry::Default,
                };
                (target, *kind, fields.clone(), expires, condition.as_str())
            }
            Self::EventPeriod {
                target,
                sensor,
                period_ms,
            } => {
                let fields = vec![sensor.clone(), period_ms.to_string()];
                (target, kind::EVENT_SET, fields, Expiry::Default, "")
            }
            Self::Rule { .. } => return None,
        };
        let order = Order {
            targets: Vec::new(),
            kind,
            fields,
            issuer: Issuer::Schedule(run.map_or(0, |run| run.schedule)),
            issuer_msgno: String::new(),
            order_key: run.map(Run::order_key).unwrap_or_default(),
            to_set: target.starts_with(['@', '*']),
            expires,
            condition: condition.to_owned(),
        };
        Some((order, target))
    }

    /// Whom it names, if it is a target at all.
    pub fn target(&self) -> Option<Dest<'_>> {
        match self {
            Self::Command { target, .. } | Self::EventPeriod { target, .. } => {
                Dest::parse(target.as_bytes())
            }
            Self::Rule { .. } => None,
        }
    }

    /// The one device that it names.
    pub fn device(&self) -> Option<Address> {
        match self.target() {
            Some(Dest::Device(address)) => Some(address),
            _ => None,
        }
    }
}
