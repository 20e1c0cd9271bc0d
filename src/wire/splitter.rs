//! Cuts a byte stream at EOT. Keeps bytes of its own only while a frame is incomplete.

use super::EOT;

/// One thing found in the stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Split<'a> {
    /// A whole frame without its EOT and without the blanks before it.
    Whole(&'a [u8]),
    /// A frame passed the limit. Nothing after it is looked at: the connection has to end.
    TooLong,
}

/// The incomplete end of a stream; costs no heap while frames arrive whole.
#[derive(Debug, Default)]
pub struct Splitter {
    partial: Vec<u8>,
}

impl Splitter {
    /// Calls `each` for every frame that `chunk` completes. `each` returns false to stop early.
    pub fn feed(
        &mut self,
        chunk: &[u8],
        max_bytes: usize,
        mut each: impl FnMut(Split<'_>) -> bool,
    ) {
        let mut rest = chunk;
        while let Some(at) = memchr::memchr(EOT, rest) {
            let (piece, tail) = rest.split_at_checked(at).unwrap_or((rest, &[]));
            rest = tail.get(1..).unwrap_or_default();
            if !self.complete(piece, max_bytes, &mut each) {
                return;
            }
        }
        if self.partial.is_empty() {
            rest = skip_blanks(rest);
        }
        if self.partial.len() + rest.len() > max_bytes {
            self.partial = Vec::new();
            each(Split::TooLong);
            return;
        }
        self.partial.extend_from_slice(rest);
    }

    fn complete(
        &mut self,
        piece: &[u8],
        max_bytes: usize,
        each: &mut impl FnMut(Split<'_>) -> bool,
    ) -> bool {
        if self.partial.is_empty() {
            let frame = skip_blanks(piece);
            if frame.len() > max_bytes {
                each(Split::TooLong);
                return false;
            }
            return each(Split::Whole(frame));
        }
        let mut frame = std::mem::take(&mut self.partial);
        if frame.len() + piece.len() > max_bytes {
            each(Split::TooLong);
            return false;
        }
        frame.extend_from_slice(piece);
        each(Split::Whole(&frame))
    }

    /// Bytes of a frame that has begun and not ended.
    pub fn pending(&self) -> usize {
        self.partial.len()
    }
}

fn skip_blanks(bytes: &[u8]) -> &[u8] {
    let blanks = bytes
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
        .count();
    bytes.get(blanks..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn collect(chunks: &[&[u8]], max: usize) -> (Vec<Vec<u8>>, bool) {
        let (mut frames, mut too_long) = (Vec::new(), false);
        let mut splitter = Splitter::default();
        for chunk in chunks {
            splitter.feed(chunk, max, |split| match split {
                Split::Whole(frame) => {
                    frames.push(frame.to_vec());
                    true
                }
                Split::TooLong => {
                    too_long = true;
                    false
                }
            });
            if too_long {
                break;
            }
        }
        (frames, too_long)
    }

    proptest! {
        #[test]
        fn however_the_stream_is_cut_the_frames_are_the_same(
            frames in prop::collection::vec("[!-~][ -~]{0,40}", 0..20),
            gaps in prop::collection::vec("[ \t\r\n]{0,3}", 20),
            cuts in prop::collection::vec(0usize..900, 0..30),
        ) {
            let mut stream = Vec::new();
            for (frame, gap) in frames.iter().zip(&gaps) {
                stream.extend_from_slice(gap.as_bytes());
                stream.extend_from_slice(frame.as_bytes());
                stream.push(EOT);
            }
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(stream.len())).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|w| &stream[w[0]..w[1]]).collect();
            let (found, too_long) = collect(&chunks, 64);
            prop_assert!(!too_long);
            let expected: Vec<Vec<u8>> = frames.iter().map(|f| f.as_bytes().to_vec()).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn a_frame_over_the_limit_is_never_buffered_whole(
            size in 65usize..5000,
            cut in 1usize..64,
        ) {
            let stream = vec![b'x'; size];
            let mut splitter = Splitter::default();
            let mut too_long = false;
            for chunk in stream.chunks(cut) {
                splitter.feed(chunk, 64, |split| { too_long |= split == Split::TooLong; false });
                prop_assert!(splitter.pending() <= 64);
                if too_long { break }
            }
            prop_assert!(too_long);
        }
    }

    #[test]
    fn a_frame_of_exactly_the_limit_passes_in_one_piece_or_many() {
        let mut stream = vec![b'x'; 64];
        stream.push(EOT);
        for size in [1, 7, 64, 65] {
            let chunks: Vec<&[u8]> = stream.chunks(size).collect();
            assert_eq!(collect(&chunks, 64), (vec![vec![b'x'; 64]], false));
        }
        stream.insert(0, b'x');
        for size in [1, 7, 64, 66] {
            let chunks: Vec<&[u8]> = stream.chunks(size).collect();
            assert!(collect(&chunks, 64).1, "{size}");
        }
    }

    #[test]
    fn blanks_inside_a_frame_stay() {
        assert_eq!(
            collect(&[b" \r\na b\r\nc\x04\n"], 64).0,
            vec![b"a b\r\nc".to_vec()]
        );
    }
}
