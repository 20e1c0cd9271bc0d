//! The demo's operator: carries out the [`Plan`], by orders to the hub and by sending a device away.

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::plan::{Errand, Plan, Step};

/// Runs until it is dropped, or until no device listens to `away` any more. An order that fails is the business of
/// `order`: the next one comes all the same.
pub async fn operate(away: watch::Sender<bool>, order: impl AsyncFn(Errand)) {
    let began = Instant::now();
    for (at, step) in Plan::default() {
        sleep_until(began + at).await;
        match step {
            Step::Order(errand) => order(errand).await,
            Step::Away(is_away) => {
                if away.send(is_away).is_err() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_minute_of_the_operator() {
        let began = Instant::now();
        let (away, is_away) = watch::channel(false);
        let seen = RefCell::new(Vec::new());
        let working = operate(away, async |errand: Errand| {
            let second = began.elapsed().as_secs();
            let line = format!("{second} {} {}", errand.device, errand.fields.join(" "));
            seen.borrow_mut().push((line, *is_away.borrow()));
        });
        let _ = tokio::time::timeout(Duration::from_secs(60), working).await;
        let seen = seen.into_inner();
        let lines: Vec<_> = seen
            .iter()
            .map(|(line, away)| (line.as_str(), *away))
            .collect();
        assert_eq!(
            lines,
            [
                ("5 vent opening 40", false),
                ("12 lamp lamp 60", true),
                ("14 lamp lamp 100", true),
                ("45 vent opening 70", false),
                ("52 lamp lamp 80", true),
                ("54 lamp lamp 100", true),
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_with_the_devices() {
        let (away, is_away) = watch::channel(false);
        drop(is_away);
        operate(away, async |_| {}).await;
    }
}
