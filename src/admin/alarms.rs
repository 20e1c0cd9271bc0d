//! Alarms and their rules.

use std::collections::BTreeMap;

use super::{
    Admin, AdminError, AlarmQuery, AlarmRequest, AlarmResponse, NewRule, Part, Response, RuleInfo,
    RuleSource, Watching,
};
use crate::alarm::{Alarm, AlarmInfo, By, Rule, RuleError, Scope, SourceInfo};
use crate::bus::Event;
use crate::command::{Command, State};
use crate::refusal::Refused;
use crate::storage::{AlarmFilter, AlarmRules, Alarms, Capabilities, Commands, Driver};

/// Alarms that one list shows at most.
const MAX_LISTED: u32 = 10_000;

/// Devices that are shown of one rule at most.
const MAX_SOURCES: usize = 10_000;

/// Bytes of a note, or of who wrote it, at most.
const MAX_NOTE: usize = 1000;

impl Admin {
    pub(super) async fn alarm(&self, asked: AlarmRequest) -> Result<Response, AdminError> {
        let (alarms, recorder) = (&self.parts().alarms, &self.parts().recorder);
        let answer = match asked {
            AlarmRequest::RuleAdd(new) => self.add_rule(new).await?,
            AlarmRequest::RuleList { group, part } => {
                self.list_rules(group.as_deref(), part).await?
            }
            AlarmRequest::RulesOf { address } => self.rules_of(address).await?,
            AlarmRequest::RuleShow { id } => self.show_rule(id).await?,
            AlarmRequest::RuleSetEnabled { id, enabled, by } => {
                self.set_rule_enabled(id, enabled, &by).await?
            }
            AlarmRequest::RuleRemove { id, by } => {
                let group = self.find_rule(id).await?.group;
                alarms.remove_rule(recorder, id, named(by, "")?).await??;
                self.tell(Event::Rule { group, id });
                return Ok(Response::Done);
            }
            AlarmRequest::BackTest(query) => self.back_test(query).await?,
            AlarmRequest::List(query) => self.list_alarms(query).await?,
            AlarmRequest::Show { id } => self.show_alarm(id).await?,
            AlarmRequest::Ack { id, by, note } => {
                let alarm = alarms.ack(recorder, id, named(by, &note)?).await??;
                self.told(&alarm)
            }
            AlarmRequest::Shelve {
                id,
                until_ms,
                by,
                note,
            } => {
                let by = named(by, &note)?;
                let alarm = alarms.set_shelved(recorder, id, until_ms, by).await??;
                self.told(&alarm)
            }
            AlarmRequest::Clear { id, by, note } => {
                let alarm = alarms
                    .force_clear(recorder, id, named(by, &note)?)
                    .await??;
                self.told(&alarm)
            }
        };
        Ok(Response::Alarm(Box::new(answer)))
    }

    async fn add_rule(&self, new: NewRule) -> Result<AlarmResponse, AdminError> {
        let rule = self.rule(new).await?;
        let parts = self.parts();
        let added = parts.alarms.add_rule(&parts.recorder, rule).await??;
        self.tell_rule(&added);
        Ok(AlarmResponse::Rule(Box::new(self.rule_info(&added))))
    }

    /// Judges a rule: what it says itself, and what is known of its devices.
    pub(super) async fn rule(&self, new: NewRule) -> Result<Rule, AdminError> {
        let group = self.group(&new.group)?;
        let scope: Scope = new.scope.parse()?;
        let rule = Rule {
            id: 0,
            group,
            name: new.name,
            scope,
            check: new.check,
            unit: new.unit,
            severity: new.severity,
            enabled: new.enabled,
            on_delay_ms: new.on_delay_ms,
            off_delay_ms: new.off_delay_ms,
            act: new.act,
            local: new.local,
            created_ms: self.parts().clock.unix_ms(),
        };
        rule.check()?;
        if let Scope::Device(address) = rule.scope {
            let device = self.device(address.get())?;
            if device.group != group {
                return Err(AdminError::refused(format!(
                    "device {address} is not in group {}",
                    new.group
                )));
            }
            self.fits(&rule, address.get()).await?;
        }
        Ok(rule)
    }

    /// A device that says what it has must have what the rule is about.
    async fn fits(&self, rule: &Rule, address: u32) -> Result<(), AdminError> {
        let read = move |store: &mut dyn crate::storage::Driver| Capabilities::of(store, address);
        let described = self.parts().recorder.read(read).await?;
        if described.is_empty() {
            return Ok(());
        }
        if let Some(sensor) = rule.check.sensor() {
            let whole = sensor.split_once('/').map_or(sensor, |(whole, _)| whole);
            if described
                .readable(sensor)
                .or(described.readable(whole))
                .is_none()
            {
                let text = format!("device {address} has no sensor {sensor:?}");
                return Err(Refused::invalid(text).hint(see(address)).into());
            }
        }
        if let Some(act) = &rule.act {
            let actuator = described.actuator(&act.actuator).ok_or_else(|| {
                let text = format!("device {address} has no actuator {:?}", act.actuator);
                Refused::invalid(text).hint(see(address))
            })?;
            actuator.takes(&act.value).map_err(|reason| {
                AdminError::refused(format!(
                    "{} of device {address} does not take {:?} ({reason})",
                    act.actuator, act.value
                ))
            })?;
        }
        Ok(())
    }

    /// Enables or disables a rule, on behalf of an operator or of a schedule.
    pub(crate) async fn set_rule_enabled(
        &self,
        id: i64,
        enabled: bool,
        by: &str,
    ) -> Result<AlarmResponse, AdminError> {
        let parts = self.parts();
        let by = named(by.to_owned(), "")?;
        let rule = parts
            .alarms
            .set_rule_enabled(&parts.recorder, id, enabled, by)
            .await??;
        self.tell_rule(&rule);
        Ok(AlarmResponse::Rule(Box::new(self.rule_info(&rule))))
    }

    fn tell_rule(&self, rule: &Rule) {
        let (group, id) = (rule.group, rule.id);
        self.tell(Event::Rule { group, id });
    }

    async fn list_rules(
        &self,
        group: Option<&str>,
        part: Part,
    ) -> Result<AlarmResponse, AdminError> {
        let groups = self.groups_asked(group, &part.within)?;
        let look = move |store: &mut dyn Driver| {
            AlarmRules::list(store, groups.as_deref(), part.after, part.most())
        };
        let rules = self.parts().recorder.read(look).await?;
        let rules = rules.iter().map(|rule| self.rule_info(rule)).collect();
        Ok(AlarmResponse::Rules(rules))
    }

    /// The rules that watch a device.
    async fn rules_of(&self, address: u32) -> Result<AlarmResponse, AdminError> {
        let device = self.device(address)?;
        let group = device.group;
        let list =
            move |store: &mut dyn Driver| AlarmRules::list(store, Some(&[group]), 0, usize::MAX);
        let mut rules = self.parts().recorder.read(list).await?;
        rules.retain(|rule| rule.covers(&device));
        let ids = rules.iter().map(|rule| rule.id).collect();
        let alarms = &self.parts().alarms;
        let recorder = &self.parts().recorder;
        let sources = alarms.sources_of(recorder, device.address, ids).await?;
        let shown = self.rule_sources(&sources).await?;
        let watching = rules.iter().zip(shown).map(|(rule, source)| Watching {
            rule: self.rule_info(rule),
            source,
        });
        Ok(AlarmResponse::Watching(watching.collect()))
    }

    async fn show_rule(&self, id: i64) -> Result<AlarmResponse, AdminError> {
        let rule = self.find_rule(id).await?;
        let parts = self.parts();
        let sources = parts
            .alarms
            .sources(&parts.recorder, id, MAX_SOURCES)
            .await?;
        let mut info = self.rule_info(&rule);
        info.sources = Some(self.rule_sources(&sources).await?);
        Ok(AlarmResponse::Rule(Box::new(info)))
    }

    /// With what became of the commands that gave them to devices.
    async fn rule_sources(&self, sources: &[SourceInfo]) -> Result<Vec<RuleSource>, AdminError> {
        let ids: Vec<_> = sources.iter().filter_map(|source| source.command).collect();
        let find = move |store: &mut dyn Driver| {
            let found = ids.iter().map(|id| Commands::find(store, *id));
            found.collect::<Result<Vec<_>, _>>()
        };
        let found = self.parts().recorder.read(find).await?;
        let commands: BTreeMap<_, _> = found.iter().flatten().map(|c| (c.id, c)).collect();
        let of = |source: &SourceInfo| {
            let command = source.command.and_then(|id| commands.get(&id).copied());
            rule_source(source, command)
        };
        Ok(sources.iter().map(of).collect())
    }

    pub(super) async fn find_rule(&self, id: i64) -> Result<Rule, AdminError> {
        let found = self
            .parts()
            .recorder
            .read(move |store| AlarmRules::find(store, id))
            .await?;
        found.ok_or_else(|| {
            AdminError::not_found(
                format!("no alarm rule {id}"),
                "hub alarm rule list shows all",
            )
        })
    }

    async fn list_alarms(&self, query: AlarmQuery) -> Result<AlarmResponse, AdminError> {
        let device = query.device.map(|address| self.device(address));
        let filter = AlarmFilter {
            groups: self.groups_asked(query.group.as_deref(), &query.within)?,
            address: device.transpose()?.map(|device| device.address),
            open: query.open,
            state: query.state,
            severity: query.severity,
            before: query.before,
            limit: query.limit.clamp(1, MAX_LISTED).into(),
        };
        let alarms = self
            .parts()
            .recorder
            .read(move |store| Alarms::list(store, &filter))
            .await?;
        let alarms = alarms.iter().map(|alarm| self.alarm_info(alarm)).collect();
        Ok(AlarmResponse::Alarms(alarms))
    }

    async fn show_alarm(&self, id: i64) -> Result<AlarmResponse, AdminError> {
        let (alarm, events) = self
            .parts()
            .recorder
            .read(move |store| Ok((Alarms::find(store, id)?, Alarms::history(store, id)?)))
            .await?;
        let alarm = alarm.ok_or_else(|| {
            AdminError::not_found(format!("no alarm {id}"), "hub alarm list shows the latest")
        })?;
        let mut info = self.alarm_info(&alarm);
        info.events = Some(events);
        Ok(AlarmResponse::Alarm(Box::new(info)))
    }

    fn told(&self, alarm: &Alarm) -> AlarmResponse {
        AlarmResponse::Alarm(Box::new(self.alarm_info(alarm)))
    }

    /// With its group by name.
    pub fn alarm_info(&self, alarm: &Alarm) -> AlarmInfo {
        let group = self.parts().registry.read().group_name(alarm.group);
        AlarmInfo::new(alarm, &group)
    }

    fn rule_info(&self, rule: &Rule) -> RuleInfo {
        let group = self.parts().registry.read().group_name(rule.group);
        RuleInfo {
            id: rule.id,
            group: group.to_string(),
            name: rule.name.clone(),
            scope: rule.scope.to_string(),
            check: rule.check.clone(),
            unit: rule.unit.clone(),
            severity: rule.severity,
            enabled: rule.enabled,
            on_delay_ms: rule.on_delay_ms,
            off_delay_ms: rule.off_delay_ms,
            act: rule.act.clone(),
            local: rule.local,
            created_ms: rule.created_ms,
            sources: None,
        }
    }
}

fn rule_source(source: &SourceInfo, command: Option<&Command>) -> RuleSource {
    let local = match (source.is_given, source.command, command) {
        (false, ..) => String::new(),
        (true, None, _) => "waits".into(),
        (true, Some(0), _) => format!("refused: {}", source.refused),
        // Ended commands are forgotten after a while; it was not taken back.
        (true, Some(_), None) => "held".into(),
        (true, Some(_), Some(command)) => match command.state {
            State::Succeeded => "held".into(),
            State::Rejected => format!("rejected: {}", command.detail),
            state => state.name().replace('_', " "),
        },
    };
    let held = local == "held";
    RuleSource {
        address: source.address.get(),
        phase: source.phase.name().into(),
        held_by: if held { "device and hub" } else { "hub" }.into(),
        local,
        alarm: source.alarm,
    }
}

fn named(name: String, note: &str) -> Result<By, AdminError> {
    if name.is_empty() || name.len() > MAX_NOTE || note.len() > MAX_NOTE {
        return Err(AdminError::refused(format!(
            "a name is needed, and a note of {MAX_NOTE} bytes at most"
        )));
    }
    Ok(By {
        name,
        note: note.to_owned(),
    })
}

impl From<RuleError> for AdminError {
    fn from(error: RuleError) -> Self {
        Self::Refused(error.0)
    }
}

/// Where a verb shows what a device has.
fn see(address: u32) -> String {
    format!("see hub device capabilities {address}")
}
