//! The checks on one frame from a device or a viewer, all of them before its first effect.

use crate::ledger::DropReason;
use crate::registry::Rights;
use crate::wire::{BadFrame, Dest, EOT, Frame, Limits, SEPARATOR, escape, kind, parse, salvage};

/// Who the frames of a session, or of a viewer's proxy, may claim to be from, and what they may do.
pub(crate) struct Sender {
    /// The session's own address in its canonical text.
    pub(crate) origin: Box<[u8]>,
    pub(crate) rights: Rights,
    pub(crate) limits: Limits,
}

/// A frame that was refused, with what the answer repeats of it.
pub(crate) struct Refused<'a> {
    pub(crate) reason: DropReason,
    pub(super) detail: Option<BadFrame>,
    pub(super) dest: &'a [u8],
    pub(super) msgno: &'a [u8],
    /// Errors are never answered.
    pub(super) answer: bool,
}

/// `from|to|type|field|...|` with its EOT. Fields are texts, unescaped.
pub(crate) fn compose(from: &str, to: &str, kind: u32, fields: &[String]) -> Vec<u8> {
    let mut bytes = format!("{from}|{to}|{kind}|").into_bytes();
    for field in fields {
        escape(&mut bytes, field);
        bytes.push(SEPARATOR);
    }
    bytes.push(EOT);
    bytes
}

impl Sender {
    /// What a viewer that may operate may say: as much as a device that may talk.
    pub(crate) fn viewer(address: &str, limits: Limits) -> Self {
        Self {
            origin: address.as_bytes().into(),
            rights: Rights::Talk,
            limits,
        }
    }

    /// Whether a whole frame with its EOT is one that may be sent, length included.
    ///
    /// # Errors
    /// The reason, as the wire says it.
    pub(crate) fn may_say(&self, bytes: &[u8]) -> Result<(), &'static str> {
        let frame = bytes.strip_suffix(&[EOT]).unwrap_or(bytes);
        if frame.len() > self.limits.frame_bytes {
            return Err("FRAME_TOO_LONG");
        }
        let checked = self.check(frame);
        checked.map(|_| ()).map_err(|refused| refused.reason.name())
    }

    /// # Errors
    /// The first rule that the frame breaks.
    pub(crate) fn check<'a>(&self, bytes: &'a [u8]) -> Result<Frame<'a>, Refused<'a>> {
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
