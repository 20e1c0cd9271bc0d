//! The same conversation inside TLS.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::harness::{Client, Home, Hub, PATIENCE};

/// Connects as a device that was given the hub's certificate and trusts nothing else.
#[track_caller]
pub(crate) fn connect(hub: &Hub) -> Client {
    let mut trusted = RootCertStore::empty();
    let own = CertificateDer::from_pem_file(hub.data("tls-cert.pem")).unwrap();
    trusted.add(own).unwrap();
    let config = ClientConfig::builder()
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let socket = TcpStream::connect_timeout(&hub.tls_port(), PATIENCE).unwrap();
    let under = socket.try_clone().unwrap();
    Client::over(StreamOwned::new(connection, socket), under)
}

fn hub() -> Hub {
    Home::new()
        .set("DEVICES__TLS_LISTEN", "127.0.0.1:0")
        .start()
}

#[test]
fn a_device_logs_in_over_tls_and_talks_to_one_without() {
    let hub = hub();
    let (one, other) = (hub.add("greenhouse"), hub.add("greenhouse"));
    let mut safe = connect(&hub);
    safe.login(&one);
    let mut plain = hub.login(&other);
    safe.say(plain.address, "60|from inside|1");
    plain.expect(&safe.frame(plain.address, "60|from inside|1"));
    plain.say(safe.address, "60|from outside|2");
    safe.expect(&plain.frame(safe.address, "60|from outside|2"));
    safe.say(0, "26|t|1|C|1700000000000|1");
    safe.expect_hub("7|1");
}

/// P8.2, P2.15: the other end of a TLS session is told like any other.
#[test]
fn a_takeover_is_told_over_tls() {
    let hub = hub();
    let device = hub.add("greenhouse");
    let mut older = connect(&hub);
    older.login(&device);
    let _newer = hub.login(&device);
    older.expect_quit("TAKEN_OVER");
}

/// P1.4: frames larger than a TLS record.
#[test]
fn many_large_frames_pass_through_tls() {
    let hub = hub();
    let (one, other) = (hub.add("greenhouse"), hub.add("greenhouse"));
    let (mut a, mut b) = (connect(&hub), connect(&hub));
    a.login(&one);
    b.login(&other);
    let big = "x".repeat(8000);
    for i in 0..50 {
        a.say(b.address, format_args!("60|{big}|{i}"));
    }
    for i in 0..50 {
        b.expect(&a.frame(b.address, format_args!("60|{big}|{i}")));
    }
}

/// P2.12
#[test]
fn plain_bytes_at_the_tls_port_are_let_go() {
    let hub = hub();
    let mut plain = Client::connect(hub.tls_port());
    plain.send_raw(b"511|100001|\x04").unwrap();
    let begun = Instant::now();
    plain.rest_until_torn();
    assert!(begun.elapsed() < PATIENCE, "never closed");
    hub.login(&hub.add("greenhouse")).expect_nothing();
}

/// P2.12: the handshake is part of the login's time.
#[test]
fn a_silent_tls_connection_times_out() {
    let hub = Home::new()
        .set("DEVICES__TLS_LISTEN", "127.0.0.1:0")
        .set("DEVICES__LOGIN_SECONDS", "1")
        .start();
    assert_eq!(Client::connect(hub.tls_port()).rest(), [""; 0]);
}
