//! Single devices.

use std::collections::HashSet;
use std::sync::Arc;

use super::credentials::check;
use super::{Admin, AdminError, DeviceInfo, NewDevice, Response};
use crate::bus::Change;
use crate::recorder::Job;
use crate::registry::{Device, LoginKind, is_strong};
use crate::session::EndReason;
use crate::storage::{Commands, Devices, Driver, Nonces, Readings, StorageError, transaction};
use crate::wire::Address;

impl Admin {
    pub(super) async fn add_device(&self, new: NewDevice) -> Result<Response, AdminError> {
        let group = self.group(&new.group)?;
        self.refuse_known(new.kind, &new.id)?;
        check(&new)?;
        let address = self.free_address(&mut HashSet::new());
        let (device, credential) = self.build(new, group, address);
        let row = device.to_row();
        self.commit(move |store| Devices::insert(store, &row))
            .await?;
        self.parts().registry.write().put(device);
        self.tell_device(group, address, Change::Added);
        Ok(Response::Credential(credential))
    }

    pub(super) fn list_devices(&self, group: Option<&str>) -> Result<Response, AdminError> {
        let group = group.map(|name| self.group(name)).transpose()?;
        let registry = self.parts().registry.read();
        let mut devices: Vec<_> = registry
            .devices()
            .filter(|d| group.is_none_or(|g| d.group == g))
            .collect();
        devices.sort_by_key(|device| (device.group, device.kind, device.id.clone()));
        Ok(Response::Devices(
            devices
                .into_iter()
                .map(|device| self.info(device, registry.group_name(device.group).to_string()))
                .collect(),
        ))
    }

    pub(super) fn show_device(&self, address: u32) -> Result<Response, AdminError> {
        let device = self.device(address)?;
        let group = self
            .parts()
            .registry
            .read()
            .group_name(device.group)
            .to_string();
        Ok(Response::Device(Box::new(self.info(&device, group))))
    }

    pub(super) async fn set_disabled(
        &self,
        address: u32,
        disabled: bool,
    ) -> Result<Response, AdminError> {
        let device = self.device(address)?;
        self.commit(move |store| Devices::set_disabled(store, address, disabled))
            .await?;
        self.parts().registry.write().put(Device {
            disabled,
            ..(*device).clone()
        });
        if disabled {
            self.end_session(device.group, device.address, EndReason::Disabled)
                .await;
        }
        self.device_changed(device.address).await;
        self.tell_device(device.group, device.address, Change::Changed);
        Ok(Response::Done)
    }

    pub(super) async fn rotate_serial(&self, address: u32) -> Result<Response, AdminError> {
        let device = self.device(address)?;
        let serial = self.parts().entropy.serial();
        let sealed = self
            .parts()
            .seal
            .seal(device.address, &serial, &self.parts().entropy);
        let weak = !is_strong(&serial) || device.login == LoginKind::Legacy;
        let stored = sealed.clone();
        self.commit(move |store| {
            Devices::set_serial(store, address, &stored, weak)?;
            // No digest of the old serial is worth anything now.
            Nonces::forget(store, address)
        })
        .await?;
        let rotated = Device {
            sealed_serial: sealed,
            weak,
            ..(*device).clone()
        };
        let group = self
            .parts()
            .registry
            .read()
            .group_name(device.group)
            .to_string();
        let credential = self.credential(&rotated, group, serial);
        self.parts().registry.write().put(rotated);
        self.end_session(device.group, device.address, EndReason::SerialRotated)
            .await;
        self.tell_device(device.group, device.address, Change::Changed);
        Ok(Response::Credential(credential))
    }

    pub(super) async fn remove_device(&self, address: u32) -> Result<Response, AdminError> {
        let device = self.device(address)?;
        // Out of the registry and off line first: no reading may be stored behind the removal.
        self.parts().registry.write().remove(device.address);
        self.end_session(device.group, device.address, EndReason::Removed)
            .await;
        if let Err(error) = self
            .commit(move |store| Devices::remove(store, address))
            .await
        {
            self.parts().registry.write().put((*device).clone());
            return Err(error);
        }
        // Before the purge: from here on the recorder refuses what still comes for the device.
        self.parts().recorder.submit(Job::Forget).await;
        self.parts().books.forget(device.group, device.address);
        self.parts().presences.forget(device.address);
        self.parts().standing.forget(device.address);
        self.forget_commands(&device, "REMOVED");
        self.device_changed(device.address).await;
        self.tell_device(device.group, device.address, Change::Removed);
        Ok(Response::Done)
    }

    /// Its alarms, rules and subscriptions follow; a failure is mended by the next start.
    pub(super) async fn device_changed(&self, address: Address) {
        let (alarms, recorder) = (&self.parts().alarms, &self.parts().recorder);
        if let Err(error) = alarms.device_changed(recorder, address).await {
            log::error!("alarms do not know yet that device {address} was changed error={error}");
        }
    }

    /// Deletes what devices that are gone have reported, step by step, so that nobody else waits for long.
    pub async fn purge(&self) -> Result<(), AdminError> {
        let mut from = 0;
        loop {
            let mut at = from;
            let step = move |store: &mut dyn Driver| {
                transaction(store, |store| Readings::purge_step(store, &mut at))
                    .map(|more| (more, at))
            };
            let (more, reached) = self.parts().recorder.call(step).await??;
            if !more {
                return Ok(());
            }
            from = reached;
        }
    }

    pub(super) async fn move_device(
        &self,
        address: u32,
        group: &str,
    ) -> Result<Response, AdminError> {
        let device = self.device(address)?;
        let to = self.group(group)?;
        if to == device.group {
            return Err(AdminError::conflict(format!(
                "device {address} is in group {group} already"
            )));
        }
        let (from, now_ms) = (device.group, self.parts().clock.unix_ms());
        self.commit(move |store| {
            Devices::set_group(store, address, to.0)?;
            Commands::leave_group(store, address, from.0, now_ms)
        })
        .await?;
        self.parts().registry.write().put(Device {
            group: to,
            labels: Box::default(),
            ..(*device).clone()
        });
        self.end_session(device.group, device.address, EndReason::Moved)
            .await;
        // What was ordered between the commit and the registry's change.
        self.commit(move |store| Commands::leave_group(store, address, from.0, now_ms))
            .await?;
        self.forget_commands(&device, "MOVED");
        self.device_changed(device.address).await;
        self.parts().books.forget(device.group, device.address);
        self.tell_device(from, device.address, Change::Removed);
        self.tell_device(to, device.address, Change::Added);
        Ok(Response::Done)
    }

    pub(super) fn refuse_known(&self, kind: u32, id: &str) -> Result<(), AdminError> {
        match self.parts().registry.read().identified(kind, id) {
            Some(known) => Err(AdminError::conflict(format!(
                "device {kind}/{id} exists already, with address {}",
                known.address
            ))),
            None => Ok(()),
        }
    }

    pub(super) fn device(&self, address: u32) -> Result<Arc<Device>, AdminError> {
        Address::new(address)
            .and_then(|address| self.parts().registry.read().device(address).cloned())
            .ok_or_else(|| {
                AdminError::not_found(format!("no device {address}"), "hub device list shows all")
            })
    }

    /// Runs `work` in a transaction on the recorder's thread.
    pub(super) async fn commit(
        &self,
        work: impl FnOnce(&mut dyn Driver) -> Result<(), StorageError> + Send + 'static,
    ) -> Result<(), AdminError> {
        Ok(self
            .parts()
            .recorder
            .call(move |store| transaction(store, work))
            .await??)
    }

    fn info(&self, device: &Device, group: String) -> DeviceInfo {
        let account = self.parts().books.find(device.group, device.address);
        DeviceInfo {
            address: device.address.get(),
            group,
            kind: device.kind,
            id: device.id.to_string(),
            name: device.name.to_string(),
            labels: device.labels.iter().map(ToString::to_string).collect(),
            rights: device.rights,
            login: device.login,
            nonce_memory: device.nonce_memory,
            disabled: device.disabled,
            weak: device.weak,
            presence: self.parts().presences.of(device.address),
            connected: account
                .as_ref()
                .is_some_and(|account| account.is_connected()),
            ledger: account.map(|account| account.snapshot()),
        }
    }
}
