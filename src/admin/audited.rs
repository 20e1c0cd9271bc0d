//! What the audit log says of each changing request: said before it is carried out, while what it removes is there; and
//! completed by the answer, which knows what was made.

use super::{
    Admin, AlarmRequest, NotifyRequest, ReadingRequest, Request, Response, ScheduleRequest,
    ScheduleResponse, UserRequest,
};
use crate::accounts::Note;
use crate::admin::{AlarmResponse, UserResponse};
use crate::registry::GroupId;
use crate::storage::Numbered;
use crate::wire::Address;

/// The line, but for its groups.
fn line(action: &'static str, target: impl Into<String>, detail: impl Into<String>) -> Note {
    Note {
        action,
        target: target.into(),
        detail: detail.into(),
        groups: Vec::new(),
    }
}

impl Admin {
    /// `None`: it changes nothing.
    pub(super) async fn note_of(&self, request: &Request) -> Option<Note> {
        match request {
            Request::GroupAdd { name } => Some(line("group.add", name, "")),
            Request::GroupRemove { name } => Some(self.of(line("group.remove", name, ""), [name])),
            Request::DeviceAdd(new) => {
                let target = format!("{}/{}", new.kind, new.id);
                Some(self.of(line("device.add", target, &new.name), [&new.group]))
            }
            Request::DeviceImport { rows, .. } => {
                let groups: std::collections::BTreeSet<_> =
                    rows.iter().map(|row| &row.group).collect();
                Some(self.of(line("device.import", "", ""), groups))
            }
            Request::DeviceSetDisabled { address, disabled } => {
                let action = if *disabled {
                    "device.disable"
                } else {
                    "device.enable"
                };
                Some(self.of_device(*address, action, ""))
            }
            Request::DeviceRotateSerial { address } => {
                Some(self.of_device(*address, "device.serial", ""))
            }
            Request::DeviceRemove { address } => {
                Some(self.of_device(*address, "device.remove", ""))
            }
            Request::DeviceMove { address, group } => {
                let moved = self.of_device(*address, "device.move", &format!("to {group}"));
                Some(self.of(moved, [group]))
            }
            Request::DeviceDescribe {
                address,
                capabilities,
            } => Some(self.of_device(*address, "device.describe", &capabilities.join(" "))),
            Request::CommandSend(order) => {
                let detail = format!("type {} {}", order.kind, order.fields.join(" "));
                let sent = line("command.send", &order.target, detail.trim_end());
                let address = order.target.parse().ok();
                Some(match (&order.group, address) {
                    (_, Some(address)) => self.in_group_of(sent, address),
                    (group, None) => self.of(sent, group),
                })
            }
            Request::CommandCancel { id } => {
                let cancelled = line("command.cancel", format!("command {id}"), "");
                Some(self.of_numbered(cancelled, Numbered::Command, *id).await)
            }
            Request::Reading(asked) => self.note_of_reading(asked),
            Request::Alarm(asked) => self.note_of_alarm(asked).await,
            Request::Notify(asked) => self.note_of_channel(asked),
            Request::Schedule(asked) => self.note_of_schedule(asked).await,
            Request::User(asked) => self.note_of_user(asked),
            Request::GroupList
            | Request::DeviceList { .. }
            | Request::DeviceShow { .. }
            | Request::DeviceCapabilities { .. }
            | Request::CommandList(_)
            | Request::CommandShow { .. }
            | Request::CommandWait { .. } => None,
        }
    }

    fn note_of_reading(&self, asked: &ReadingRequest) -> Option<Note> {
        match asked {
            ReadingRequest::Import { check: true, .. }
            | ReadingRequest::Query(_)
            | ReadingRequest::Export(_)
            | ReadingRequest::Stats { .. }
            | ReadingRequest::RetentionList => None,
            ReadingRequest::Import { rows, .. } => {
                let detail = format!("{} rows", rows.len());
                Some(line("reading.import", "readings", detail))
            }
            ReadingRequest::RetentionSet(rule) => {
                Some(self.of(line("retention.set", &rule.sensor, ""), [&rule.group]))
            }
            ReadingRequest::RetentionRemove { group, sensor } => {
                Some(self.of(line("retention.remove", sensor, ""), [group]))
            }
        }
    }

    async fn note_of_alarm(&self, asked: &AlarmRequest) -> Option<Note> {
        let (action, numbered, id, note) = match asked {
            AlarmRequest::RuleAdd(new) => {
                return Some(self.of(line("rule.add", &new.name, &new.scope), [&new.group]));
            }
            AlarmRequest::RuleSetEnabled { id, enabled, .. } => {
                let action = if *enabled {
                    "rule.enable"
                } else {
                    "rule.disable"
                };
                (action, Numbered::Rule, id, "")
            }
            AlarmRequest::RuleRemove { id, .. } => ("rule.remove", Numbered::Rule, id, ""),
            AlarmRequest::Ack { id, note, .. } => {
                ("alarm.acknowledge", Numbered::Alarm, id, note.as_str())
            }
            AlarmRequest::Shelve {
                id, until_ms, note, ..
            } => {
                let action = if *until_ms == 0 {
                    "alarm.unshelve"
                } else {
                    "alarm.shelve"
                };
                (action, Numbered::Alarm, id, note.as_str())
            }
            AlarmRequest::Clear { id, note, .. } => {
                ("alarm.clear", Numbered::Alarm, id, note.as_str())
            }
            AlarmRequest::RuleList { .. }
            | AlarmRequest::RulesOf { .. }
            | AlarmRequest::RuleShow { .. }
            | AlarmRequest::BackTest(_)
            | AlarmRequest::List(_)
            | AlarmRequest::Show { .. } => return None,
        };
        let what = action.split('.').next().unwrap_or_default();
        let done = line(action, format!("{what} {id}"), note);
        Some(self.of_numbered(done, numbered, *id).await)
    }

    fn note_of_channel(&self, asked: &NotifyRequest) -> Option<Note> {
        match asked {
            NotifyRequest::Add(new) => {
                Some(self.of(line("channel.add", &new.name, ""), [&new.group]))
            }
            NotifyRequest::Test { group, name } => {
                Some(self.of(line("channel.test", name, ""), [group]))
            }
            NotifyRequest::Remove { group, name } => {
                Some(self.of(line("channel.remove", name, ""), [group]))
            }
            NotifyRequest::List { .. } => None,
        }
    }

    async fn note_of_schedule(&self, asked: &ScheduleRequest) -> Option<Note> {
        let (action, id) = match asked {
            ScheduleRequest::Add(new) => {
                return Some(self.of(line("schedule.add", &new.name, ""), [&new.group]));
            }
            ScheduleRequest::Pause { id } => ("schedule.pause", id),
            ScheduleRequest::Resume { id } => ("schedule.resume", id),
            ScheduleRequest::Remove { id } => ("schedule.remove", id),
            _ => return None,
        };
        let done = line(action, format!("schedule {id}"), "");
        Some(self.of_numbered(done, Numbered::Schedule, *id).await)
    }

    fn note_of_user(&self, asked: &UserRequest) -> Option<Note> {
        match asked {
            UserRequest::Add { name, role, groups } => {
                Some(self.of(line("user.add", name, role.name()), groups))
            }
            UserRequest::Change {
                name,
                role,
                groups,
                disabled,
            } => {
                let mut detail: Vec<String> = Vec::new();
                detail.extend(role.map(|role| role.name().to_owned()));
                detail.extend(groups.as_ref().map(|groups| groups.join(", ")));
                detail.extend(
                    disabled
                        .map(|disabled| if disabled { "disabled" } else { "enabled" }.to_owned()),
                );
                let changed = self.of_user(line("user.change", name, detail.join("; ")), name);
                Some(self.of(changed, groups.iter().flatten()))
            }
            UserRequest::Reset { name } => {
                Some(self.of_user(line("user.reset", name, "a link to set the password"), name))
            }
            UserRequest::Remove { name } => Some(self.of_user(line("user.remove", name, ""), name)),
            UserRequest::List | UserRequest::Show { .. } => None,
        }
    }

    /// What the answer adds.
    pub(super) fn completed(&self, mut note: Note, answer: &Response) -> Note {
        match answer {
            Response::Credential(made) => note.target = format!("{}", made.address),
            Response::Imported(made) => note.detail = format!("{} devices", made.devices.len()),
            Response::Commands(commands) if note.action == "command.send" => {
                let ids: Vec<_> = commands
                    .iter()
                    .map(|command| command.id.to_string())
                    .collect();
                note.detail = format!("{}: command {}", note.detail, ids.join(", "));
            }
            Response::Alarm(answer) => {
                if let (AlarmResponse::Rule(rule), "rule.add") = (&**answer, note.action) {
                    note.detail = format!("rule {}: {}", rule.id, note.detail);
                }
            }
            Response::Schedule(answer) => {
                if let (ScheduleResponse::Schedule(made), "schedule.add") = (&**answer, note.action)
                {
                    note.detail = format!("schedule {}", made.id);
                }
            }
            Response::User(answer) => {
                if let UserResponse::Added(added) = &**answer {
                    note.target.clone_from(&added.user.name);
                }
            }
            Response::Done if note.action == "group.add" => {
                let name = note.target.clone();
                return self.of(note, [&name]);
            }
            _ => {}
        }
        note
    }

    /// It concerns groups, those that there are.
    fn of<'a>(&self, mut note: Note, names: impl IntoIterator<Item = &'a String>) -> Note {
        let registry = self.parts().registry.read();
        for name in names {
            if let Some(id) = registry.group_named(name) {
                note.groups.push((id.0, name.clone()));
            }
        }
        note
    }

    fn in_group(&self, mut note: Note, group: GroupId) -> Note {
        let name = self.parts().registry.read().group_name(group).to_string();
        note.groups.push((group.0, name));
        note
    }

    fn in_group_of(&self, note: Note, address: u32) -> Note {
        match self.device(address) {
            Ok(device) => self.in_group(note, device.group),
            Err(_) => note,
        }
    }

    fn of_device(&self, address: u32, action: &'static str, detail: &str) -> Note {
        let known = Address::new(address)
            .and_then(|address| self.parts().registry.read().device(address).cloned());
        let target = match &known {
            Some(device) => format!("{address} {}", device.name),
            None => address.to_string(),
        };
        let note = line(action, target.trim_end(), detail);
        match known {
            Some(device) => self.in_group(note, device.group),
            None => note,
        }
    }

    async fn of_numbered(&self, note: Note, numbered: Numbered, id: i64) -> Note {
        let find = self
            .parts()
            .recorder
            .read(move |store| numbered.group(store, id));
        match find.await {
            Ok(Some(group)) => self.in_group(note, group),
            // What there is not will not be changed.
            Ok(None) | Err(_) => note,
        }
    }

    fn of_user(&self, note: Note, name: &str) -> Note {
        let user = self.parts().accounts.read().named(name).cloned();
        let groups = user.iter().flat_map(|user| user.groups.iter());
        groups.fold(note, |note, group| self.in_group(note, *group))
    }
}
