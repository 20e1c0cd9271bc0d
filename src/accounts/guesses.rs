//! Wrong passwords are slowed down: by name and source network together, so that a stranger never locks a user out; and by
//! source network alone, so that he does not go from name to name.

use std::net::IpAddr;
use std::time::Duration;

use crate::settings::Web;
use crate::throttle::{Buckets, Rate, network};

/// Names that one network may try as often as one of them: behind one address may be a whole office.
const NAMES: f64 = 10.0;

pub(super) struct Guesses {
    name: Buckets<(String, Option<IpAddr>)>,
    source: Buckets<Option<IpAddr>>,
}

/// Spent before the password is looked at, so that guesses made at once count like others.
#[derive(Clone)]
pub(super) struct Guess {
    key: String,
    from: Option<IpAddr>,
}

impl Guesses {
    pub(super) fn new(settings: &Web) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            reason = "settings allow small numbers only"
        )]
        let (size, seconds) = (settings.guesses as f64, settings.guess_seconds as f64);
        let rate = |times: f64| Rate {
            size: size * times,
            refill: times / seconds,
        };
        Self {
            name: Buckets::new(rate(1.0)),
            source: Buckets::new(rate(NAMES)),
        }
    }

    /// # Errors
    /// Seconds to stay away.
    pub(super) fn take(
        &mut self,
        key: String,
        from: Option<IpAddr>,
        now: Duration,
    ) -> Result<Guess, u64> {
        let guess = Guess {
            key,
            from: from.map(network),
        };
        let named = (guess.key.clone(), guess.from);
        let wait = self.name.wait(&named, now);
        if let Some(seconds) = wait.max(self.source.wait(&guess.from, now)) {
            return Err(seconds);
        }
        self.name.spend(named, now);
        self.source.spend(guess.from, now);
        Ok(guess)
    }

    /// It was right, or could not be looked at.
    pub(super) fn forgive(&mut self, guess: Guess) {
        self.source.give_back(&guess.from);
        self.name.give_back(&(guess.key, guess.from));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_locks_himself_out_and_nobody_else() {
        let settings = Web {
            guesses: 3,
            guess_seconds: 30,
            ..Web::default()
        };
        let mut guesses = Guesses::new(&settings);
        let (bad, good) = ("192.0.2.1".parse().ok(), "192.0.2.2".parse().ok());
        let now = Duration::from_secs(9);
        for _ in 0..3 {
            assert!(guesses.take("ana".into(), bad, now).is_ok());
        }
        assert_eq!(guesses.take("ana".into(), bad, now).err(), Some(30));
        assert!(guesses.take("ana".into(), good, now).is_ok());
        assert!(guesses.take("eva".into(), bad, now).is_ok());
        assert!(
            guesses
                .take("ana".into(), bad, now + Duration::from_secs(30))
                .is_ok()
        );
    }

    #[test]
    fn right_passwords_cost_nothing() {
        let mut guesses = Guesses::new(&Web::default());
        let now = Duration::from_secs(9);
        for _ in 0..1000 {
            let guess = guesses.take("ana".into(), None, now).unwrap();
            guesses.forgive(guess);
        }
        assert!(guesses.take("ana".into(), None, now).is_ok());
    }
}
