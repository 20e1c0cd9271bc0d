//! The real courier against servers on this machine: what they take, refuse, and never answer.

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto};

use super::*;
use crate::login::digest::keyed_hash;
use crate::notify::rig::news;
use crate::notify::{Again, Count, Delivered, Letter, Told, Undelivered, deliver};

/// What the servers heard, in the order in which they heard it.
type Heard = Arc<Mutex<Vec<String>>>;

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(test)
}

fn letter() -> Letter {
    let at = 1_795_232_645_000;
    let mut letter = Letter::new("north", "greenhouse", "ops", "delivery-1", at);
    letter.listed = vec![Told::new(&news(7, crate::alarm::Severity::Major, at))];
    letter.counts = vec![Count {
        severity: crate::alarm::Severity::Major,
        what: "raised".into(),
        count: 1,
    }];
    letter
}

async fn send(settings: &Settings, target: Target) -> Result<Delivered, Undelivered> {
    let post = Post::new(settings, Clock::system()).unwrap();
    let parcel = Parcel {
        target,
        letter: letter(),
    };
    deliver(&post, settings, &parcel).await
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A certificate for localhost: what a server takes, and the file that trusts it.
fn certificate() -> (TlsAcceptor, NamedTempFile) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(made.cert.pem().as_bytes()).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), file)
}

// ---- webhooks -----------------------------------------------------------------------------------------------------------

const SECRET: &str = "a-secret-of-the-test";

fn hook(address: SocketAddr) -> Target {
    Target::Webhook {
        url: format!("http://{address}/alarms?token=1"),
        secret: SECRET.into(),
    }
}

/// Reads one request, head and body.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut text = String::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).await.unwrap();
        text.push_str(std::str::from_utf8(&chunk[..read]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap();
        if body.len() >= length.parse::<usize>().unwrap() {
            return text;
        }
    }
}

/// Answers each request the same, and then does not close.
async fn answering(answer: &'static str) -> (SocketAddr, Heard) {
    let (listener, address) = listen().await;
    let heard = Heard::default();
    let told = Arc::clone(&heard);
    tokio::spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let text = request(&mut stream).await;
            told.lock().unwrap().push(text);
            stream.write_all(answer.as_bytes()).await.unwrap();
            open.push(stream);
        }
    });
    (address, heard)
}

#[test]
fn a_webhook_is_one_signed_post() {
    run(async {
        let (address, heard) = answering("HTTP/1.1 204 No Content\r\n\r\n").await;
        let sent = send(&Settings::default(), hook(address)).await;
        assert_eq!(sent, Ok(Delivered::default()));
        let heard = heard.lock().unwrap().clone();
        assert_eq!(heard.len(), 1);
        let (head, body) = heard[0].split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("POST /alarms?token=1 HTTP/1.1\r\n"),
            "{head}"
        );
        let of = |name: &str| {
            let found = head.lines().find_map(|line| line.strip_prefix(name));
            found.unwrap_or_else(|| panic!("no {name} in {head}"))
        };
        assert_eq!(of("content-type: "), "application/json");
        assert_eq!(of("x-hub-delivery: "), "delivery-1");
        assert!(of("user-agent: ").starts_with("device-hub/"));
        let signature = of("x-hub-signature: ");
        let (time, digest) = signature.split_once(",v1=").unwrap();
        let time = time.strip_prefix("t=").unwrap();
        let wanted = keyed_hash(SECRET.as_bytes(), format!("{time}.{body}").as_bytes());
        assert_eq!(digest, wanted);
        let now = Clock::system().unix_ms() / 1000;
        assert!((now - 60..=now).contains(&time.parse().unwrap()));
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["alarms"][0]["alarm"]["id"], 7);
    });
}

#[test]
fn answers_decide_whether_it_is_tried_again() {
    run(async {
        for (answer, words, again) in [
            (
                "500 Oops\r\ncontent-length: 4\r\n\r\nboom",
                "answered 500: boom",
                Again::Later,
            ),
            (
                "503 Busy\r\nretry-after: 77\r\ncontent-length: 0\r\n\r\n",
                "answered 503",
                Again::After(Duration::from_secs(77)),
            ),
            (
                "429 Slow\r\nretry-after: soon\r\ncontent-length: 0\r\n\r\n",
                "answered 429",
                Again::Later,
            ),
            (
                "408 Late\r\ncontent-length: 0\r\n\r\n",
                "answered 408",
                Again::Later,
            ),
            (
                "404 Gone\r\ncontent-length: 0\r\n\r\n",
                "answered 404",
                Again::Never,
            ),
            (
                "401 Who\r\nretry-after: 5\r\ncontent-length: 0\r\n\r\n",
                "answered 401",
                Again::Never,
            ),
            (
                "302 There\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
                "redirects are not followed",
                Again::Later,
            ),
        ] {
            let answer: &'static str = format!("HTTP/1.1 {answer}").leak();
            let (address, heard) = answering(answer).await;
            let refused = send(&Settings::default(), hook(address)).await.unwrap_err();
            assert_eq!(refused.again, again, "{answer}");
            assert!(refused.reason.contains(words), "{refused}");
            assert!(!refused.reason.contains("token"), "{refused}");
            assert_eq!(heard.lock().unwrap().len(), 1);
        }
    });
}

#[test]
fn an_endless_refusal_is_read_to_its_beginning_only() {
    run(async {
        let (listener, address) = listen().await;
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            request(&mut stream).await;
            let head = b"HTTP/1.1 500 No\r\ncontent-length: 99999999999\r\n\r\n";
            stream.write_all(head).await.unwrap();
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        });
        let refused = send(&Settings::default(), hook(address)).await.unwrap_err();
        assert!(refused.reason.len() < 300, "{refused}");
        assert_eq!(refused.again, Again::Later);
    });
}

#[test]
fn a_receiver_that_is_away_hangs_or_dawdles_ends_the_attempt_in_time() {
    run(async {
        let mut settings = Settings::default();
        settings.notify.timeout_seconds = 1;
        let (listener, gone) = listen().await;
        drop(listener);
        let away = send(&settings, hook(gone)).await.unwrap_err();
        assert_eq!(away.again, Again::Later);
        assert!(away.reason.contains("refused"), "{away}");
        assert!(!away.reason.contains("token"), "{away}");
        for bit in ["", "HTTP/1.1 200"] {
            let (listener, address) = listen().await;
            tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                request(&mut stream).await;
                for byte in bit.bytes() {
                    stream.write_all(&[byte]).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
                std::future::pending::<()>().await;
            });
            let begun = Instant::now();
            let late = send(&settings, hook(address)).await.unwrap_err();
            assert_eq!(late, Undelivered::later("no answer within 1 seconds"));
            assert!(begun.elapsed() < Duration::from_secs(3));
        }
    });
}

#[test]
fn https_is_trusted_by_the_file_of_the_settings_and_not_without() {
    run(async {
        let (acceptor, trusted) = certificate();
        let (listener, address) = listen().await;
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    request(&mut stream).await;
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                    stream.write_all(answer).await.unwrap();
                }
            }
        });
        let target = Target::Webhook {
            url: format!("https://localhost:{}/", address.port()),
            secret: SECRET.into(),
        };
        let mut settings = Settings::default();
        let refused = send(&settings, target.clone()).await.unwrap_err();
        assert!(refused.reason.contains("certificate"), "{refused}");
        settings.notify.trust_file = trusted.path().to_str().unwrap().to_owned();
        assert_eq!(send(&settings, target).await, Ok(Delivered::default()));
        settings.notify.trust_file = "/nowhere.pem".into();
        assert!(Post::new(&settings, Clock::system()).is_err());
    });
}

// ---- mail ---------------------------------------------------------------------------------------------------------------

/// How a mail server answers.
#[derive(Clone, Copy, Default)]
struct Manners {
    /// Instead of 250, for recipients that begin with "bad".
    recipient: &'static str,
    /// Instead of 250, for the message.
    message: &'static str,
    login: bool,
    hangs_after_message: bool,
}

/// Speaks until the client goes; with an acceptor, inside TLS after STARTTLS.
async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    manners: Manners,
    starttls: bool,
    heard: &Heard,
) -> Option<impl AsyncRead + AsyncWrite + Unpin> {
    let mut stream = BufReader::new(stream);
    if !heard.lock().unwrap().iter().any(|line| line == "STARTTLS") {
        stream.write_all(b"220 test\r\n").await.unwrap();
    }
    let mut data = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        heard.lock().unwrap().push(line.clone());
        let answer = match line.as_str() {
            "." if data => {
                data = false;
                if manners.hangs_after_message {
                    stream.write_all(b"250 taken\r\n").await.unwrap();
                    std::future::pending::<()>().await;
                }
                manners.message
            }
            _ if data => continue,
            "DATA" => {
                data = true;
                "354 go on"
            }
            "STARTTLS" if starttls => {
                stream.write_all(b"220 go on\r\n").await.unwrap();
                return Some(stream.into_inner());
            }
            "QUIT" => "221 bye",
            line if line.starts_with("EHLO") && starttls => "250-test\r\n250 STARTTLS",
            line if line.starts_with("EHLO") && manners.login => "250-test\r\n250 AUTH PLAIN",
            line if line.starts_with("RCPT TO:<bad") => manners.recipient,
            line if line.starts_with("AUTH") && !line.ends_with("AGh1YgBnZWhlaW0=") => {
                "535 no such login geheim"
            }
            line if line.starts_with("AUTH") => "235 welcome",
            _ => "250 ok",
        };
        let answer = if answer.is_empty() { "250 ok" } else { answer };
        let sent = stream.write_all(format!("{answer}\r\n").as_bytes()).await;
        sent.ok()?;
    }
}

async fn mail_server(manners: Manners) -> (Settings, Heard) {
    let (listener, address) = listen().await;
    let heard = Heard::default();
    let told = Arc::clone(&heard);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let told = Arc::clone(&told);
            tokio::spawn(async move {
                converse(stream, manners, false, &told).await;
            });
        }
    });
    (settings(address, "off"), heard)
}

fn settings(server: SocketAddr, tls: &str) -> Settings {
    let mut settings = Settings::default();
    settings.mail.host = if tls == "off" {
        "127.0.0.1"
    } else {
        "localhost"
    }
    .into();
    settings.mail.port = server.port().into();
    settings.mail.tls = tls.into();
    settings.mail.from = "hub@example.org".into();
    settings.mail.timeout_seconds = 2;
    settings
}

fn to(addresses: &[&str]) -> Target {
    Target::Email {
        to: addresses.iter().map(|one| (*one).to_owned()).collect(),
    }
}

#[test]
fn an_e_mail_goes_to_all_addresses_of_the_channel() {
    run(async {
        let (settings, heard) = mail_server(Manners::default()).await;
        let sent = send(&settings, to(&["a@example.org", "b@example.org"])).await;
        assert_eq!(sent, Ok(Delivered::default()));
        let heard = heard.lock().unwrap().join("\n");
        for line in [
            "MAIL FROM:<hub@example.org>",
            "RCPT TO:<a@example.org>\nRCPT TO:<b@example.org>\nDATA",
            "From: hub@example.org",
            "To: a@example.org, b@example.org",
            "Subject: [north] greenhouse: major hot raised on device 42",
            "Message-ID: <delivery-1@example.org>",
            "Auto-Submitted: auto-generated",
            "Date: Sat, 21 Nov 2026",
            "greenhouse: major hot raised on device 42: temperature = 31",
        ] {
            assert!(heard.contains(line), "no {line:?} in\n{heard}");
        }
    });
}

#[test]
fn one_refused_address_silences_no_other() {
    run(async {
        let manners = Manners {
            recipient: "550 no such user",
            ..Manners::default()
        };
        let (settings, _) = mail_server(manners).await;
        let sent = send(&settings, to(&["bad@example.org", "b@example.org"])).await;
        let note = sent.unwrap().note;
        assert!(
            note.contains("bad@example.org") && note.contains("no such user"),
            "{note}"
        );
        let refused = send(&settings, to(&["bad@example.org"])).await.unwrap_err();
        assert_eq!(refused.again, Again::Never);
    });
}

#[test]
fn a_mail_server_s_refusals_decide_whether_it_is_tried_again() {
    run(async {
        for (recipient, message, again) in [
            ("450 later", "", Again::Later),
            ("", "451 later", Again::Later),
            ("", "554 spam", Again::Never),
        ] {
            let manners = Manners {
                recipient,
                message,
                ..Manners::default()
            };
            let (settings, _) = mail_server(manners).await;
            let refused = send(&settings, to(&["bad@example.org"])).await.unwrap_err();
            assert_eq!(refused.again, again, "{refused}");
        }
    });
}

#[test]
fn a_mail_server_that_is_away_or_hangs_ends_the_attempt_in_time() {
    run(async {
        let (listener, address) = listen().await;
        let begun = Instant::now();
        let hung = send(&settings(address, "off"), to(&["a@example.org"])).await;
        assert_eq!(hung, Err(Undelivered::later("no answer within 2 seconds")));
        assert!(begun.elapsed() < Duration::from_secs(4));
        drop(listener);
        let away = send(&settings(address, "off"), to(&["a@example.org"])).await;
        let away = away.unwrap_err();
        assert_eq!(away.again, Again::Later);
        assert!(away.reason.contains("127.0.0.1"), "{away}");
    });
}

/// It has the message: sending it again would be once too often.
#[test]
fn a_mail_server_that_hangs_after_the_message_has_it() {
    run(async {
        let manners = Manners {
            hangs_after_message: true,
            ..Manners::default()
        };
        let (settings, _) = mail_server(manners).await;
        let sent = send(&settings, to(&["a@example.org"])).await;
        assert_eq!(sent, Ok(Delivered::default()));
    });
}

#[test]
fn the_password_is_read_from_a_file_that_only_the_hub_may_read() {
    run(async {
        let manners = Manners {
            login: true,
            ..Manners::default()
        };
        let (mut settings, heard) = mail_server(manners).await;
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(b"geheim\n").unwrap();
        settings.mail.user = "hub".into();
        settings.mail.password_file = file.path().to_str().unwrap().to_owned();
        let target = || to(&["a@example.org"]);
        assert_eq!(send(&settings, target()).await, Ok(Delivered::default()));
        assert!(
            heard
                .lock()
                .unwrap()
                .iter()
                .any(|line| line.starts_with("AUTH PLAIN"))
        );

        settings.mail.user = "other".into();
        let refused = send(&settings, target()).await.unwrap_err();
        assert_eq!(refused.again, Again::Later);
        assert!(refused.reason.contains("535"), "{refused}");
        assert!(!refused.reason.contains("geheim"), "{refused}");

        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o644))
            .unwrap();
        let open = send(&settings, target()).await.unwrap_err();
        assert!(open.reason.contains("chmod 600"), "{open}");
        settings.mail.password_file = "/nowhere".into();
        let none = send(&settings, target()).await.unwrap_err();
        assert!(none.reason.contains("/nowhere"), "{none}");
    });
}

#[test]
fn mail_goes_through_tls_and_starttls_and_never_without() {
    run(async {
        let (acceptor, trusted) = certificate();
        for mode in ["tls", "starttls"] {
            let (listener, address) = listen().await;
            let heard = Heard::default();
            let (told, acceptor) = (Arc::clone(&heard), acceptor.clone());
            tokio::spawn(async move {
                let (stream, _) = listener.accept().await.unwrap();
                let plain = Manners::default();
                if mode == "tls" {
                    let stream = acceptor.accept(stream).await.unwrap();
                    converse(stream, plain, false, &told).await;
                } else if let Some(stream) = converse(stream, plain, true, &told).await {
                    let stream = acceptor.accept(stream).await.unwrap();
                    converse(stream, plain, false, &told).await;
                }
            });
            let mut settings = settings(address, mode);
            settings.notify.trust_file = trusted.path().to_str().unwrap().to_owned();
            let sent = send(&settings, to(&["a@example.org"])).await;
            assert_eq!(sent, Ok(Delivered::default()), "{mode}");
            let heard = heard.lock().unwrap().clone();
            let secured = heard.iter().position(|line| line == "STARTTLS");
            let begun = heard.iter().position(|line| line.starts_with("MAIL FROM"));
            assert!(
                begun.is_some() && (mode == "tls" || secured < begun),
                "{heard:?}"
            );
        }
        // A server that does not offer it gets no message in the clear.
        let (plain, heard) = mail_server(Manners::default()).await;
        let mut settings = plain;
        settings.mail.tls = "starttls".into();
        assert!(send(&settings, to(&["a@example.org"])).await.is_err());
        assert!(
            !heard
                .lock()
                .unwrap()
                .iter()
                .any(|line| line.starts_with("MAIL"))
        );
    });
}
