//! The frame that says why another was refused: `0|origin|50|ERROR|reason|dest|msgno|`.

use crate::wire::{Address, Frame, FrameWriter, kind};

/// Bytes of a refusal without what it repeats, at most.
const FRAME: usize = 45;

/// Appends the refusal of a frame whose syntax held.
pub fn refuse(out: &mut Vec<u8>, to: Address, reason: &str, frame: &Frame<'_>, max: usize) {
    refuse_parts(out, to, reason, frame.dest_text, frame.msgno(), max);
}

/// Appends a refusal; `dest` and `msgno` are repeated as they were sent, so they must be checked text. What would
/// make the answer longer than `max` bytes, the limit of frames, is left out.
pub fn refuse_parts(
    out: &mut Vec<u8>,
    to: Address,
    reason: &str,
    dest: &[u8],
    msgno: &[u8],
    max: usize,
) {
    let room = max.saturating_sub(FRAME);
    let dest = if dest.len() <= room { dest } else { b"" };
    let msgno = if dest.len() + msgno.len() <= room {
        msgno
    } else {
        b""
    };
    FrameWriter::new(out, 0, to.get(), kind::LOOPBACK)
        .text("ERROR")
        .text(reason)
        .as_sent(dest)
        .as_sent(msgno)
        .end();
}
