//! A device that logs in anew while its older session is still open.

use std::rc::Rc;
use std::time::Duration;

use rand::RngExt;
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep};

use crate::device::Life;

impl Life {
    /// The older session stays open, unread, for as long as it likes, and says something that nobody may believe.
    pub fn leave_open(&mut self, mut old: DuplexStream) {
        let lasting = Duration::from_millis(self.rng.random_range(1..5000));
        let (world, index) = (Rc::clone(&self.world), self.index);
        let epoch = self.standing().epoch.get();
        actix::spawn(async move {
            let until = Instant::now() + lasting;
            while Instant::now() < until && world.standings[index].epoch.get() == epoch {
                sleep(Duration::from_millis(20)).await;
            }
            if world.standings[index].epoch.get() != epoch {
                let lie = world.diaries[index].borrow().unanswered().map(|id| {
                    let me = world.devices[index].address;
                    format!("{me}|0|4|a|77|{id}|\x04{me}|0|6|{id}|\x04")
                });
                if let Some(lie) = lie
                    && old.write_all(lie.as_bytes()).await.is_ok()
                {
                    world.count("words of an older session");
                }
                sleep(lasting).await;
            }
            drop(old);
        });
    }
}
