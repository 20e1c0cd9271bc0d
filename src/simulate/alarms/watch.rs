//! Other devices' alarms that a device subscribed, and what it does about them.

use std::collections::VecDeque;

use super::set::Act;
use crate::simulate::body::Body;
use crate::simulate::kinds::Watch;
use crate::wire::{Frame, FrameWriter, decode_field, kind};

/// Alarms that are known to be raised; of more the oldest are forgotten.
const RAISED: usize = 256;

#[derive(Debug)]
pub struct Watching {
    watch: Option<&'static Watch>,
    /// Raiser and alarm.
    raised: VecDeque<(u32, String)>,
}

impl Watching {
    pub fn new(watch: Option<&'static Watch>) -> Self {
        Self {
            watch,
            raised: VecDeque::new(),
        }
    }

    /// At each login: the hub keeps it, but a device that was moved to another group has none there.
    pub fn subscribe(&self, me: u32, msgno: &mut u64, out: &mut Vec<u8>) {
        if let Some(watch) = self.watch {
            *msgno += 1;
            FrameWriter::new(out, me, 0, kind::ALARM_SUBSCRIBE)
                .text(watch.alarm)
                .number(*msgno)
                .end();
        }
    }

    /// `alarm, sensor, value, RAISED or CLEARED, unix ms, msgno`, with the raiser as origin. Returns what to do about
    /// it: a new alarm counts as one even while others are raised, and only the last to be cleared ends it. What the
    /// hub says again changes nothing.
    pub fn heard(&mut self, frame: &Frame<'_>, raiser: u32, body: &Body) -> Option<Act> {
        let watch = self.watch?;
        let mut fields = frame.fields().map(|f| decode_field(f).unwrap_or_default());
        let alarm = fields.next()?.into_owned();
        let edge = fields.nth(2)?;
        if watch.alarm != "*" && watch.alarm != alarm {
            return None;
        }
        let known = self
            .raised
            .iter()
            .position(|(device, name)| *device == raiser && *name == alarm);
        let value = match (&*edge, known) {
            ("RAISED", None) => {
                if self.raised.len() >= RAISED {
                    self.raised.pop_front();
                }
                self.raised.push_back((raiser, alarm));
                watch.raised
            }
            ("CLEARED", Some(at)) => {
                self.raised.remove(at);
                if !self.raised.is_empty() {
                    return None;
                }
                watch.cleared
            }
            _ => return None,
        };
        let actuator = body.actuator(watch.actuator)?;
        let value = actuator.value(value).ok()?;
        Some(Act { actuator, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::kinds::generic;
    use crate::wire::{Limits, parse};

    static ALL: Watch = Watch {
        alarm: "*",
        actuator: "relay",
        raised: "true",
        cleared: "false",
    };
    static HOT: Watch = Watch {
        alarm: "hot",
        ..ALL
    };

    fn heard(watching: &mut Watching, text: &str) -> Option<f64> {
        let frame = parse(text.as_bytes(), &Limits::default()).unwrap();
        let raiser = std::str::from_utf8(frame.origin).unwrap().parse().unwrap();
        let act = watching.heard(&frame, raiser, &Body::new(generic(), 1));
        act.map(|act| act.value)
    }

    #[test]
    fn the_first_alarm_switches_it_on_and_the_last_one_off() {
        let mut watching = Watching::new(Some(&ALL));
        for (frame, act) in [
            ("17|42|30|hot|temperature|31|RAISED|1|1|", Some(1.0)),
            ("17|42|30|hot|temperature|31|RAISED|1|1|", None),
            ("18|42|30|hot|temperature|31|RAISED|1|1|", Some(1.0)),
            ("17|42|30|hot|temperature|28|CLEARED|2|2|", None),
            ("17|42|30|hot|temperature|28|CLEARED|2|2|", None),
            ("18|42|30|hot|temperature|28|CLEARED|2|2|", Some(0.0)),
            ("18|42|30|hot|", None),
        ] {
            assert_eq!(heard(&mut watching, frame), act, "{frame}");
        }
    }

    #[test]
    fn only_what_was_subscribed_counts() {
        let mut watching = Watching::new(Some(&HOT));
        assert_eq!(heard(&mut watching, "17|42|30|cold|t|1|RAISED|1|1|"), None);
        assert_eq!(
            heard(&mut watching, "17|42|30|hot|t|1|RAISED|1|2|"),
            Some(1.0)
        );
        let mut nobody = Watching::new(None);
        assert_eq!(heard(&mut nobody, "17|42|30|hot|t|1|RAISED|1|2|"), None);
        let (mut msgno, mut out) = (4, Vec::new());
        watching.subscribe(42, &mut msgno, &mut out);
        nobody.subscribe(42, &mut msgno, &mut out);
        assert_eq!(out, b"42|0|33|hot|5|\x04");
    }
}
