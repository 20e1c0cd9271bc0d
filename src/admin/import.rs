//! Many devices at once. A bad row is named by its line; the good ones go in, unless all must be good.

use std::collections::{HashMap, HashSet};

use super::credentials::{NONCE_MEMORY, check};
use super::groups::check_group_name;
use super::{Admin, AdminError, Credential, ImportRow, Imported, NewDevice, Response, RowError};
use crate::bus::Change;
use crate::registry::{Device, GroupId, LoginKind, Rights};
use crate::storage::Devices;

/// Rows in one transaction: readings of a running hub wait that long at most.
const CHUNK: usize = 2000;

type Built = (Device, Credential);

impl Admin {
    pub(super) async fn import(
        &self,
        rows: Vec<ImportRow>,
        strict: bool,
    ) -> Result<Response, AdminError> {
        let (good, mut errors) = self.sort_out(rows);
        if strict && !errors.is_empty() {
            return Ok(Response::Imported(Imported {
                devices: Vec::new(),
                errors,
            }));
        }
        let (mut groups, mut taken) = (HashMap::new(), HashSet::new());
        let mut built = Vec::with_capacity(good.len());
        for (line, new) in good {
            let group = match groups.get(&new.group) {
                Some(group) => *group,
                None => {
                    let group = self.group_or_new(&new.group).await?;
                    groups.insert(new.group.clone(), group);
                    group
                }
            };
            let address = self.free_address(&mut taken);
            built.push((line, self.build(new, group, address)));
        }
        let devices = self
            .store(built, if strict { usize::MAX } else { CHUNK }, &mut errors)
            .await;
        errors.sort_by_key(|error| error.line);
        Ok(Response::Imported(Imported { devices, errors }))
    }

    /// Parses every row, and finds those that clash with a device or with a row before.
    fn sort_out(&self, rows: Vec<ImportRow>) -> (Vec<(u64, NewDevice)>, Vec<RowError>) {
        let (mut good, mut errors) = (Vec::with_capacity(rows.len()), Vec::new());
        let mut seen = HashSet::new();
        for row in rows {
            let line = row.line;
            let parsed = parse(row).and_then(|new| {
                check(&new)?;
                self.refuse_known(new.kind, &new.id)?;
                if !seen.insert((new.kind, new.id.clone())) {
                    return Err(AdminError::refused(format!(
                        "device {}/{} stands in this file twice",
                        new.kind, new.id
                    )));
                }
                Ok(new)
            });
            match parsed {
                Ok(new) => good.push((line, new)),
                Err(error) => errors.push(RowError {
                    line,
                    error: error.to_string(),
                }),
            }
        }
        (good, errors)
    }

    async fn group_or_new(&self, name: &str) -> Result<GroupId, AdminError> {
        let known = self.parts().registry.read().group_named(name);
        match known {
            Some(id) => Ok(id),
            None => self.make_group(name).await,
        }
    }

    /// Commits the devices in chunks. The credentials of what was committed are given back whatever happens:
    /// nobody else knows the serials.
    async fn store(
        &self,
        mut built: Vec<(u64, Built)>,
        chunk: usize,
        errors: &mut Vec<RowError>,
    ) -> Vec<Credential> {
        let mut credentials = Vec::with_capacity(built.len());
        while !built.is_empty() {
            let rest = built.split_off(built.len().min(chunk));
            let part = std::mem::replace(&mut built, rest);
            let rows: Vec<_> = part
                .iter()
                .map(|(_, (device, _))| device.to_row())
                .collect();
            let done = self
                .commit(move |store| rows.iter().try_for_each(|row| Devices::insert(store, row)))
                .await;
            if let Err(error) = done {
                let error = error.to_string();
                let lines = part.iter().chain(&built).map(|(line, _)| *line);
                errors.extend(lines.map(|line| RowError {
                    line,
                    error: error.clone(),
                }));
                break;
            }
            let mut registry = self.parts().registry.write();
            let mut groups = HashSet::new();
            for (_, (device, credential)) in part {
                groups.insert(device.group);
                registry.put(device);
                credentials.push(credential);
            }
            // Not device by device: 20,000 would be more than anybody listens to.
            for group in groups {
                self.tell_group(group, &registry.group_name(group), Change::Changed);
            }
        }
        credentials
    }
}

fn parse(row: ImportRow) -> Result<NewDevice, AdminError> {
    check_group_name(&row.group)?;
    let kind = row
        .kind
        .parse()
        .map_err(|_| AdminError::refused(format!("type {:?} is not a number", row.kind)))?;
    let login = match row.login.as_str() {
        "" => LoginKind::default(),
        name => LoginKind::from_name(name).ok_or_else(|| {
            AdminError::refused(format!("login {name:?} is neither challenge nor legacy"))
        })?,
    };
    let rights = match row.rights.as_str() {
        "" => Rights::default(),
        name => Rights::from_name(name).ok_or_else(|| {
            AdminError::refused(format!("rights {name:?} are none of report, talk, control"))
        })?,
    };
    Ok(NewDevice {
        group: row.group,
        kind,
        id: row.id,
        name: row.name,
        labels: row
            .labels
            .split([';', ' '])
            .filter(|l| !l.is_empty())
            .map(Into::into)
            .collect(),
        serial: Some(row.serial).filter(|serial| !serial.is_empty()),
        login,
        rights,
        nonce_memory: NONCE_MEMORY,
    })
}
