//! Orders as operators and devices give them, drawn from the seed.

use rand::RngExt;
use rand::rngs::StdRng;

use crate::plans::{BLINK, CLOCK_READ, CLOCK_SET, EVENT_SET, OWN, READ, WRITE};
use crate::register::LABELS;
use crate::world::World;

pub struct Drawn {
    pub group: usize,
    /// An address, a label or `*`.
    pub target: String,
    pub kind: u32,
    pub fields: Vec<String>,
    pub expiry: Expiry,
}

#[derive(Clone, Copy, Debug)]
pub enum Expiry {
    Default,
    Never,
    /// Milliseconds from now; past ones too.
    In(i64),
}

/// For a device as issuer: to its own group, or in vain to another's.
pub fn drawn(world: &World, rng: &mut StdRng, issuer: Option<usize>) -> Drawn {
    let any = &world.devices[rng.random_range(0..world.devices.len())];
    let group = match issuer {
        Some(me) if rng.random_bool(0.95) => world.devices[me].group,
        _ => any.group,
    };
    let of_group: Vec<_> = world.devices.iter().filter(|d| d.group == group).collect();
    // A few devices get much, so that queues fill and orders wait behind each other.
    let near = if rng.random_bool(0.5) {
        3.min(of_group.len())
    } else {
        of_group.len()
    };
    let target = match rng.random_range(0..100) {
        0..86 => of_group[rng.random_range(0..near)].address.to_string(),
        86..97 => format!("@{}", LABELS[rng.random_range(0..LABELS.len())]),
        _ => "*".to_owned(),
    };
    let value = rng.random_range(0..10).to_string();
    let (kind, fields) = match rng.random_range(0..100) {
        0..40 => (WRITE, vec!["a".into(), value]),
        40..42 => (WRITE, vec!["b".into(), "1".into()]),
        42..60 => (READ, vec!["t".into()]),
        60..72 => {
            let period = [0, 1000, 2000, 5000][rng.random_range(0..4)];
            (EVENT_SET, vec!["t".into(), period.to_string()])
        }
        72..82 => (BLINK, vec![]),
        82..86 => (CLOCK_SET, vec![]),
        86..90 => (CLOCK_READ, vec![]),
        _ => (OWN, vec!["tune".into()]),
    };
    let expiry = match rng.random_range(0..100) {
        0..30 => Expiry::Default,
        30..40 => Expiry::Never,
        40..65 => Expiry::In(rng.random_range(100..3000)),
        65..97 => Expiry::In(rng.random_range(3000..20_000)),
        _ => Expiry::In(-rng.random_range(0..1000)),
    };
    Drawn {
        group,
        target,
        kind,
        fields,
        expiry,
    }
}
