//! Many sessions that report: one thread, evenly spread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;

use super::device::Device;
use crate::clock::Clock;
use crate::failure::{Context, Failure};
use crate::wire::kind;

const TICK: Duration = Duration::from_millis(2);

/// Sends so many EVENTs a second from all of them in turn.
pub(super) fn run(devices: Vec<Device>, events: u32, over: &AtomicBool) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("preparing the load")?;
    let done = runtime.block_on(send(devices, events, over));
    // Nobody waits for the measuring when the load has failed.
    over.store(true, Ordering::Relaxed);
    done
}

async fn send(devices: Vec<Device>, events: u32, over: &AtomicBool) -> Result<(), Failure> {
    let mut writers = Vec::new();
    for device in devices {
        let address = device.address;
        let stream = device.into_stream();
        stream.set_nonblocking(true).context("preparing a socket")?;
        let stream = TcpStream::from_std(stream).context("preparing a socket")?;
        let (reading, writing) = stream.into_split();
        tokio::spawn(drain(reading));
        writers.push((address, writing));
    }
    let (clock, mut frame) = (Clock::system(), String::new());
    let (mut number, began) = (0u64, Instant::now());
    let mut due = began;
    while !over.load(Ordering::Relaxed) {
        let now_ms = clock.unix_ms();
        let wanted = began.elapsed().as_secs_f64() * f64::from(events);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        while (number as f64) < wanted {
            let at = usize::try_from(number).unwrap_or_default() % writers.len();
            if let Some((address, writing)) = writers.get_mut(at) {
                let tenths = 200 + number * 7919 % 40;
                frame.clear();
                frame += &format!(
                    "{address}|0|{}|temperature|{}.{}|C|{now_ms}|{number}|\x04",
                    kind::EVENT,
                    tenths / 10,
                    tenths % 10
                );
                // A hub that does not read shows as fewer events a second.
                let sent = writing.write_all(frame.as_bytes()).await;
                sent.context("sending EVENTs")?;
            }
            number += 1;
        }
        due += TICK;
        tokio::time::sleep_until(due.into()).await;
    }
    Ok(())
}

/// Reads the answers and forgets them: the hub's own counters say what it stored.
async fn drain(reading: OwnedReadHalf) {
    let mut part = [0; 4096];
    while reading.readable().await.is_ok() {
        match reading.try_read(&mut part) {
            Ok(0) => return,
            Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => return,
            _ => {}
        }
    }
}
