//! The load itself under test: a small NATS server that loses, repeats or changes one message must not pass.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rstest::rstest;

use super::client::Protocol;
use super::fanout::Fanout;
use super::meter::{Faults, Span};
use super::pairs::{Drive, Pairs};
use super::target::Server;

const SPAN: Span = Span {
    warm_up: 0.02,
    measured: 0.15,
};
/// The message that is treated badly, of each subscriber.
const BAD: u64 = 20;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Loses,
    Repeats,
    Changes,
}

type Subscribers = Arc<Mutex<HashMap<String, Vec<(TcpStream, u64)>>>>;

fn serve(fault: Fault) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let subscribers = Subscribers::default();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let subscribers = Arc::clone(&subscribers);
            // Ends with an error when the load closes its end.
            std::thread::spawn(move || converse(stream, &subscribers, fault));
        }
    });
    address
}

fn converse(mut stream: TcpStream, subscribers: &Subscribers, fault: Fault) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    stream.write_all(b"INFO {}\r\n")?;
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words.as_slice() {
            ["PING"] => stream.write_all(b"PONG\r\n")?,
            ["SUB", topic, _] => {
                let mut all = subscribers.lock().unwrap();
                let entry = all.entry((*topic).into()).or_default();
                entry.push((stream.try_clone()?, 0));
            }
            ["PUB", topic, size] => {
                let mut body = vec![0; size.parse::<usize>().unwrap() + 2];
                lines.read_exact(&mut body)?;
                let mut all = subscribers.lock().unwrap();
                for (subscriber, count) in all.entry((*topic).into()).or_default() {
                    let bad = if *count == BAD { fault } else { Fault::None };
                    deliver(subscriber, topic, &body, bad)?;
                    *count += 1;
                }
            }
            _ => {}
        }
        line.clear();
    }
    Ok(())
}

fn deliver(to: &mut TcpStream, topic: &str, body: &[u8], fault: Fault) -> std::io::Result<()> {
    let mut body = body.to_vec();
    if fault == Fault::Changes {
        // The sender's number.
        body[7] = b'9';
    }
    let mut message = format!("MSG {topic} 1 {}\r\n", body.len() - 2).into_bytes();
    message.append(&mut body);
    match fault {
        Fault::Loses => Ok(()),
        Fault::Repeats => to.write_all(&message.repeat(2)),
        Fault::None | Fault::Changes => to.write_all(&message),
    }
}

fn faults(lost: u64, misordered: u64, foreign: u64) -> Faults {
    Faults {
        lost,
        misordered,
        foreign,
    }
}

#[rstest]
#[case(Fault::None, faults(0, 0, 0))]
#[case(Fault::Loses, faults(3, 0, 0))]
#[case(Fault::Repeats, faults(0, 3, 0))]
// The changed message itself is missing too.
#[case(Fault::Changes, faults(3, 0, 3))]
fn pairs_notice_what_the_server_does_wrong(#[case] fault: Fault, #[case] expected: Faults) {
    for drive in [Drive::Window(4), Drive::Rate(3_000)] {
        let server = Server::in_this_process(serve(fault), Protocol::Nats);
        let load = Pairs {
            pairs: 3,
            groups: 1,
            drive,
            body: 64,
            span: SPAN,
        };
        let figures = load.run(&server).unwrap();
        assert_eq!(figures.faults, expected, "{drive:?}");
        assert!(figures.delivered > 0, "{drive:?}: {}", figures.delivered);
    }
}

#[rstest]
#[case(Fault::None, faults(0, 0, 0))]
#[case(Fault::Loses, faults(5, 0, 0))]
#[case(Fault::Repeats, faults(0, 5, 0))]
#[case(Fault::Changes, faults(5, 0, 5))]
fn a_fan_out_counts_every_copy(#[case] fault: Fault, #[case] expected: Faults) {
    let server = Server::in_this_process(serve(fault), Protocol::Nats);
    let load = Fanout {
        receivers: 5,
        window: 2,
        body: 64,
        span: SPAN,
    };
    let figures = load.run(&server).unwrap();
    assert_eq!(figures.faults, expected);
    assert!(figures.delivered > 0, "{}", figures.delivered);
}

#[test]
fn a_server_that_hangs_up_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || drop(listener.accept()));
    let server = Server::in_this_process(address, Protocol::Nats);
    let load = Pairs {
        pairs: 1,
        groups: 1,
        drive: Drive::Window(1),
        body: 64,
        span: SPAN,
    };
    assert!(load.run(&server).is_err());
}
