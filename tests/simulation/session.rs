//! One session of a device, from its login to its end.

use std::rc::Rc;
use std::time::Duration;

use device_hub::simulate::inbox::Inbox;
use rand::RngExt;
use tokio::io::DuplexStream;
use tokio::time::{Instant, sleep_until};

use crate::device::{Entered, Life};
use crate::faults::{Fault, write_in_pieces};
use crate::measured::is_last_awaited;
use crate::presence::There;
use crate::reader::{Read, Reader};
use crate::world::Stage;

/// Why a session ended.
pub enum End {
    Hub,
    Ourselves,
    /// The connection stays open, and nobody looks at it.
    LeftOpen,
    /// The last LOOPBACK was answered.
    Done,
}

/// What only this session knows.
struct Now {
    io: DuplexStream,
    inbox: Inbox,
    life: usize,
    idle_at: Duration,
    stage: Stage,
    /// When the last word was said first, and when it is said again.
    asked: Option<Instant>,
    ask_at: Instant,
}

impl Life {
    pub async fn session(&mut self, entered: Entered) -> End {
        let (io, inbox, _) = entered.client.into_parts();
        let mut next = Instant::now();
        let mut now = Now {
            io,
            inbox,
            life: entered.power.life,
            idle_at: entered.since,
            stage: self.world.stage.get(),
            asked: None,
            ask_at: next,
        };
        let begun = self.begin();
        if self.say(&mut now, &begun).await.is_err() {
            return End::Hub;
        }
        loop {
            if let Some(end) = self.read_all(&mut now).await {
                return end;
            }
            if self.world.stage.get() == Stage::Leaving
                && Instant::now() >= now.ask_at
                && self.last_word(&mut now).await.is_err()
            {
                return End::Hub;
            }
            self.standing().is(There::Yes, self.world.clock.now());
            let waits_since = self.world.clock.now();
            let timed = tokio::select! {
                biased;
                () = entered.power.off() => return End::Hub,
                filled = now.inbox.fill(&mut now.io) => {
                    if filled.is_err() {
                        return End::Hub;
                    }
                    false
                }
                () = sleep_until(next) => true,
            };
            if self.world.clock.now() > waits_since {
                // Time stands still while anybody has something to do.
                now.idle_at = self.world.clock.now();
            }
            if timed {
                next = Instant::now() + Duration::from_millis(self.rng.random_range(1..1500));
                if let Err(fault) = self.turn(&mut now).await {
                    return self.end(fault, now.io);
                }
            }
        }
    }

    /// What it says first: what it has, and the orders of which it does not know the end.
    fn begin(&self) -> String {
        let known = self.known();
        let mut words = String::new();
        if known.describes {
            let has = "S:t:number:C:0:100|A:a:number:0:9";
            words = format!("{}|0|90|{has}|\x04", known.address);
        }
        let mut panel = self.world.panels[self.index].borrow_mut();
        panel.say(&self.world, self.index, true, &mut words);
        let mut listener = self.world.listeners[self.index].borrow_mut();
        listener.again(&self.world, true, &mut words);
        let issuer = self.world.issuers[self.index].borrow();
        words + &issuer.again(&self.world, self.world.stage.get() == Stage::Confirming)
    }

    async fn say(&mut self, now: &mut Now, words: &str) -> Result<(), Fault> {
        write_in_pieces(&mut now.io, words.as_bytes(), &mut self.rng).await
    }

    async fn read_all(&mut self, now: &mut Now) -> Option<End> {
        while let Some(frame) = now.inbox.take() {
            let frame = frame.to_vec();
            let mut reader = Reader {
                world: &self.world,
                me: self.index,
                newest: &mut self.newest,
                life: now.life,
                idle_at: now.idle_at,
            };
            let Read {
                answer,
                quit,
                last_word,
            } = reader.read(&frame);
            if self.say(now, &answer).await.is_err() || quit {
                return Some(End::Hub);
            }
            if last_word {
                return Some(End::Done);
            }
        }
        None
    }

    async fn last_word(&mut self, now: &mut Now) -> Result<(), Fault> {
        let since = *now.asked.get_or_insert_with(Instant::now);
        assert!(
            since.elapsed() < Duration::from_secs(60),
            "device {} gets no answer to its LOOPBACK",
            self.index
        );
        // An answer that meets a full outbox is dropped, so it is asked again.
        now.ask_at = Instant::now() + Duration::from_secs(3);
        let last = format!("{}|0|50|last-word|\x04", self.known().address);
        self.say(now, &last).await
    }

    /// Its turn to do something: what it put off, and one act.
    async fn turn(&mut self, now: &mut Now) -> Result<(), Fault> {
        let mut words = String::new();
        let me = self.known().address.get();
        self.world.diaries[self.index]
            .borrow_mut()
            .tick(&self.world, me, &mut words);
        let stage = self.world.stage.get();
        if stage != now.stage && stage < Stage::Leaving {
            now.stage = stage;
            let mut issuer = self.world.issuers[self.index].borrow_mut();
            issuer.asked = (self.standing().epoch.get(), self.world.clock.now());
            words += &issuer.again(&self.world, stage == Stage::Confirming);
        }
        self.speak_of_alarms(&mut words);
        self.say(now, &words).await?;
        if self.world.acting() {
            self.act(&mut now.io).await?;
        }
        Ok(())
    }

    /// What has changed, what was not answered, and at last once more what it measures.
    fn speak_of_alarms(&mut self, words: &mut String) {
        let (world, me) = (Rc::clone(&self.world), self.index);
        if world.stage.get() == Stage::Confirming && is_last_awaited(&world, me) {
            let event = self.event();
            words.push_str(std::str::from_utf8(&event).unwrap());
        }
        world.panels[me].borrow_mut().say(&world, me, false, words);
        world.listeners[me].borrow_mut().again(&world, false, words);
    }

    fn end(&mut self, fault: Fault, io: DuplexStream) -> End {
        match fault {
            Fault::Broken => End::Hub,
            Fault::Cut => End::Ourselves,
            Fault::Takeover => {
                self.leave_open(io);
                End::LeftOpen
            }
        }
    }
}
