//! The live socket of a browser: one actor each, the only one with actix-web-actors (which is deprecated).
//!
//! A browser that does not read would freeze its actor, timers included: so what is under way to it is bounded by credit.
//! After every [`CREDIT`] messages, or their bytes, it gets a ping and nothing more until its pong. docs/live.md.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix::prelude::*;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{self, Message, ProtocolError, WebsocketContext};
use serde::Serialize;
use utoipa::OpenApi;

use super::at::at;
use super::console::Console;
use super::origin::{Sender, sender};
use super::{Problem, Site};
use crate::accounts::Caller;
use crate::live::{Asked, Out, Over, Viewer};

/// Messages from one ping to the next.
const CREDIT: usize = 16;

/// Their bytes: what a browser does not read has room in the buffers under the actor, which goes on meanwhile.
const CREDIT_BYTES: usize = 32 * 1024;

/// How long a browser may take for a pong.
const PONG: Duration = Duration::from_secs(60);

/// A browser that was sent nothing for so long is asked whether it is still there.
const IDLE: Duration = Duration::from_secs(240);

/// Bytes of one message of a browser.
const MOST_BYTES: usize = 16 * 1024;

/// Messages a second of a browser, and at once.
const MOST_MESSAGES: f64 = 20.0;

/// Seconds after which a browser that found no room comes again.
const COME_BACK: u64 = 10;

#[derive(OpenApi)]
#[openapi(paths(live))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(at("/live").get(live).done());
}

/// The live socket: a websocket with news of what the caller may see, as docs/live.md has it.
#[utoipa::path(get, path = "/live", tag = "live",
    responses((status = 101, description = "A websocket from here on"),
        (status = 503, description = "As many pages are open as may", body = Problem)))]
async fn live(
    caller: Caller,
    request: HttpRequest,
    site: web::Data<Site>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let by_cookie = matches!(caller.via, crate::accounts::Via::Session(_));
    match sender(request.headers(), &site.settings) {
        Sender::Ours => {}
        Sender::Unsaid if !by_cookie => {}
        Sender::Unsaid | Sender::Foreign => {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "origin",
                "A live socket is for the hub's own pages, and for programs with a token.",
            ));
        }
    }
    if let Err(error) = ws::handshake(&request) {
        return Err(Problem::malformed(format!("No websocket: {error}.")));
    }
    let viewer = site.live.join(caller).map_err(|_| {
        let full = "As many pages are open as the hub takes (web.max_browsers).";
        Problem::busy(COME_BACK, full)
    })?;
    // From here on it is told when its session ends; it may have ended just before.
    if site.accounts.current(&viewer.caller).is_none() {
        viewer.end(Over::LoggedOut);
    }
    let browser = Browser::new(viewer, site);
    ws::WsResponseBuilder::new(browser, &request, payload)
        .frame_size(MOST_BYTES)
        .start()
        .map_err(|error| Problem::malformed(format!("No websocket: {error}.")))
}

/// One browser.
struct Browser {
    viewer: Arc<Viewer>,
    site: web::Data<Site>,
    console: Console,
    /// Since the last ping.
    sent: usize,
    sent_bytes: usize,
    /// The number of the ping whose pong is awaited, and what ends the wait.
    awaited: Option<(u32, SpawnHandle)>,
    pings: u32,
    /// Something was said since it was last looked at.
    busy: bool,
    /// Messages that it may send now.
    allowed: f64,
    allowed_at: Duration,
}

#[derive(Serialize)]
struct Hello<'a> {
    t: &'static str,
    now_ms: i64,
    version: &'static str,
    addresses: Vec<Proxied<'a>>,
}

#[derive(Serialize)]
struct Proxied<'a> {
    group: &'a str,
    address: u32,
}

#[derive(Serialize)]
struct Refused<'a> {
    t: &'static str,
    /// `None`: not an answer to a frame that was to be sent.
    id: Option<i64>,
    problem: &'a Problem,
}

impl Browser {
    fn new(viewer: Arc<Viewer>, site: web::Data<Site>) -> Self {
        Self {
            allowed_at: site.parts.clock.now(),
            console: Console::new(Arc::clone(&viewer), site.clone()),
            viewer,
            site,
            sent: 0,
            sent_bytes: 0,
            awaited: None,
            pings: 0,
            busy: false,
            allowed: MOST_MESSAGES,
        }
    }

    fn now_ms(&self) -> i64 {
        self.site.parts.clock.unix_ms()
    }

    fn hello(&self) -> String {
        let registry = self.site.registry.read();
        let own = registry
            .groups()
            .filter(|(id, _)| self.viewer.caller.sees(*id));
        let hello = Hello {
            t: "hello",
            now_ms: self.now_ms(),
            version: env!("CARGO_PKG_VERSION"),
            addresses: own
                .map(|(_, name)| Proxied {
                    group: name,
                    address: self.viewer.address.get(),
                })
                .collect(),
        };
        serde_json::to_string(&hello).unwrap_or_default()
    }

    fn refuse(&self, id: Option<i64>, problem: &Problem) {
        let refused = Refused {
            t: "refused",
            id,
            problem,
        };
        self.viewer
            .reply(serde_json::to_string(&refused).unwrap_or_default());
    }

    /// Sends one message, and asks for a pong when the credit is spent.
    fn send(&mut self, text: &str, ctx: &mut WebsocketContext<Self>) {
        self.busy = true;
        self.sent += 1;
        self.sent_bytes += text.len();
        ctx.text(text);
        if self.sent >= CREDIT || self.sent_bytes >= CREDIT_BYTES {
            self.ping(ctx);
        }
    }

    fn ping(&mut self, ctx: &mut WebsocketContext<Self>) {
        if self.awaited.is_some() {
            return;
        }
        self.pings = self.pings.wrapping_add(1);
        ctx.ping(self.pings.to_string().as_bytes());
        let give_up = ctx.run_later(PONG, |browser, _| browser.viewer.end(Over::TooSlow));
        self.awaited = Some((self.pings, give_up));
    }

    fn pong(&mut self, said: &[u8], ctx: &mut WebsocketContext<Self>) {
        if let Some((number, give_up)) = self.awaited
            && said == number.to_string().as_bytes()
        {
            ctx.cancel_future(give_up);
            self.awaited = None;
            (self.sent, self.sent_bytes) = (0, 0);
            self.viewer.resume();
        }
    }

    /// Counts a message. False: it sends too many.
    fn may_speak(&mut self) -> bool {
        let now = self.site.parts.clock.now();
        let passed = now.saturating_sub(self.allowed_at).as_secs_f64();
        self.allowed = (self.allowed + passed * MOST_MESSAGES).min(MOST_MESSAGES);
        self.allowed_at = now;
        if self.allowed < 1.0 {
            self.viewer.end(Over::TooMuch);
            return false;
        }
        self.allowed -= 1.0;
        true
    }

    fn heard(&mut self, text: &[u8]) {
        match serde_json::from_slice(text) {
            Ok(Asked::Watch { readings, frames }) => {
                if let Err(problem) = self.console.watch(&readings, frames.as_ref()) {
                    self.refuse(None, &problem);
                }
            }
            Ok(Asked::Send(frame)) => match self.console.speak(&frame) {
                Ok(()) => {
                    let id = frame.id;
                    self.viewer.reply(format!(r#"{{"t":"sent","id":{id}}}"#));
                }
                Err(problem) => self.refuse(Some(frame.id), &problem),
            },
            Err(error) => {
                let problem =
                    Problem::malformed(format!("No message that the hub knows: {error}."));
                self.refuse(None, &problem);
            }
        }
    }
}

impl Actor for Browser {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let hello = self.hello();
        self.send(&hello, ctx);
        ctx.run_interval(IDLE, |browser, ctx| {
            if !std::mem::take(&mut browser.busy) {
                browser.ping(ctx);
            }
        });
        ctx.spawn(Pump);
    }
}

/// Sends what waits, as far as the credit goes, for as long as the browser is there.
struct Pump;

impl ActorFuture<Browser> for Pump {
    type Output = ();

    fn poll(
        self: Pin<&mut Self>,
        browser: &mut Browser,
        ctx: &mut WebsocketContext<Browser>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        loop {
            let (now_ms, credit) = (browser.now_ms(), browser.awaited.is_none());
            match browser.viewer.poll_next(cx, now_ms, credit) {
                Poll::Ready(Out::Text(text)) => browser.send(&text, ctx),
                Poll::Ready(Out::Over(over)) => {
                    ctx.text(format!(r#"{{"t":"over","reason":"{}"}}"#, over.name()));
                    ctx.close(None);
                    ctx.stop();
                    return Poll::Ready(());
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Browser {
    fn handle(&mut self, message: Result<Message, ProtocolError>, ctx: &mut Self::Context) {
        match message {
            Ok(Message::Pong(said)) => self.pong(&said, ctx),
            Ok(Message::Close(reason)) => {
                ctx.close(reason);
                ctx.stop();
            }
            Ok(Message::Nop) => {}
            Err(ProtocolError::Overflow) => self.viewer.end(Over::TooMuch),
            Err(_) => ctx.stop(),
            Ok(message) => {
                if self.may_speak() {
                    self.message(message, ctx);
                }
            }
        }
    }
}

impl Browser {
    fn message(&mut self, message: Message, ctx: &mut WebsocketContext<Self>) {
        match message {
            Message::Text(text) => self.heard(text.as_bytes()),
            Message::Binary(_) => {
                self.refuse(
                    None,
                    &Problem::malformed("Messages are JSON in text frames."),
                );
            }
            Message::Ping(said) => ctx.pong(&said),
            Message::Continuation(_) => {
                self.refuse(
                    None,
                    &Problem::malformed("Messages come in one frame each."),
                );
            }
            Message::Pong(_) | Message::Close(_) | Message::Nop => {}
        }
    }
}
