//! What anyone may ask of a device, the hub and peers alike: READ, CLOCK_READ, LOOPBACK, and a peer's WRITE.
//!
//! The hub's WRITEs are [`super::orders`]': they have ids that rise.

use super::answers::Answers;
use super::body::Body;
use crate::wire::{Frame, FrameWriter, decode_field, kind};

#[derive(Debug, Default)]
pub struct Requests {
    /// The device's address.
    me: u32,
    answers: Answers,
}

impl Requests {
    pub fn logged_in(&mut self, me: u32) {
        self.me = me;
    }

    /// Returns whether it was something to answer.
    pub fn serve(
        &mut self,
        frame: &Frame<'_>,
        origin: u32,
        now: i64,
        body: &mut Body,
        out: &mut Vec<u8>,
    ) -> bool {
        match frame.kind {
            kind::READ => self.read(frame, origin, now, body, out),
            kind::WRITE => self.write(frame, origin, now, body, out),
            kind::CLOCK_READ => self.clock(frame, origin, now, out),
            kind::LOOPBACK if !frame.is_error() => self.echo(frame, origin, out),
            _ => return false,
        }
        true
    }

    fn clock(&self, frame: &Frame<'_>, origin: u32, now: i64, out: &mut Vec<u8>) {
        FrameWriter::new(out, self.me, origin, kind::VALUE)
            .text("clock")
            .number(now)
            .text("ms")
            .number(now)
            .as_sent(frame.msgno())
            .end();
    }

    /// This device sends no LOOPBACK of its own: none of these is an answer.
    fn echo(&self, frame: &Frame<'_>, origin: u32, out: &mut Vec<u8>) {
        let mut echo = FrameWriter::new(out, self.me, origin, kind::LOOPBACK);
        for field in frame.fields() {
            echo = echo.as_sent(field);
        }
        echo.end();
    }

    /// A sensor, or where an actuator stands.
    fn read(&self, frame: &Frame<'_>, origin: u32, now: i64, body: &Body, out: &mut Vec<u8>) {
        let name = frame.fields().next().unwrap_or_default();
        let text = decode_field(name).unwrap_or_default();
        let Some((value, unit)) = body.read(&text, now) else {
            return self.reject(frame, origin, "UNKNOWN_SENSOR", out);
        };
        FrameWriter::new(out, self.me, origin, kind::VALUE)
            .as_sent(name)
            .text(&value)
            .text(unit)
            .number(now)
            .as_sent(frame.msgno())
            .end();
    }

    /// A peer's; a repeat is answered and not done again.
    fn write(
        &mut self,
        frame: &Frame<'_>,
        origin: u32,
        now: i64,
        body: &mut Body,
        out: &mut Vec<u8>,
    ) {
        if let Some(answer) = self.answers.find(frame.bytes) {
            out.extend_from_slice(answer);
            return;
        }
        let begin = out.len();
        match body.understand(frame, now) {
            Ok(write) => {
                body.set(write.actuator, write.value, now);
                FrameWriter::new(out, self.me, origin, kind::DONE)
                    .text(write.actuator.name)
                    .text(&write.actuator.shown(write.value))
                    .as_sent(frame.msgno())
                    .end();
            }
            Err(reason) => self.reject(frame, origin, reason, out),
        }
        self.answers
            .keep(frame.bytes, out.get(begin..).unwrap_or_default());
    }

    pub fn reject(&self, frame: &Frame<'_>, origin: u32, reason: &str, out: &mut Vec<u8>) {
        FrameWriter::new(out, self.me, origin, kind::REJECTED)
            .text(reason)
            .as_sent(frame.msgno())
            .end();
    }
}
