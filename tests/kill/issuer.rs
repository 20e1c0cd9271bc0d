//! A device with the right `control` that orders by COMMAND, and orders again until it has read a final state (C3.3).

use std::collections::BTreeMap;

use rand::RngExt;
use rand::rngs::StdRng;

/// Orders that may be open at once.
const WINDOW: usize = 6;

/// What it knows of one order; survives every kill.
#[derive(Debug)]
pub(crate) struct Order {
    frame: String,
    /// The last state that it was told, with the detail.
    pub(crate) told: Option<(String, String)>,
    /// Refused in the end, for this reason.
    pub(crate) refused: Option<String>,
}

impl Order {
    fn is_open(&self) -> bool {
        let ended = |(state, _): &(String, String)| {
            !matches!(state.as_str(), "QUEUED" | "SENT" | "ACCEPTED")
        };
        self.refused.is_none() && !self.told.as_ref().is_some_and(ended)
    }
}

pub(crate) struct Issuer {
    rng: StdRng,
    targets: Vec<u32>,
    last: u64,
    /// By number, which is the msgno and the value to write.
    pub(crate) orders: BTreeMap<u64, Order>,
    pub(crate) broken: Vec<String>,
}

impl Issuer {
    /// Its numbers begin above `base`.
    pub(crate) fn new(rng: StdRng, targets: Vec<u32>, base: u64) -> Self {
        Self {
            rng,
            targets,
            last: base,
            orders: BTreeMap::new(),
            broken: Vec::new(),
        }
    }

    pub(crate) fn owes_nothing(&self) -> bool {
        !self.orders.values().any(Order::is_open)
    }

    /// The orders whose end it does not know.
    pub(crate) fn owes(&self) -> Vec<&Order> {
        self.orders
            .values()
            .filter(|order| order.is_open())
            .collect()
    }

    /// What a new session begins with: the same bytes as before.
    pub(crate) fn again(&self) -> Vec<String> {
        let open = self.orders.values().filter(|order| order.is_open());
        open.map(|order| order.frame.clone()).collect()
    }

    /// A new order, if there is room: half of them for a moment only.
    pub(crate) fn next(&mut self, now_ms: i64) -> Option<String> {
        let open = self.orders.values().filter(|order| order.is_open()).count();
        if open >= WINDOW {
            return None;
        }
        self.last += 1;
        let number = self.last;
        let target = self.targets[self.rng.random_range(0..self.targets.len())];
        let expires = now_ms + expiry_ms(&mut self.rng);
        let frame = format!("40|{target}|3|{expires}|act|{number}|{number}");
        let order = Order {
            frame: frame.clone(),
            told: None,
            refused: None,
        };
        self.orders.insert(number, order);
        Some(frame)
    }

    /// A COMMAND_STATE came.
    pub(crate) fn is_told(&mut self, state: &str, detail: &str, msgno: &str) {
        let Some(order) = msgno
            .parse()
            .ok()
            .and_then(|n: u64| self.orders.get_mut(&n))
        else {
            self.broken
                .push(format!("C2.11: told {state} of {msgno}, not its own"));
            return;
        };
        order.told = Some((state.to_owned(), detail.to_owned()));
    }

    /// A refusal came; whether it is for one of its orders.
    pub(crate) fn is_refused(&mut self, reason: &str, msgno: &str) -> bool {
        let Some(order) = msgno
            .parse()
            .ok()
            .and_then(|n: u64| self.orders.get_mut(&n))
        else {
            return false;
        };
        match reason {
            // Not now: it stays open and is sent again in the next session.
            "NOT_STORED" => {}
            // C3.3: an order that has expired is no repeat any more, whatever became of it.
            "BUSY" | "EXPIRED" => order.refused = Some(reason.to_owned()),
            _ => self
                .broken
                .push(format!("refused {reason}: {}", order.frame)),
        }
        true
    }
}

/// A moment, or longer than the script runs.
pub(crate) fn expiry_ms(rng: &mut StdRng) -> i64 {
    if rng.random_bool(0.5) {
        rng.random_range(100..1500)
    } else {
        600_000
    }
}
