//! Somebody who listens on the line and replays legacy logins, and guesses serials.

use std::rc::Rc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::sleep;

use crate::world::World;

pub async fn live(world: Rc<World>) {
    let mut rng = StdRng::seed_from_u64(world.seed ^ 0xA77A_C4E5);
    while world.acting() {
        sleep(Duration::from_millis(rng.random_range(50..400))).await;
        let captured = {
            let all = world.captured.borrow();
            if all.is_empty() {
                None
            } else {
                Some(all[rng.random_range(0..all.len())].clone())
            }
        };
        let Some((index, digest, nonce)) = captured else {
            continue;
        };
        let answer = replay(&world, &mut rng, index, &format!("{digest}|{nonce}|\x04")).await;
        assert!(
            !answer.contains("OK|OK"),
            "a replayed login of device {index} was accepted"
        );
        if answer.starts_with("REFUSED|ERROR|") {
            world.count("replays refused");
        }
    }
}

async fn replay(world: &Rc<World>, rng: &mut StdRng, index: usize, answer: &str) -> String {
    let Some((mut io, _)) = world.connect(rng) else {
        return String::new();
    };
    let who = &world.devices[index].credential;
    let hello = format!("{}|{}|\x04", who.kind, who.id);
    if io.write_all(hello.as_bytes()).await.is_err() {
        return String::new();
    }
    let mut offer = Vec::new();
    while !offer.contains(&4) {
        let mut byte = [0];
        if io.read_exact(&mut byte).await.is_err() {
            return String::new();
        }
        offer.push(byte[0]);
    }
    let _ = io.write_all(answer.as_bytes()).await;
    let mut rest = Vec::new();
    let mut chunk = [0; 256];
    // A session that was granted would go on: what matters is the first answer.
    if let Ok(n) = io.read(&mut chunk).await {
        rest.extend_from_slice(&chunk[..n]);
    }
    String::from_utf8_lossy(&rest).into_owned()
}
