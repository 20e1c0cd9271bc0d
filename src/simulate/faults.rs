//! What a simulated device does wrong on request: which command meets which fault is drawn from a seed and the
//! command's id, so that a repeat of the command meets the same one, and a test knows it beforehand.

use super::signal::mix;

/// Shares of the hub's commands, in percent; what is left is done as it should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// A WRITE is ACCEPTED first, then carried out and DONE so many ms later.
    pub delay_ms: i64,
    pub reject: u8,
    pub silent: u8,
    pub lie: u8,
}

/// What happens to one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It could, but it will not.
    Reject,
    /// No answer, ever; done or not.
    Silent { does: bool },
    /// Of WRITE and BLINK only: a READ has nobody to deceive but the reader, and a VALUE that nobody asked for is
    /// what no device sends.
    Lie(Lie),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// DONE, but it did not move, and the value says so. A BLINK is done as it should be.
    NotMoved,
    /// The answer comes twice.
    Twice,
    /// With the answer comes one to an id that it never got.
    Stranger,
}

impl Faults {
    pub fn of(&self, seed: u64, id: u64) -> Option<Fault> {
        let drawn = mix(seed ^ mix(id ^ 0xFA17));
        // Independent of the roll: the whole of the number divided by its 100.
        let (roll, which) = (drawn % 100, drawn / 100);
        let reject = u64::from(self.reject);
        let silent = reject + u64::from(self.silent);
        let lie = silent + u64::from(self.lie);
        if roll < reject {
            Some(Fault::Reject)
        } else if roll < silent {
            Some(Fault::Silent {
                does: which.is_multiple_of(2),
            })
        } else if roll < lie {
            Some(Fault::Lie(match which % 3 {
                0 => Lie::NotMoved,
                1 => Lie::Twice,
                _ => Lie::Stranger,
            }))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_keep_to_their_shares_and_to_their_commands() {
        let faults = Faults {
            reject: 10,
            silent: 20,
            lie: 30,
            ..Faults::default()
        };
        let all: Vec<_> = (0..10_000).map(|id| faults.of(7, id)).collect();
        assert!(all.iter().zip(0..).all(|(f, id)| *f == faults.of(7, id)));
        let share =
            |fits: &dyn Fn(&Fault) -> bool| all.iter().flatten().filter(|f| fits(f)).count();
        assert!((900..1_100).contains(&share(&|f| *f == Fault::Reject)));
        for does in [true, false] {
            assert!((900..1_100).contains(&share(&|f| *f == Fault::Silent { does })));
        }
        for lie in [Lie::NotMoved, Lie::Twice, Lie::Stranger] {
            assert!((900..1_100).contains(&share(&|f| *f == Fault::Lie(lie))));
        }
        assert!((0..1_000).all(|id| Faults::default().of(7, id).is_none()));
    }
}
