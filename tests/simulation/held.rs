//! What a device was given to hold: periods and alarm rules. It has them from the moment at which they come.

use crate::plans::{ALARM_SET, ALARM_STOP, EVENT_SET, Receipt};
use crate::servant::Diary;
use crate::world::World;

impl Diary {
    fn set_period(&mut self, receipt: &Receipt) {
        let period: i64 = receipt.fields[1].parse().unwrap();
        let sensor = receipt.fields[0].clone();
        if period == 0 {
            self.periods.remove(&sensor);
        } else {
            self.periods.insert(sensor, (period, receipt.id));
        }
    }

    /// What it has from now on, whether it says so or not.
    pub fn hold(&mut self, world: &World, me: u32, receipt: &Receipt) {
        let mut panel = world.panels[world.index_of(me)].borrow_mut();
        let fields = &receipt.fields[..receipt.fields.len() - 1];
        match receipt.kind {
            EVENT_SET => self.set_period(receipt),
            ALARM_SET => {
                panel.keep(fields, receipt.id);
            }
            ALARM_STOP => panel.stop(&fields[0]),
            _ => {}
        }
    }

    /// It has it no more.
    pub fn let_go(&mut self, world: &World, me: u32, receipt: &Receipt) {
        let id = receipt.id;
        match receipt.kind {
            EVENT_SET => self.periods.retain(|_, (_, command)| *command != id),
            ALARM_SET => {
                let mut panel = world.panels[world.index_of(me)].borrow_mut();
                panel.reject(&receipt.fields[0], id);
            }
            _ => {}
        }
    }
}

/// What READ asks for: value, unit and time.
pub fn measure(world: &World, me: u32, id: i64) -> String {
    let index = world.index_of(me);
    world.panels[index].borrow_mut().measured(id % 90);
    let mut measured = world.measured[index].borrow_mut();
    measured.said(id, world.clock.now());
    format!("{}|C|{}", id % 90, world.time_of(index))
}
