//! The checks on one frame from a device, all of them before its first effect.

use crate::ledger::DropReason;
use crate::registry::Rights;
use crate::wire::{BadFrame, Dest, Frame, Limits, kind, parse, salvage};

/// Who the frames of this session may claim to be from, and what they may do.
pub(super) struct Sender {
    /// The session's own address in its canonical text.
    pub(super) origin: Box<[u8]>,
    pub(super) rights: Rights,
    pub(super) limits: Limits,
}

/// A frame that was refused, with what the answer repeats of it.
pub(super) struct Refused<'a> {
    pub(super) reason: DropReason,
    pub(super) detail: Option<BadFrame>,
    pub(super) dest: &'a [u8],
    pub(super) msgno: &'a [u8],
    /// Errors are never answered.
    pub(super) answer: bool,
}

impl Sender {
    /// # Errors
    /// The first rule that the frame breaks.
    pub(super) fn check<'a>(&self, bytes: &'a [u8]) -> Result<Frame<'a>, Refused<'a>> {
        let frame = parse(bytes, &self.limits).map_err(|bad| {
            let (dest, msgno) = salvage(bytes);
            Refused {
                reason: DropReason::BadFrame,
                detail: Some(bad),
                dest,
                msgno,
                answer: true,
            }
        })?;
        let refused = |reason, detail| Refused {
            reason,
            detail,
            dest: frame.dest_text,
            msgno: frame.msgno(),
            answer: !frame.is_error(),
        };
        if *frame.origin != *self.origin {
            return Err(match Dest::parse(frame.origin) {
                Some(Dest::Hub | Dest::Device(_)) => refused(DropReason::BadOrigin, None),
                _ => refused(DropReason::BadFrame, Some(BadFrame::Origin)),
            });
        }
        let for_hub = frame.dest == Dest::Hub;
        let forbidden = if for_hub {
            kind::hub_only(frame.kind)
        } else {
            kind::never_between_devices(frame.kind)
        };
        if forbidden {
            return Err(refused(DropReason::BadFrame, Some(BadFrame::HubOnly)));
        }
        if !for_hub && self.rights < Rights::Talk
            || kind::needs_control(frame.kind) && self.rights < Rights::Control
        {
            return Err(refused(DropReason::NoRight, None));
        }
        Ok(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("42|17|1000|x|", Rights::Talk, None)]
    #[case("42|0|26|t|1|C|5|1|", Rights::Report, None)]
    #[case("42|17|1000|x|", Rights::Report, Some(DropReason::NoRight))]
    #[case("42|*|1000|x|", Rights::Report, Some(DropReason::NoRight))]
    #[case("42|17|3|v|1||7|", Rights::Talk, Some(DropReason::NoRight))]
    #[case("42|17|3|v|1||7|", Rights::Control, None)]
    #[case("42|0|40|17|3|", Rights::Talk, Some(DropReason::NoRight))]
    #[case("43|17|1000|x|", Rights::Control, Some(DropReason::BadOrigin))]
    #[case("0|17|1000|x|", Rights::Control, Some(DropReason::BadOrigin))]
    #[case("042|17|1000|x|", Rights::Control, Some(DropReason::BadFrame))]
    #[case("*|17|1000|x|", Rights::Control, Some(DropReason::BadFrame))]
    #[case("42|17|7|1|", Rights::Control, Some(DropReason::BadFrame))]
    #[case("42|17|20|x|", Rights::Control, Some(DropReason::BadFrame))]
    #[case("42|0|20|x|", Rights::Report, None)]
    #[case("42|0|80|x|", Rights::Control, Some(DropReason::BadFrame))]
    fn the_first_broken_rule_decides(
        #[case] text: &str,
        #[case] rights: Rights,
        #[case] expected: Option<DropReason>,
    ) {
        let sender = Sender {
            origin: b"42".as_slice().into(),
            rights,
            limits: Limits::default(),
        };
        assert_eq!(
            sender
                .check(text.as_bytes())
                .err()
                .map(|refused| refused.reason),
            expected
        );
    }
}
