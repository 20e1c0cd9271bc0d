//! One device that asks for more than it can be told slows down nobody of another group.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::harness::{Client, Device, Home, Hub};

const MEMBERS: usize = 500;

/// Registers a crowd in one go; 500 verbs would take longer than the test.
fn crowd(home: &Home) -> Vec<Device> {
    let name = "n".repeat(100);
    let rows = (0..MEMBERS).map(|i| format!("harbour,600,m{i},,challenge,{name}\n"));
    let csv = format!(
        "group,type,id,serial,login,name\n{}",
        rows.collect::<String>()
    );
    let (file, out) = (home.write("crowd.csv", &csv), home.path("serials.csv"));
    let out_text = out.to_str().unwrap();
    home.verb(&["device", "import", &file, "--credentials", out_text])
        .ok();
    let mut reader = csv::Reader::from_path(&out).unwrap();
    let rows = reader.records().map(Result::unwrap);
    let devices = rows.map(|row| Device {
        address: row[0].parse().unwrap(),
        kind: row[1].parse().unwrap(),
        id: row[2].to_owned(),
        serial: row[3].to_owned(),
        legacy: false,
    });
    devices.collect()
}

struct Island {
    hub: Hub,
    crowd: Vec<Client>,
    a: Client,
    b: Client,
}

/// All groups live on one thread.
fn island() -> Island {
    let home = Home::new()
        .set("ROUTING__THREADS", "1")
        .set("SHUTDOWN_SECONDS", "1");
    let (one, other, members) = (home.add("greenhouse"), home.add("greenhouse"), crowd(&home));
    let hub = home.start();
    let crowd = members.iter().map(|member| hub.login(member)).collect();
    let (a, b) = (hub.login(&one), hub.login(&other));
    Island { hub, crowd, a, b }
}

/// Writes it all at once from a thread of its own, and reads nothing: the hub may stop reading at any point.
pub(crate) fn flood(mut flooder: Client, request: &str, times: usize) -> JoinHandle<Client> {
    let frame = flooder.frame(0, request) + "\x04";
    std::thread::spawn(move || {
        let _ = flooder.send_raw(frame.repeat(times).as_bytes());
        flooder
    })
}

/// The longest wait for one message while the flood goes on.
#[track_caller]
pub(crate) fn longest_wait(a: &mut Client, b: &mut Client, during: Duration) -> Duration {
    let (begun, mut longest, mut count) = (Instant::now(), Duration::ZERO, 0_u32);
    while begun.elapsed() < during {
        let sent = Instant::now();
        a.say(b.address, format_args!("60|between|{count}"));
        b.expect(&a.frame(b.address, format_args!("60|between|{count}")));
        longest = longest.max(sent.elapsed());
        count += 1;
    }
    longest
}

#[track_caller]
fn delays_nobody(request: &str, times: usize) {
    let mut island = island();
    let flooder = island.crowd.pop().unwrap();
    let flooding = flood(flooder, request, times);
    let longest = longest_wait(&mut island.a, &mut island.b, Duration::from_secs(3));
    let limit = Duration::from_secs(1);
    assert!(longest < limit, "a message took {longest:?}");
    island.a.expect_nothing();
    drop(island.hub);
    drop(flooding.join());
}

/// P7.4, P3.6
#[test]
fn thousands_of_questions_for_the_devices_do_not_delay_another_group() {
    delays_nobody("500|1", 20_000);
}

/// P7.4, P3.6: the longest msgno makes each answer as long as it can become.
#[test]
fn questions_with_a_long_msgno_do_not_delay_another_group() {
    let msgno = "9".repeat(8150);
    delays_nobody(&format!("500|{msgno}"), 3000);
}

/// P3.6: two that read their answers are answered, and the other group is not delayed.
#[test]
fn devices_that_read_their_answers_do_not_delay_another_group() {
    let mut island = island();
    let mut asker = island.crowd.pop().unwrap();
    let asking = std::thread::spawn(move || {
        let (begun, mut entries) = (Instant::now(), 0);
        while begun.elapsed() < Duration::from_secs(2) {
            for _ in 0..5 {
                asker.say(0, "500|7");
            }
            entries = asker
                .barrier()
                .iter()
                .map(|f| f.split('|').count() - 5)
                .sum();
        }
        entries
    });
    let longest = longest_wait(&mut island.a, &mut island.b, Duration::from_secs(2));
    assert!(
        longest < Duration::from_secs(1),
        "a message took {longest:?}"
    );
    assert_eq!(asking.join().unwrap(), 5 * MEMBERS);
}
