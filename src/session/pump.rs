//! The session's one future: writes what waits, reads what came, stops reading while a queue behind it is full.
//!
//! Reading and writing share the actor's task. A writer task of its own would cost memory in every idle session.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, ready};

use actix::fut::ActorFuture;
use actix::prelude::*;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::EndReason;
use super::actor::{LAST_WORD, Session};
use super::inbound::Intake;
use crate::recorder::{Job, ReadingBatch};
use crate::router::Batch;

/// Bytes that one read takes at most.
const READ_BYTES: usize = 64 * 1024;

/// Reads in a row before other sessions get their turn.
const READS: usize = 4;

/// Bytes that are thrown away after the last word, so that a device which still writes can read it.
const LINGER_BYTES: usize = 1 << 20;

thread_local! {
    // Shared by all sessions of a thread: an idle session holds no buffer.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into());
}

/// Runs as long as the session; when it is done, the actor stops.
pub(super) struct Pump;

impl ActorFuture<Session> for Pump {
    type Output = ();

    fn poll(
        self: Pin<&mut Self>,
        session: &mut Session,
        ctx: &mut Context<Session>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<()> {
        let turn = session.turn(ctx, cx);
        if turn.is_ready() {
            ctx.stop();
        }
        turn
    }
}

impl Session {
    fn turn(&mut self, ctx: &mut Context<Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let handed_over = if self.ending.is_none() {
            self.read_some(ctx, cx)
        } else {
            self.poll_stalled(cx).is_ready()
        };
        match self.write(cx) {
            Err(_) => {
                self.ending.get_or_insert(EndReason::Broken);
                Poll::Ready(())
            }
            Ok(true) if self.ending.is_some() && handed_over && self.outbox.is_closed() => {
                self.linger(ctx, cx)
            }
            Ok(_) => Poll::Pending,
        }
    }

    /// True unless a queue behind the session is full.
    fn read_some(&mut self, ctx: &mut Context<Self>, cx: &mut TaskContext<'_>) -> bool {
        if !self.leftover.is_empty() {
            let leftover = std::mem::take(&mut self.leftover);
            let intake = self.intake(&leftover);
            self.hand_over(intake, ctx);
        }
        for _ in 0..READS {
            if self.poll_stalled(cx).is_pending() {
                return false;
            }
            if self.ending.is_some() {
                return true;
            }
            match self.poll_read(cx) {
                Poll::Pending => return true,
                Poll::Ready(Ok(Some(intake))) => self.hand_over(intake, ctx),
                Poll::Ready(Ok(None)) => self.begin_end(EndReason::Closed, ctx),
                Poll::Ready(Err(_)) => self.begin_end(EndReason::Broken, ctx),
            }
        }
        // More may wait in the socket: come back after the others had their turn.
        cx.waker().wake_by_ref();
        self.router_full.is_none() && self.recorder_full.is_none()
    }

    /// `None` when the device has closed its side.
    fn poll_read(&mut self, cx: &mut TaskContext<'_>) -> Poll<io::Result<Option<Intake>>> {
        BUFFER.with_borrow_mut(|buffer| {
            let mut read = ReadBuf::new(buffer);
            ready!(Pin::new(&mut self.link).poll_read(cx, &mut read))?;
            let chunk = read.filled();
            Poll::Ready(Ok((!chunk.is_empty()).then(|| self.intake(chunk))))
        })
    }

    fn hand_over(&mut self, intake: Intake, ctx: &mut Context<Self>) {
        self.say(&intake.answers);
        if let Some(batch) = intake.batch {
            self.send(batch);
        }
        for description in intake.descriptions {
            self.recorder.submit_bounded(Box::new(description));
        }
        if let Some(readings) = intake.readings.filter(|readings| !readings.is_empty()) {
            self.recorder_full = self.submit(readings);
        }
        for work in intake.works {
            // What a session has under way is bounded by what it may send.
            self.recorder.submit_bounded(work);
        }
        if let Some(reason) = intake.end {
            self.begin_end(reason, ctx);
        }
    }

    /// `Addr::send` enqueues at once even when the mailbox is full; awaiting its answer is what pushes back.
    fn send(&mut self, batch: Batch) {
        let crowded = batch.group_account.queued_bytes() > self.max_queued;
        let unsent = if crowded {
            Err(SendError::Full(batch))
        } else {
            self.router.try_send(batch)
        };
        if let Err(SendError::Full(batch)) = unsent {
            self.router_full = Some(Box::pin(self.router.send(batch)));
        }
    }

    /// Gives the readings back when the recorder has no room.
    fn submit(&self, batch: ReadingBatch) -> Option<ReadingBatch> {
        let job = Job::Readings {
            batch,
            outbox: Arc::clone(&self.outbox),
        };
        match self.recorder.try_submit(job) {
            Err(Job::Readings { batch, .. }) => Some(batch),
            _ => None,
        }
    }

    /// Pending while a queue behind the session is full: the socket is then not read.
    fn poll_stalled(&mut self, cx: &mut TaskContext<'_>) -> Poll<()> {
        if let Some(request) = &mut self.router_full {
            // An error says that the router is gone; the session will be told.
            let _ = ready!(request.as_mut().poll(cx));
            self.router_full = None;
        }
        while let Some(batch) = self.recorder_full.take() {
            if self.recorder.poll_room(cx).is_pending() {
                self.recorder_full = Some(batch);
                return Poll::Pending;
            }
            self.recorder_full = self.submit(batch);
        }
        Poll::Ready(())
    }

    /// Writes what waits. True when nothing is left.
    fn write(&mut self, cx: &mut TaskContext<'_>) -> io::Result<bool> {
        let (link, outbox) = (&mut self.link, &self.outbox);
        let all = outbox.drain(cx.waker(), |bytes| {
            match Pin::new(&mut *link).poll_write(cx, bytes) {
                Poll::Ready(Ok(0)) => Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(written) => written.map(Some),
                Poll::Pending => Ok(None),
            }
        })?;
        // Plain sockets have nothing to flush; TLS may hold a record back.
        let flushed = Pin::new(&mut self.link).poll_flush(cx)?.is_ready();
        Ok(all && flushed)
    }

    /// Closes our side and reads on until the device closes its own: closing a socket with unread bytes
    /// would reset it, and the reset would overtake the last word.
    fn linger(&mut self, ctx: &mut Context<Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        if matches!(self.ending, Some(EndReason::Closed | EndReason::Broken)) {
            return Poll::Ready(());
        }
        if !self.shut {
            // An error means that there is nobody left to tell.
            let _ = ready!(Pin::new(&mut self.link).poll_shutdown(cx));
            self.shut = true;
            if let Some(last_call) = self.last_call.take() {
                ctx.cancel_future(last_call);
            }
            ctx.run_later(LAST_WORD, |_, ctx| ctx.stop());
        }
        BUFFER.with_borrow_mut(|buffer| {
            for _ in 0..READS {
                let mut read = ReadBuf::new(buffer);
                match ready!(Pin::new(&mut self.link).poll_read(cx, &mut read)) {
                    Ok(()) if !read.filled().is_empty() && self.discarded < LINGER_BYTES => {
                        self.discarded += read.filled().len();
                    }
                    _ => return Poll::Ready(()),
                }
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }
}
