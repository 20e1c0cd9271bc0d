//! When a rule would have raised on what is stored.

use super::{Admin, AdminError, AlarmResponse, BackTestAnswer, BackTestQuery};
use crate::alarm::{BackTest, Check, Rule, Scope};
use crate::readings::{Key, Packable};
use crate::refusal::Refused;
use crate::storage::{Census, Driver, Range, page};
use crate::wire::Address;

/// Readings of one device that a back-test goes through at most.
const MOST: usize = 5_000_000;

/// Readings that one look at the store reads: it must be short.
const PAGE: usize = 20_000;

/// Devices of one back-test at most.
const MOST_DEVICES: usize = 1000;

impl Admin {
    pub(super) async fn back_test(
        &self,
        query: BackTestQuery,
    ) -> Result<AlarmResponse, AdminError> {
        let rule = match (query.rule, query.new) {
            (Some(id), None) => self.find_rule(id).await?,
            (None, Some(new)) => self.rule(new).await?,
            _ => {
                return Err(AdminError::refused(
                    "a back-test is of a stored rule or of a new one",
                ));
            }
        };
        if matches!(rule.check, Check::Offline { .. }) {
            return Err(AdminError::refused(
                "when devices were there is not kept: a rule on devices that are offline cannot be tried on the past",
            ));
        }
        let now_ms = self.parts().clock.unix_ms();
        let range = Range {
            from_ms: query.from_ms.unwrap_or(0),
            to_ms: query.to_ms.unwrap_or(now_ms),
        };
        if range.from_ms >= range.to_ms {
            return Err(AdminError::refused("the period ends before it begins"));
        }
        let devices = self.devices_of_rule(&rule, query.address)?;
        let mut answers = Vec::new();
        for address in devices {
            let readings = self.readings_of(&rule, address, range).await?;
            if readings.is_empty() && !matches!(rule.scope, Scope::Device(_)) {
                continue;
            }
            let until_ms = range.to_ms.min(now_ms);
            answers.push(try_rule(&rule, address, readings, until_ms).await);
        }
        Ok(AlarmResponse::BackTests(answers))
    }

    fn devices_of_rule(&self, rule: &Rule, only: Option<u32>) -> Result<Vec<Address>, AdminError> {
        let registry = self.parts().registry.read();
        let all = registry.devices_of(rule.group);
        let covered = all.filter(|device| rule.covers(device));
        let wanted = covered.filter(|d| only.is_none_or(|only| d.address.get() == only));
        let devices: Vec<_> = wanted.map(|device| device.address).collect();
        if devices.is_empty() {
            return Err(AdminError::refused("the rule watches no such device"));
        }
        if devices.len() > MOST_DEVICES {
            let text = format!(
                "the rule watches {} devices, more than one back-test goes through ({MOST_DEVICES}): name one",
                devices.len()
            );
            return Err(Refused::invalid(text).hint("--device ADDRESS").into());
        }
        Ok(devices)
    }

    async fn readings_of(
        &self,
        rule: &Rule,
        address: Address,
        range: Range,
    ) -> Result<Vec<Packable>, AdminError> {
        let recorder = &self.parts().recorder;
        let (number, group) = (address.get(), rule.group.0);
        let series = recorder
            .read(move |store| Census::series(store, Some(number), Some(group), 0, usize::MAX))
            .await?;
        let sensor = rule.check.sensor().unwrap_or_default();
        let mut readings = Vec::new();
        for series in series {
            let in_unit = rule.unit.is_empty() || rule.unit == series.unit;
            if series.sensor != sensor || !in_unit {
                continue;
            }
            let mut after: Option<Key> = None;
            loop {
                let id = series.id;
                let look = move |store: &mut dyn Driver| page(store, id, range, after, PAGE);
                let some = recorder.read(look).await?;
                after = some.last().map(Packable::key);
                let more = some.len() == PAGE;
                readings.extend(some);
                if readings.len() > MOST {
                    return Err(AdminError::refused(format!(
                        "device {address} has more than {MOST} readings in that period: choose a shorter one"
                    )));
                }
                if !more {
                    break;
                }
            }
        }
        readings.sort_by_key(Packable::key);
        Ok(readings)
    }
}

async fn try_rule(
    rule: &Rule,
    address: Address,
    readings: Vec<Packable>,
    until_ms: i64,
) -> BackTestAnswer {
    let (count, first, last) = (readings.len(), readings.first(), readings.last());
    let (first_ms, last_ms) = (first.map(|r| r.at_ms), last.map(|r| r.at_ms));
    let mut test = BackTest::new(rule);
    for (number, reading) in readings.into_iter().enumerate() {
        test.add(reading.at_ms, reading.value);
        if number % PAGE == PAGE - 1 {
            // Others on this thread, such as the pages of people, go first.
            tokio::task::yield_now().await;
        }
    }
    BackTestAnswer {
        address: address.get(),
        readings: count,
        first_ms,
        last_ms,
        spans: test.finish(until_ms),
    }
}
