//! One read of the socket, turned into at most one batch for the router, one for the recorder, and answers.

use std::time::Duration;

use super::actor::Session;
use super::check::Refused;
use super::describe::Description;
use super::{EndReason, Source, refuse, refuse_parts};
use crate::ledger::DropReason;
use crate::recorder::{ReadingBatch, Work};
use crate::router::{Batch, Run};
use crate::wire::{Dest, EOT, Frame, FrameWriter, SEPARATOR, Split, kind};

/// What one read brought.
#[derive(Default)]
pub(super) struct Intake {
    pub(super) batch: Option<Batch>,
    pub(super) readings: Option<ReadingBatch>,
    pub(super) descriptions: Vec<Description>,
    /// Each with a commit of its own.
    pub(super) works: Vec<Box<dyn Work>>,
    pub(super) answers: Vec<u8>,
    pub(super) end: Option<EndReason>,
    frames: u64,
}

/// Bytes of the msgno of a DEVICES request at most.
const MSGNO_BYTES: usize = 64;

/// Protocol errors count against the session for this long.
const ERROR_WINDOW: Duration = Duration::from_secs(60);

impl Session {
    /// Splits and checks `chunk`, and sorts its frames by who handles them.
    pub(super) fn intake(&mut self, chunk: &[u8]) -> Intake {
        let mut intake = Intake::default();
        let mut splitter = std::mem::take(&mut self.splitter);
        splitter.feed(chunk, self.sender.limits.frame_bytes, |split| {
            match split {
                Split::Whole(bytes) => self.frame(bytes, &mut intake, chunk.len()),
                Split::TooLong => intake.end = Some(EndReason::FrameTooLong),
            }
            intake.end.is_none()
        });
        self.splitter = splitter;
        let now = self.clock.now();
        self.account.touched(now, self.clock.unix_ms());
        if intake.frames > 0 {
            self.count(|account| account.received(intake.frames));
            self.account.heard(now);
        }
        intake
    }

    fn frame(&mut self, bytes: &[u8], intake: &mut Intake, read: usize) {
        intake.frames += 1;
        match self.sender.check(bytes) {
            Err(refused) => self.refused(&refused, intake),
            Ok(frame) => self.sort(&frame, intake, read),
        }
    }

    fn sort(&mut self, frame: &Frame<'_>, intake: &mut Intake, read: usize) {
        self.watch.passed(frame.bytes);
        match frame.dest {
            Dest::Hub => self.for_hub(frame, intake, read),
            _ => self.route(frame, intake, read),
        }
    }

    /// Appends the frame to the batch for the router, in the run of its destination.
    fn route(&self, frame: &Frame<'_>, intake: &mut Intake, read: usize) {
        let batch = intake.batch.get_or_insert_with(|| self.new_batch(read));
        batch.bytes.extend_from_slice(frame.bytes);
        if frame.bytes.last() != Some(&SEPARATOR) {
            batch.bytes.push(SEPARATOR);
        }
        batch.bytes.push(EOT);
        let end = batch.bytes.len();
        match batch.runs.last_mut() {
            Some(run) if run.to.is(frame.dest) => {
                run.end = end;
                run.frames += 1;
            }
            _ => batch.runs.push(Run {
                to: frame.dest.into(),
                end,
                frames: 1,
            }),
        }
    }

    /// Frames to address 0. Types that later work gives a meaning get an arm here. Not inlined: however much it comes to
    /// know, the loop over frames for other devices stays small.
    #[inline(never)]
    fn for_hub(&mut self, frame: &Frame<'_>, intake: &mut Intake, read: usize) {
        match frame.kind {
            kind::EVENT => self.reading(frame, intake),
            kind::ALIVE => self.count(|account| account.answered(1)),
            kind::QUIT => {
                self.count(|account| account.answered(1));
                intake.end = Some(EndReason::Goodbye);
            }
            kind::LOOPBACK => self.loopback(frame, intake),
            // It is repeated in each frame of the answer.
            kind::DEVICES if frame.msgno().len() > MSGNO_BYTES => {
                self.drop_frame(DropReason::BadValue, frame, intake);
            }
            kind::DEVICES
            | kind::POLL
            | kind::VALUE
            | kind::DONE
            | kind::REJECTED
            | kind::ACCEPTED
            | kind::COMMAND => self.route(frame, intake, read),
            kind::DESCRIBE => self.describe(frame, intake),
            kind::ALARM => {
                let taken = self.alarm(frame, intake);
                self.taken(taken, frame, intake);
            }
            kind::ALARM_SUBSCRIBE | kind::ALARM_UNSUBSCRIBE => {
                let taken = self.subscribe(frame, intake);
                self.taken(taken, frame, intake);
            }
            _ => self.drop_frame(DropReason::UnknownType, frame, intake),
        }
    }

    fn reading(&self, frame: &Frame<'_>, intake: &mut Intake) {
        let readings = intake.readings.get_or_insert_with(|| {
            ReadingBatch::new(
                self.device.address,
                self.device.group.0,
                self.clock.unix_ms(),
            )
        });
        match readings.add(frame, self.max_text) {
            Ok(()) => self.count(|account| account.answered(1)),
            Err(reason) => self.drop_frame(reason, frame, intake),
        }
    }

    fn describe(&self, frame: &Frame<'_>, intake: &mut Intake) {
        let (device, max) = (self.device.address, self.max_capabilities);
        let alarms = self.alarms.alarms();
        match self
            .descriptions
            .take(frame, device, max, &self.outbox, alarms)
        {
            Ok(description) => {
                self.count(|account| account.answered(1));
                intake.descriptions.push(description);
            }
            Err(reason) => self.drop_frame(reason, frame, intake),
        }
    }

    fn taken(&self, taken: Result<(), DropReason>, frame: &Frame<'_>, intake: &mut Intake) {
        match taken {
            Ok(()) => self.count(|account| account.answered(1)),
            Err(reason) => self.drop_frame(reason, frame, intake),
        }
    }

    fn loopback(&self, frame: &Frame<'_>, intake: &mut Intake) {
        self.count(|account| account.answered(1));
        if frame.is_error() {
            return;
        }
        let to = self.device.address.get();
        let echo = FrameWriter::new(&mut intake.answers, 0, to, kind::LOOPBACK);
        frame.fields().fold(echo, FrameWriter::as_sent).end();
    }

    fn drop_frame(&self, reason: DropReason, frame: &Frame<'_>, intake: &mut Intake) {
        self.count(|account| account.dropped(reason, 1));
        if !frame.is_error() {
            refuse(
                &mut intake.answers,
                self.device.address,
                reason.name(),
                frame,
                self.sender.limits.frame_bytes,
            );
        }
    }

    fn refused(&mut self, refused: &Refused<'_>, intake: &mut Intake) {
        self.count(|account| account.dropped(refused.reason, 1));
        if refused.answer {
            let (to, reason) = (self.device.address, refused.reason.name());
            let max = self.sender.limits.frame_bytes;
            refuse_parts(
                &mut intake.answers,
                to,
                reason,
                refused.dest,
                refused.msgno,
                max,
            );
        }
        let detail = refused
            .detail
            .map_or_else(String::new, |bad| format!(" because={bad:?}"));
        log::debug!(
            "frame refused device={} reason={}{detail}",
            self.device.address,
            refused.reason.name()
        );
        if refused.reason.is_protocol_error() && self.too_many_errors() {
            log::warn!("too many protocol errors device={}", self.device.address);
            intake.end = Some(EndReason::ProtocolErrors);
        }
    }

    fn too_many_errors(&mut self) -> bool {
        let now = self.clock.now();
        self.errors
            .retain(|at| now.saturating_sub(*at) < ERROR_WINDOW);
        self.errors.push(now);
        self.errors.len() >= self.max_errors
    }

    /// Puts what the hub says itself into the device's own outbox.
    pub(super) fn say(&self, frames: &[u8]) {
        if !frames.is_empty() {
            // Full: the device floods and does not read; it misses answers to its own frames only.
            let _ = self.outbox.push(frames, Source::Hub);
        }
    }
}
