//! Many devices at once. A bad row is named by its line; the good ones go in, unless all must be good.

use std::collections::{HashMap, HashSet};

use super::credentials::NONCE_MEMORY;
use super::groups::check_group_name;
use super::{Admin, AdminError, Credential, ImportRow, Imported, NewDevice, Response, RowError};
use crate::registry::{Device, GroupId, LoginKind, Rights};
use crate::storage::{Devices, transaction};

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
        let mut groups = HashMap::new();
        for (_, new) in &good {
            if !groups.contains_key(&new.group) {
                groups.insert(new.group.clone(), self.group_or_new(&new.group).await?);
            }
        }
        let mut built: Vec<Built> = Vec::with_capacity(good.len());
        for (line, new) in good {
            let group = groups.get(&new.group).copied().unwrap_or(GroupId(0));
            match self.build(new, group) {
                Ok(device) => built.push(device),
                Err(error) => errors.push(RowError {
                    line,
                    error: error.to_string(),
                }),
            }
        }
        if strict && !errors.is_empty() {
            return Ok(Response::Imported(Imported {
                devices: Vec::new(),
                errors,
            }));
        }
        let devices = self
            .store(built, if strict { usize::MAX } else { CHUNK })
            .await?;
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
        let known = self.0.registry.read().group_named(name);
        match known {
            Some(id) => Ok(id),
            None => self.make_group(name).await,
        }
    }

    async fn store(
        &self,
        mut built: Vec<Built>,
        chunk: usize,
    ) -> Result<Vec<Credential>, AdminError> {
        let mut credentials = Vec::with_capacity(built.len());
        while !built.is_empty() {
            let rest = built.split_off(built.len().min(chunk));
            let part = std::mem::replace(&mut built, rest);
            let rows: Vec<_> = part.iter().map(|(device, _)| device.to_row()).collect();
            self.0
                .recorder
                .call(move |store| {
                    transaction(store, |store| {
                        rows.iter().try_for_each(|row| Devices::insert(store, row))
                    })
                })
                .await??;
            let mut registry = self.0.registry.write();
            for (device, credential) in part {
                registry.put(device);
                credentials.push(credential);
            }
        }
        Ok(credentials)
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
