//! The login against a hub that is played word by word.

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::*;
use crate::wire::EOT;

const SERIAL: &str = "SN-EXAMPLE-01";
const NONCE: u128 = 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff;
const CHALLENGE: &str = "ffeeddccbbaa99887766554433221100";
const PROOF: &str = "0cf652d1e9a1338c383e5b56973a1e06b79896087e40b5f3341da8a186ad8c35";

fn device(login: LoginKind) -> Credential {
    Credential {
        address: None,
        kind: 511,
        id: "100001".into(),
        serial: SERIAL.into(),
        login,
    }
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

/// Plays a hub that says `answers` in order; returns the outcome and what the hub heard.
async fn play(
    who: Credential,
    nonce: u128,
    answers: &[&str],
) -> (Result<Client<DuplexStream>, LoginError>, Vec<String>) {
    let (near, mut far) = tokio::io::duplex(16);
    let hub = async move {
        let mut words = Vec::new();
        for answer in answers {
            words.push(heard(&mut far).await);
            let text = format!("{answer}\x04");
            far.write_all(text.as_bytes()).await.unwrap();
        }
        words
    };
    tokio::join!(login(near, &who, nonce), hub)
}

#[tokio::test]
async fn a_challenge_login_says_the_published_vector_and_takes_the_proof() {
    let offer = format!("42|OK|{CHALLENGE}|");
    let welcome = format!("OK|OK|{PROOF}|");
    let who = device(LoginKind::Challenge);
    let (client, words) = play(who, NONCE, &[&offer, &welcome]).await;
    assert_eq!(client.unwrap().address().get(), 42);
    assert_eq!(
        words,
        [
            "511|100001|",
            "2c553306c7c0fa1e5b4213038bb7a2fad7f1a15e05d86882dd4e9889d1035660|00112233445566778899aabbccddeeff|2|"
        ]
    );
}

#[tokio::test]
async fn a_legacy_login_says_the_published_vector() {
    let (client, words) = play(
        device(LoginKind::Legacy),
        4821,
        &["42|OK|anything|", "OK|OK|"],
    )
    .await;
    assert!(client.is_ok());
    assert_eq!(
        words[1],
        "6311583b45f83b1ff9115f880efd59f4562fae58015b8c0a35ae95d3b2888975|4821|"
    );
}

#[tokio::test]
async fn a_hub_without_the_serial_is_found_out() {
    let offer = format!("42|OK|{CHALLENGE}|");
    for welcome in [
        "OK|OK|".to_string(),
        format!("OK|OK|{}|", "0".repeat(64)),
        format!("OK|OK|{PROOF}|more|"),
    ] {
        let who = device(LoginKind::Challenge);
        let (client, _) = play(who, NONCE, &[&offer, &welcome]).await;
        assert!(
            matches!(client.unwrap_err(), LoginError::BadProof),
            "{welcome}"
        );
    }
}

#[tokio::test]
async fn each_refusal_is_told_apart() {
    let who = || device(LoginKind::Challenge);
    let offer = format!("42|OK|{CHALLENGE}|");
    let (client, _) = play(who(), NONCE, &[&offer, "REFUSED|ERROR|"]).await;
    assert!(matches!(client.unwrap_err(), LoginError::Refused));
    let (client, _) = play(who(), NONCE, &["BUSY|ERROR|7|"]).await;
    assert!(matches!(client.unwrap_err(), LoginError::Busy(7)));
    for nonsense in ["042|OK|", "0|OK|", "HTTP/1.1 400", "42|OK|"] {
        let (client, _) = play(who(), NONCE, &[nonsense]).await;
        assert!(
            matches!(client.unwrap_err(), LoginError::Protocol(_)),
            "{nonsense}"
        );
    }
    let (client, _) = play(who(), NONCE, &[]).await;
    assert!(matches!(client.unwrap_err(), LoginError::Io(_)));
}

#[tokio::test]
async fn credentials_of_another_hub_are_noticed() {
    let mut who = device(LoginKind::Legacy);
    who.address = Address::new(43);
    let (client, _) = play(who, 1, &["42|OK|"]).await;
    assert!(matches!(client.unwrap_err(), LoginError::Protocol(_)));
}
