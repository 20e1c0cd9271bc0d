//! The frame that says why another was refused: `0|origin|50|ERROR|reason|dest|msgno|`.

use crate::wire::{Address, Frame, FrameWriter, kind};

/// Appends the refusal of a frame whose syntax held.
pub fn refuse(out: &mut Vec<u8>, to: Address, reason: &str, frame: &Frame<'_>) {
    refuse_parts(out, to, reason, frame.dest_text, frame.msgno());
}

/// Appends a refusal; `dest` and `msgno` are repeated as they were sent, so they must be checked text.
pub fn refuse_parts(out: &mut Vec<u8>, to: Address, reason: &str, dest: &[u8], msgno: &[u8]) {
    FrameWriter::new(out, 0, to.get(), kind::LOOPBACK)
        .text("ERROR")
        .text(reason)
        .as_sent(dest)
        .as_sent(msgno)
        .end();
}
