//! A device and its doorman against a hub that is played, over pipes and under virtual time.

use std::cell::RefCell;
use std::rc::Rc;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc;

use super::*;
use crate::simulate::credential::LoginKind;
use crate::simulate::kinds;
use crate::wire::EOT;

/// Each dial hands the far end to the test, or fails while the hub is "down".
struct Pipes {
    ends: mpsc::UnboundedSender<DuplexStream>,
    attempts: Rc<RefCell<Vec<Instant>>>,
}

impl Dial for Pipes {
    type Io = DuplexStream;

    async fn dial(&self) -> io::Result<DuplexStream> {
        self.attempts.borrow_mut().push(Instant::now());
        let (near, far) = tokio::io::duplex(4_096);
        match self.ends.send(far) {
            Ok(()) => Ok(near),
            Err(_) => Err(io::ErrorKind::ConnectionRefused.into()),
        }
    }
}

struct Hub {
    ends: mpsc::UnboundedReceiver<DuplexStream>,
    attempts: Rc<RefCell<Vec<Instant>>>,
    stop: watch::Sender<bool>,
    tally: Arc<Tally>,
}

fn open() -> (Hub, Doorman<Pipes, StdRng>) {
    let (ends, far_ends) = mpsc::unbounded_channel();
    let (stop, stopped) = watch::channel(false);
    let (attempts, tally) = (Rc::default(), Arc::<Tally>::default());
    let hub = Hub {
        ends: far_ends,
        attempts: Rc::clone(&attempts),
        stop,
        tally: Arc::clone(&tally),
    };
    let clock = Clock::simulated(1_000_000);
    let doorman = Doorman {
        device: Device::new(
            kinds::generic(),
            7,
            10_000,
            clock.unix_ms(),
            Arc::clone(&tally),
        ),
        credential: Credential {
            address: None,
            kind: 511,
            id: "1".into(),
            serial: "S".into(),
            login: LoginKind::Legacy,
        },
        dial: Pipes { ends, attempts },
        clock,
        rng: StdRng::seed_from_u64(1),
        nonce: || 1,
        tally,
        stop: stopped,
        away: None,
    };
    (hub, doorman)
}

async fn heard(io: &mut DuplexStream) -> String {
    let mut bytes = Vec::new();
    loop {
        match io.read_u8().await {
            Ok(EOT) | Err(_) => return String::from_utf8(bytes).unwrap(),
            Ok(byte) => bytes.push(byte),
        }
    }
}

impl Hub {
    async fn welcome(&mut self) -> DuplexStream {
        let mut io = self.ends.recv().await.unwrap();
        assert_eq!(heard(&mut io).await, "511|1|");
        io.write_all(b"42|OK|x|\x04").await.unwrap();
        heard(&mut io).await;
        io.write_all(b"OK|OK|\x04").await.unwrap();
        assert!(heard(&mut io).await.starts_with("42|0|90|S:temperature:"));
        io
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_cut_it_comes_back_and_says_the_same_reading_again() {
    let (mut hub, doorman) = open();
    let play = async {
        let mut io = hub.welcome().await;
        let reading = heard(&mut io).await;
        drop(io);
        let mut io = hub.welcome().await;
        assert_eq!(heard(&mut io).await, reading);
        let msgno = reading.split('|').nth(7).unwrap();
        let stored = format!("0|42|7|{msgno}|\x04");
        io.write_all(stored.as_bytes()).await.unwrap();
        assert_ne!(heard(&mut io).await, reading);
        assert_eq!(hub.tally.connected.get(), 1);
        hub.stop.send(true).unwrap();
    };
    let (ended, ()) = tokio::join!(doorman.run(Duration::ZERO), play);
    assert_eq!(ended, Ended::Stopped);
    assert_eq!((hub.tally.sent.get(), hub.tally.stored.get()), (2, 1));
    assert_eq!(hub.tally.reconnects.get(), 1);
    assert_eq!(hub.tally.connected.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_was_taken_over_stays_away() {
    let (mut hub, doorman) = open();
    let play = async {
        let mut io = hub.welcome().await;
        io.write_all(b"0|42|20|TAKEN_OVER|\x04").await.unwrap();
        io
    };
    let (ended, _io) = tokio::join!(doorman.run(Duration::ZERO), play);
    assert_eq!(ended, Ended::TakenOver);
}

#[tokio::test(start_paused = true)]
async fn a_busy_hub_is_left_alone_for_as_long_as_it_asked() {
    let (mut hub, doorman) = open();
    let play = async {
        let mut io = hub.ends.recv().await.unwrap();
        io.write_all(b"BUSY|ERROR|20|\x04").await.unwrap();
        hub.welcome().await;
        hub.stop.send(true).unwrap();
    };
    tokio::join!(doorman.run(Duration::ZERO), play);
    let attempts = hub.attempts.borrow();
    assert!(attempts[1] - attempts[0] >= Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_stalls_at_login_is_given_up_after_a_deadline() {
    let (mut hub, doorman) = open();
    let play = async {
        let _silent = hub.ends.recv().await.unwrap();
        hub.welcome().await;
        hub.stop.send(true).unwrap();
    };
    tokio::join!(doorman.run(Duration::ZERO), play);
    let attempts = hub.attempts.borrow();
    assert!(attempts[1] - attempts[0] >= LOGIN);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_sent_away_says_so_and_is_back_as_soon_as_it_may() {
    let (mut hub, mut doorman) = open();
    let (away, is_away) = watch::channel(false);
    doorman.away = Some(is_away);
    let play = async {
        let mut io = hub.welcome().await;
        away.send(true).unwrap();
        while heard(&mut io).await != "42|0|20|AWAY|" {}
        sleep(Duration::from_secs(15)).await;
        assert_eq!(hub.attempts.borrow().len(), 1);
        let back = Instant::now();
        away.send(false).unwrap();
        let _io = hub.welcome().await;
        assert!(back.elapsed() < Duration::from_secs(1));
        hub.stop.send(true).unwrap();
    };
    let (ended, ()) = tokio::join!(doorman.run(Duration::ZERO), play);
    assert_eq!(ended, Ended::Stopped);
}

#[tokio::test(start_paused = true)]
async fn it_acts_by_itself_while_the_hub_is_away_and_tells_it_afterwards() {
    let (mut hub, mut doorman) = open();
    doorman.device = Device::new(
        kinds::generic(),
        7,
        0,
        doorman.clock.unix_ms(),
        Arc::clone(&doorman.tally),
    );
    let begin = doorman.clock.unix_ms();
    let play = async {
        let mut io = hub.welcome().await;
        io.write_all(b"0|42|31|cold|temperature|<|99|1|5000|relay|true|7|\x04")
            .await
            .unwrap();
        assert_eq!(heard(&mut io).await, "42|0|6|7|");
        drop(io);
        sleep(Duration::from_secs(12)).await;
        assert_eq!(hub.tally.alarms.acted.get(), 1);
        let mut io = hub.welcome().await;
        let alarm = heard(&mut io).await;
        assert!(alarm.starts_with("42|0|30|cold|temperature|"), "{alarm}");
        let at: i64 = alarm.split('|').nth(7).unwrap().parse().unwrap();
        assert!((5_000..7_000).contains(&(at - begin)), "{alarm}");
        let stands = heard(&mut io).await;
        assert!(stands.starts_with("42|0|26|relay|true||"), "{stands}");
        drop(io);
        let mut io = hub.welcome().await;
        assert_eq!(heard(&mut io).await, alarm);
        assert_eq!(heard(&mut io).await, stands);
        hub.stop.send(true).unwrap();
    };
    let (ended, ()) = tokio::join!(doorman.run(Duration::ZERO), play);
    assert_eq!(ended, Ended::Stopped);
}
