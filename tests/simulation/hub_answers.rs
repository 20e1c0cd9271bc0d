//! What the hub answers to a device's own words: STORED, ERROR, QUIT.

use crate::reader::Reader;

impl Reader<'_> {
    /// A report of an alarm, or an EVENT.
    pub fn stored(&self, msgno: i64) {
        let world = self.world;
        if world.panels[self.me].borrow_mut().is_stored(world, msgno) {
            return;
        }
        let number = (world.devices[self.me].address.get(), msgno);
        assert!(
            world.sent_events.borrow().contains(&number),
            "STORED of what was never sent"
        );
        let mut measured = world.measured[self.me].borrow_mut();
        measured.is_stored(msgno, self.life);
        world.acknowledged.borrow_mut().insert(number);
    }

    fn of_report(&self, reason: &str, msgno: &str) -> bool {
        let mut panel = self.world.panels[self.me].borrow_mut();
        panel.refused(self.world, reason, msgno)
    }

    /// `50|ERROR|reason|dest|msgno` about a frame to the hub: an answer, or an order of its own.
    pub fn error(&self, fields: &[&str]) {
        let ["ERROR", reason, "0", msgno] = fields[3..] else {
            return;
        };
        let me = self.world.devices[self.me].address.get();
        if msgno.starts_with('s') {
            self.world.listeners[self.me].borrow().refused(reason);
        } else if msgno.starts_with('c') {
            let mut issuer = self.world.issuers[self.me].borrow_mut();
            issuer.refused(self.world, reason, msgno);
        } else if !self.of_report(reason, msgno) {
            self.world.diaries[self.me]
                .borrow_mut()
                .refused(self.world, me, reason, msgno);
        }
    }

    pub fn quit(&self, reason: &str) {
        let expected = ["TAKEN_OVER", "SLOW_READER", "SILENT", "PROTOCOL_ERRORS"];
        assert!(
            expected.contains(&reason),
            "the hub ends a session with {reason}"
        );
    }
}
