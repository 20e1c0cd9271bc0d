//! What devices have, and what is known of it.

use std::collections::BTreeMap;

use super::{
    ActuatorInfo, Admin, AdminError, CapabilitiesInfo, DesiredInfo, EventInfo, KnownValue,
    Response, SensorInfo,
};
use crate::bus::Change;
use crate::capability::{Capability, Source};
use crate::settings::size;
use crate::storage::{Capabilities, Driver, LastValue, Readings, Said, StorageError, transaction};
use crate::wire::kind;

impl Admin {
    /// An operator says what a device has, in place of what operators said before.
    pub(super) async fn describe(
        &self,
        address: u32,
        fields: &[String],
    ) -> Result<Response, AdminError> {
        let device = self.device(address)?;
        let said = fields
            .iter()
            .map(|field| Capability::parse(field.as_bytes()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(AdminError::refused)?;
        let max = size(self.parts().settings.storage.max_sensors);
        if said.len() > max {
            return Err(AdminError::refused(format!(
                "a device may have {max} sensors and actuators (storage.max_sensors)"
            )));
        }
        let describe = move |store: &mut dyn Driver, readings: &mut Readings| {
            let said = transaction(store, |store| {
                Capabilities::describe(store, address, Source::Operator, &said, true, max)
            })?;
            if said == Said::New {
                readings.forget_device(address);
            }
            Ok::<_, StorageError>(())
        };
        self.parts().recorder.with_readings(describe).await??;
        self.device_changed(device.address).await;
        self.tell_device(device.group, device.address, Change::Changed);
        Ok(Response::Done)
    }

    pub(super) async fn capabilities(&self, address: u32) -> Result<Response, AdminError> {
        let device = self.device(address)?;
        let (group, now_ms) = (device.group.0, self.parts().clock.unix_ms());
        let (described, wanted, known) = self
            .parts()
            .recorder
            .read(move |store| {
                Ok::<_, StorageError>((
                    Capabilities::of(store, address)?,
                    Capabilities::wanted(store, address)?,
                    Readings::last_all(store, address, group, now_ms)?,
                ))
            })
            .await?;
        let mut known: BTreeMap<String, LastValue> = known.into_iter().collect();
        let mut info = CapabilitiesInfo {
            address,
            sensors: Vec::new(),
            actuators: Vec::new(),
            events: self
                .parts()
                .standing
                .of(device.address)
                .into_iter()
                .filter(|order| order.kind == kind::EVENT_SET)
                .filter_map(|order| {
                    Some(EventInfo {
                        period_ms: order.fields.get(1)?.parse().ok()?,
                        sensor: order.name,
                        command: order.command,
                    })
                })
                .collect(),
        };
        let mut wanted: BTreeMap<_, _> = wanted
            .into_iter()
            .map(|(actuator, value, command, state)| {
                let desired = DesiredInfo {
                    value,
                    command,
                    state,
                };
                (actuator, desired)
            })
            .collect();
        for (capability, source) in described.iter() {
            let by = source.name();
            if capability.acts {
                let desired = wanted.remove(&capability.name);
                let reported = known.remove(&capability.name).map(KnownValue::from);
                info.actuators
                    .push(actuator(capability, by, desired, reported));
            } else {
                let last = known.remove(&capability.name).map(KnownValue::from);
                info.sensors.push(sensor(capability, by, last));
            }
        }
        // What was wanted of, or reported by, a device that nobody described.
        for (name, desired) in wanted {
            let reported = known.remove(&name).map(KnownValue::from);
            let undescribed = undescribed(name, String::new());
            info.actuators
                .push(actuator(&undescribed, "readings", Some(desired), reported));
        }
        for (name, last) in known {
            let undescribed = undescribed(name, last.unit.clone());
            info.sensors
                .push(sensor(&undescribed, "readings", Some(last.into())));
        }
        Ok(Response::Capabilities(Box::new(info)))
    }
}

impl From<LastValue> for KnownValue {
    fn from(last: LastValue) -> Self {
        Self {
            value: last.value,
            at_ms: last.at_ms,
            hub_ms: last.hub_ms,
        }
    }
}

fn undescribed(name: String, unit: String) -> Capability {
    Capability {
        acts: false,
        name,
        kind: String::new(),
        unit,
        low: None,
        high: None,
    }
}

fn sensor(capability: &Capability, by: &str, last: Option<KnownValue>) -> SensorInfo {
    SensorInfo {
        name: capability.name.clone(),
        kind: capability.kind.clone(),
        unit: capability.unit.clone(),
        min: capability.low,
        max: capability.high,
        by: by.to_owned(),
        last,
    }
}

fn actuator(
    capability: &Capability,
    by: &str,
    desired: Option<DesiredInfo>,
    reported: Option<KnownValue>,
) -> ActuatorInfo {
    ActuatorInfo {
        name: capability.name.clone(),
        kind: capability.kind.clone(),
        min: capability.low,
        max: capability.high,
        by: by.to_owned(),
        desired,
        reported,
    }
}
