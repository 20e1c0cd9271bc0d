//! Replays into a hub that is played, over pipes and under virtual time.

use std::collections::BTreeSet;

use tokio::io::{AsyncReadExt, DuplexStream};
use tokio::sync::mpsc;

use super::*;
use crate::simulate::credential::LoginKind;
use crate::wire::EOT;

struct Pipes(mpsc::UnboundedSender<DuplexStream>);

impl Dial for Pipes {
    type Io = DuplexStream;

    async fn dial(&self) -> io::Result<DuplexStream> {
        let (near, far) = tokio::io::duplex(4_096);
        let _ = self.0.send(far);
        Ok(near)
    }
}

async fn frame(io: &mut DuplexStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        match io.read_u8().await {
            Ok(EOT) => return String::from_utf8(bytes).ok(),
            Ok(byte) => bytes.push(byte),
            Err(_) => return None,
        }
    }
}

async fn welcome(ends: &mut mpsc::UnboundedReceiver<DuplexStream>) -> Option<DuplexStream> {
    let mut io = ends.recv().await?;
    frame(&mut io).await?;
    io.write_all(b"42|OK|\x04").await.ok()?;
    frame(&mut io).await?;
    io.write_all(b"OK|OK|\x04").await.ok()?;
    Some(io)
}

fn recording(rows: usize) -> Recording {
    let mut csv = "time,sensor,value\n".to_owned();
    for row in 0..rows {
        csv += &format!("2018-07-28T07:{:02}:{:02}Z,in,{row}\n", row / 60, row % 60);
    }
    Recording::read(csv.as_bytes()).unwrap()
}

/// What the played hub does with the n-th event it gets (from 1).
type Answer = fn(usize, u64) -> Option<String>;

fn stored(msgno: u64) -> String {
    format!("0|42|7|{msgno}|\x04")
}

/// Returns the outcome, and how many events came and how many different ones.
async fn play(rows: usize, speed: Speed, answer: Answer) -> (Outcome, usize, usize) {
    let (ends, mut far) = mpsc::unbounded_channel();
    let who = Credential {
        address: None,
        kind: 1,
        id: "r".into(),
        serial: "S".into(),
        login: LoginKind::Legacy,
    };
    let pipes = Pipes(ends);
    let hub = async {
        let (mut came, mut different) = (0, BTreeSet::new());
        while let Some(mut io) = welcome(&mut far).await {
            while let Some(text) = frame(&mut io).await {
                let fields: Vec<&str> = text.split('|').collect();
                if fields[2] == "20" {
                    return (came, different.len());
                }
                assert_eq!(&fields[..4], ["42", "0", "26", "in"]);
                came += 1;
                different.insert(text.clone());
                match answer(came, fields[7].parse().unwrap()) {
                    Some(bytes) => io.write_all(bytes.as_bytes()).await.unwrap(),
                    None => break,
                }
            }
        }
        (came, different.len())
    };
    let running = replay(recording(rows), speed, &who, &pipes, || 1);
    let (outcome, (came, different)) = tokio::join!(running, hub);
    (outcome.unwrap(), came, different)
}

#[tokio::test(start_paused = true)]
async fn every_row_is_stored_once() {
    let (outcome, came, different) = play(3_000, Speed::Max, |_, msgno| Some(stored(msgno))).await;
    assert_eq!(
        (outcome.sent, outcome.stored, outcome.refused),
        (3_000, 3_000, 0)
    );
    assert_eq!((came, different), (3_000, 3_000));
}

#[tokio::test(start_paused = true)]
async fn after_a_cut_it_goes_on_with_the_same_bytes() {
    let cut = |came, msgno| (came != 500 && came != 700).then(|| stored(msgno));
    let (outcome, _, different) = play(2_000, Speed::Max, cut).await;
    assert_eq!((outcome.sent, outcome.stored), (2_000, 2_000));
    assert_eq!(different, 2_000);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_got_lost_is_asked_for_again() {
    let lose = |came, msgno| {
        Some(if came == 10 {
            String::new()
        } else {
            stored(msgno)
        })
    };
    let (outcome, came, different) = play(100, Speed::Max, lose).await;
    assert_eq!((outcome.stored, came, different), (100, 101, 100));
    assert!(outcome.took >= STALL);
}

#[tokio::test(start_paused = true)]
async fn refused_rows_are_counted_by_reason_and_busy_ones_sent_again() {
    let answer: Answer = |came, msgno| match came {
        7 => Some(format!("0|42|50|ERROR|BUSY|0|{msgno}|\x04")),
        5 => Some(format!("0|42|50|ERROR|BAD_FRAME|0|{msgno}|\x04")),
        _ => Some(stored(msgno)),
    };
    let (outcome, _, different) = play(20, Speed::Max, answer).await;
    assert_eq!((outcome.sent, outcome.stored, outcome.refused), (20, 19, 1));
    assert_eq!(outcome.reasons.get("BAD_FRAME"), Some(&1));
    assert_eq!(different, 20);
}

#[tokio::test(start_paused = true)]
async fn the_recordings_own_pace_is_kept() {
    for (speed, seconds) in [(1.0, 599.0), (10.0, 59.9)] {
        let (outcome, came, _) =
            play(600, Speed::Times(speed), |_, msgno| Some(stored(msgno))).await;
        assert_eq!((outcome.stored, came), (600, 600));
        let took = outcome.took.as_secs_f64();
        assert!((seconds..seconds + 1.0).contains(&took), "{took}");
    }
}

#[test]
fn a_msgno_is_a_row_from_one() {
    assert_eq!(row_of(b"1"), Some(0));
    assert_eq!(row_of(b"97606"), Some(97_605));
    for wrong in [&b""[..], b"0", b"x", b"99999999999999999999999"] {
        assert_eq!(row_of(wrong), None);
    }
}
