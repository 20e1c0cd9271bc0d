//! Open pages that say nothing: what one costs in memory, and whether a device's message is slower beside them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::RunArgs;
use super::meter::{Figures, Span};
use super::own_hub::OwnHub;
use super::pairs::{Drive, Pairs};
use super::procfs::Memory;
use super::target::{Server, TargetArgs};
use crate::failure::{Context, Failure};
use crate::stdout::say;

/// Sockets before those that count: code pages and tables that only the first ones touch.
const WARM_UP: usize = 50;

/// The hub takes so many (web.max_browsers), those before them included.
const MOST: usize = 900;

/// Until memory has settled.
const SETTLE: Duration = Duration::from_secs(3);

/// How long the hub may take for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A user may not ask as fast as this load does.
const THROTTLED: Duration = Duration::from_millis(200);

const PASSWORD: &str = "only for this load";

#[derive(clap::Args, Debug, Clone)]
pub(super) struct BrowsersArgs {
    /// Live sockets
    #[arg(long, default_value_t = 500)]
    browsers: usize,
}

/// What was measured.
#[derive(Serialize)]
struct Found {
    browsers: usize,
    bytes_each: u64,
    /// A message from one device to another, microseconds: the median, and what 99 of 100 stay under.
    alone_us: [f64; 2],
    beside_us: [f64; 2],
}

/// Measures and prints.
///
/// # Errors
/// The hub failed, or the words are out of bounds.
pub(super) fn run(args: &BrowsersArgs, run: &RunArgs, target: &TargetArgs) -> Result<(), Failure> {
    if !(1..=MOST).contains(&args.browsers) {
        return Err(Failure::usage(format!("--browsers: 1 to {MOST}")));
    }
    let pairs = Pairs {
        pairs: 1,
        groups: 1,
        drive: Drive::Window(1),
        body: 64,
        span: Span {
            warm_up: run.warmup,
            measured: run.seconds,
        },
    };
    let server = Server::find(target, &pairs.need())?;
    let own = server
        .own()
        .ok_or_else(|| Failure::usage("browsers are measured on a hub of their own"))?;
    let cookie = log_in(own)?;
    let alone = pairs.run(&server)?;
    let first = open(own.web, &cookie, WARM_UP)?;
    std::thread::sleep(SETTLE);
    let before = Memory::of(server.pid)?;
    let sockets = open(own.web, &cookie, args.browsers)?;
    std::thread::sleep(SETTLE);
    let grown = Memory::of(server.pid)?
        .resident
        .saturating_sub(before.resident);
    let beside = pairs.run(&server)?;
    drop((first, sockets));
    let found = Found {
        browsers: args.browsers,
        bytes_each: grown / args.browsers as u64,
        alone_us: latency(&alone),
        beside_us: latency(&beside),
    };
    found.print(run.json)
}

fn latency(figures: &Figures) -> [f64; 2] {
    [500, 990].map(|per_mille| figures.latency.per_mille(per_mille) as f64 / 1000.0)
}

impl Found {
    fn print(&self, as_json: bool) -> Result<(), Failure> {
        if as_json {
            let line = serde_json::to_string(self).context("cannot write JSON")?;
            say(format_args!("{line}"));
            return Ok(());
        }
        let ([alone, alone_99], [beside, beside_99]) = (self.alone_us, self.beside_us);
        say(format_args!(
            "{} idle live sockets: {:.1} KiB each\n\
             a message between two devices: {alone:.0} us (99 of 100 under {alone_99:.0}) alone, {beside:.0} us ({beside_99:.0}) beside them",
            self.browsers,
            self.bytes_each as f64 / 1024.0,
        ));
        Ok(())
    }
}

/// Makes a user and logs it in; answers the cookie.
fn log_in(own: &OwnHub) -> Result<String, Failure> {
    let words = ["user", "add", "bench", "--role", "administrator", "--json"];
    let added: Value = serde_json::from_str(&own.verb(&words)?).context("reading the user")?;
    let url = added.pointer("/link/url").and_then(Value::as_str);
    let token = url.and_then(|url| url.rsplit('/').next());
    let token = token.ok_or_else(|| Failure::new("hub user add gave no link"))?;
    let body = json!({"token": token, "password": PASSWORD}).to_string();
    let request = format!(
        "POST /api/v1/setup HTTP/1.1\r\nhost: {web}\r\norigin: http://{web}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len(),
        web = own.web,
    );
    let (_, head) = ask(own.web, &request)?;
    let cookies = head.split("\r\n").filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("set-cookie").then_some(value)
    });
    let cookie = cookies.filter_map(|value| value.split(';').next()).next();
    cookie
        .map(ToOwned::to_owned)
        .ok_or_else(|| Failure::new("the hub set no cookie"))
}

fn open(web: SocketAddr, cookie: &str, count: usize) -> Result<Vec<TcpStream>, Failure> {
    let request = format!(
        "GET /api/v1/live HTTP/1.1\r\nhost: {web}\r\norigin: http://{web}\r\ncookie: {cookie}\r\n\
         connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    let mut sockets = Vec::with_capacity(count);
    while sockets.len() < count {
        let (socket, head) = ask(web, &request)?;
        if head.starts_with("HTTP/1.1 101") {
            sockets.push(socket);
        } else if head.starts_with("HTTP/1.1 429") {
            std::thread::sleep(THROTTLED);
        } else {
            let line = head.lines().next().unwrap_or_default();
            return Err(Failure::new(format!("the hub opened no socket: {line}")));
        }
    }
    Ok(sockets)
}

/// Sends a request; answers the connection and the head of the answer.
fn ask(web: SocketAddr, request: &str) -> Result<(TcpStream, String), Failure> {
    let doing = "asking the hub's web listener";
    let mut stream = TcpStream::connect(web).context(doing)?;
    stream.set_read_timeout(Some(PATIENCE)).context(doing)?;
    stream.write_all(request.as_bytes()).context(doing)?;
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).context(doing)?;
        head.extend_from_slice(&byte);
    }
    Ok((stream, String::from_utf8_lossy(&head).into_owned()))
}
