//! Schedules: made, paused, looked at; and what their runs have the hub do.

use tokio::sync::oneshot;

use super::schedule_request::{
    NewSchedule, NewTiming, RunInfo, ScheduleInfo, ScheduleRequest, ScheduleResponse,
};
use super::{Admin, AdminError, Part, Response};
use crate::command::desk::named;
use crate::command::{Condition, OrderError};
use crate::refusal::Refused;
use crate::registry::{GroupId, valid_name};
use crate::router::Issue;
use crate::schedule::{
    Act, LEAST_PERIOD_MS, Pattern, Run, RunError, Schedule, Timing, When, Zone, parse_time, preview,
};
use crate::settings::size;
use crate::storage::{Capabilities, Driver, ScheduleRuns, Schedules, StorageError, transaction};
use crate::wire::{Address, Dest, Limits};

/// Runs that one preview shows at most.
const MOST_SHOWN: usize = 1000;

/// Runs of the history that one answer has at most.
const MOST_RUNS: u32 = 10_000;

/// Runs between which a jitter has to fit.
const LOOKED_AT: usize = 10;

/// Longest jitter: a day.
const MOST_JITTER_MS: i64 = 86_400_000;

impl NewTiming {
    /// Checks it as a schedule made at that time.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn parse(&self, now_ms: i64) -> Result<Timing, String> {
        let zone = Zone::find(&self.zone)?;
        let time = |text: &Option<String>| {
            let parsed = text.as_deref().map(|text| parse_time(text, &zone));
            parsed.transpose()
        };
        let when = match (&self.cron, &self.at, self.every_ms) {
            (Some(cron), None, None) => When::Cron(Pattern::parse(cron)?),
            (None, Some(at), None) => When::At(parse_time(at, &zone)?),
            (None, None, Some(ms)) if ms >= LEAST_PERIOD_MS => When::Every(ms),
            (None, None, Some(_)) => return Err("a period is one second or more".into()),
            _ => return Err("give one of a cron pattern, a time and a period".into()),
        };
        let (from_ms, until_ms) = (time(&self.from)?, time(&self.until)?);
        if from_ms
            .zip(until_ms)
            .is_some_and(|(from, until)| until < from)
        {
            return Err("the end lies before the beginning".into());
        }
        Ok(Timing {
            when,
            zone,
            skipped: self.skipped,
            repeated: self.repeated,
            from_ms,
            until_ms,
            created_ms: now_ms,
        })
    }
}

impl Admin {
    pub(super) async fn schedule(&self, asked: ScheduleRequest) -> Result<Response, AdminError> {
        let answer = match asked {
            ScheduleRequest::Add(new) => self.add_schedule(*new).await?,
            ScheduleRequest::List { group, part } => {
                self.list_schedules(group.as_deref(), part).await?
            }
            ScheduleRequest::Show { id } => self.show_schedule(id).await?,
            ScheduleRequest::Pause { id } => self.pause_schedule(id, true).await?,
            ScheduleRequest::Resume { id } => self.pause_schedule(id, false).await?,
            ScheduleRequest::Remove { id } => return self.remove_schedule(id).await,
            ScheduleRequest::Preview { id, count } => {
                let timing = self.find_schedule(id).await?.timing;
                self.previewed(&timing, count)?
            }
            ScheduleRequest::PreviewOf { timing, count } => {
                let timing = timing.parse(self.unix_ms()).map_err(AdminError::refused)?;
                self.previewed(&timing, count)?
            }
            ScheduleRequest::History { id, limit } => self.history(id, limit).await?,
        };
        Ok(Response::Schedule(Box::new(answer)))
    }

    /// The hub's clock, Unix milliseconds.
    pub(crate) fn unix_ms(&self) -> i64 {
        self.parts().clock.unix_ms()
    }

    async fn add_schedule(&self, new: NewSchedule) -> Result<ScheduleResponse, AdminError> {
        let now_ms = self.unix_ms();
        let group = self.group(&new.group)?;
        if new.name.is_empty() || !valid_name(&new.name) {
            return Err(AdminError::refused(
                "a schedule's name is 1 to 128 bytes of text without control characters",
            ));
        }
        let timing = new.timing.parse(now_ms).map_err(AdminError::refused)?;
        let mut schedule = Schedule {
            id: 0,
            group,
            name: new.name,
            timing,
            missed: new.missed,
            jitter_ms: new.jitter_ms,
            act: new.act,
            paused: new.paused,
            done_ms: now_ms,
            next: None,
        };
        check_runs(&schedule, now_ms)?;
        self.check_act(&schedule).await?;
        schedule.next = schedule.planned(&mut |most| self.parts().schedules.draw(most));
        self.insert_schedule(schedule).await
    }

    async fn insert_schedule(
        &self,
        mut schedule: Schedule,
    ) -> Result<ScheduleResponse, AdminError> {
        let most = self.parts().settings.schedules.max_schedules;
        let mut state = self.parts().schedules.lock().await;
        if !self.parts().registry.read().has_group(schedule.group) {
            return Err(AdminError::conflict("the group was removed just now"));
        }
        let wanted = schedule.clone();
        let insert = move |store: &mut dyn Driver| {
            if Schedules::count(store)? >= i64::try_from(most).unwrap_or(i64::MAX) {
                return Ok(None);
            }
            transaction(store, |store| Schedules::insert(store, &wanted)).map(Some)
        };
        let inserted = self.parts().recorder.call(insert).await?;
        let id = match inserted {
            Ok(Some(id)) => id,
            Ok(None) => {
                return Err(AdminError::conflict(format!(
                    "there are {most} schedules already (schedules.max_schedules)"
                )));
            }
            Err(StorageError::Conflict(_)) => {
                return Err(AdminError::conflict(format!(
                    "the group has a schedule {:?} already",
                    schedule.name
                )));
            }
            Err(error) => return Err(error.into()),
        };
        schedule.id = id;
        if !schedule.paused {
            state.put(id, schedule.next);
        }
        drop(state);
        self.tell_schedule(schedule.group, id);
        let info = self.schedule_info(&schedule, None);
        Ok(ScheduleResponse::Schedule(Box::new(info)))
    }

    /// Whether a run could be carried out, as far as that can be known before.
    async fn check_act(&self, schedule: &Schedule) -> Result<(), AdminError> {
        if let Act::Rule { rule, .. } = schedule.act {
            let group = schedule.group.0;
            let has = move |store: &mut dyn Driver| Schedules::has_rule(store, group, rule);
            if self.parts().recorder.read(has).await? {
                return Ok(());
            }
            let refused = Refused::invalid(format!("the group has no alarm rule {rule}"));
            return Err(refused.hint("hub alarm rule list shows all").into());
        }
        let Some((mut order, target)) = schedule.act.order(None) else {
            return Ok(());
        };
        if !order.condition.is_empty() {
            let parsed = order.condition.parse::<Condition>();
            parsed.map_err(AdminError::refused)?;
        }
        order.targets = self.named_by(schedule, target)?;
        let devices = &self.parts().settings.devices;
        let frames = Limits {
            frame_bytes: size(devices.max_frame_bytes),
            fields: size(devices.max_fields),
        };
        let first_ms = schedule
            .timing
            .next(schedule.done_ms)
            .map_or(0, |due| due.at_ms);
        order.check(&frames, first_ms)?;
        let fits = move |store: &mut dyn Driver| {
            for address in &order.targets {
                let described = Capabilities::of(store, address.get())?;
                if let Err(error) = order.fits(*address, &described) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        };
        Ok(self.parts().recorder.read(fits).await??)
    }

    /// The devices that a schedule's target names today.
    fn named_by(&self, schedule: &Schedule, target: &str) -> Result<Vec<Address>, AdminError> {
        let registry = &self.parts().registry;
        match schedule.act.target() {
            None | Some(Dest::Hub) => Err(AdminError::refused(format!(
                "{target:?} is no target: give a device's address, @label or *"
            ))),
            Some(Dest::Device(address)) => {
                let device = self.device(address.get())?;
                if device.group != schedule.group {
                    return Err(AdminError::refused(format!(
                        "device {address} is in another group"
                    )));
                }
                Ok(vec![address])
            }
            // A set that is empty today need not be tomorrow.
            Some(set) => Ok(named(registry, schedule.group, set, None)),
        }
    }

    pub(super) async fn find_schedule(&self, id: i64) -> Result<Schedule, AdminError> {
        let find = move |store: &mut dyn Driver| Schedules::find(store, id);
        let found = self.parts().recorder.call(find).await??;
        found.ok_or_else(|| {
            AdminError::not_found(format!("no schedule {id}"), "hub schedule list shows all")
        })
    }

    async fn list_schedules(
        &self,
        group: Option<&str>,
        part: Part,
    ) -> Result<ScheduleResponse, AdminError> {
        let groups = self.groups_asked(group, &part.within)?;
        let list = move |store: &mut dyn Driver| {
            let found = Schedules::list(store, groups.as_deref(), part.after, part.most())?;
            let schedules = found.into_iter().map(|schedule| {
                let last = ScheduleRuns::of(store, schedule.id, 1)?.pop();
                Ok((schedule, last))
            });
            schedules.collect::<Result<Vec<_>, StorageError>>()
        };
        let schedules = self.parts().recorder.read(list).await?;
        let infos = schedules.into_iter().map(|(schedule, last)| {
            let last = last.map(|run| run_info(&schedule.timing, run, Vec::new()));
            self.schedule_info(&schedule, last)
        });
        Ok(ScheduleResponse::Schedules(infos.collect()))
    }

    async fn show_schedule(&self, id: i64) -> Result<ScheduleResponse, AdminError> {
        let schedule = self.find_schedule(id).await?;
        let last = self.runs(&schedule, 1).await?.pop();
        let info = self.schedule_info(&schedule, last);
        Ok(ScheduleResponse::Schedule(Box::new(info)))
    }

    async fn history(&self, id: i64, limit: u32) -> Result<ScheduleResponse, AdminError> {
        let schedule = self.find_schedule(id).await?;
        let runs = self.runs(&schedule, limit.clamp(1, MOST_RUNS)).await?;
        Ok(ScheduleResponse::History(runs))
    }

    async fn runs(&self, schedule: &Schedule, limit: u32) -> Result<Vec<RunInfo>, AdminError> {
        let id = schedule.id;
        let look = move |store: &mut dyn Driver| {
            let runs = ScheduleRuns::of(store, id, limit.into())?;
            let with_states = runs.into_iter().map(|run| {
                let states = ScheduleRuns::states(store, &run)?;
                Ok((run, states))
            });
            with_states.collect::<Result<Vec<_>, StorageError>>()
        };
        let runs = self.parts().recorder.read(look).await?;
        let infos = runs.into_iter();
        Ok(infos
            .map(|(run, states)| run_info(&schedule.timing, run, states))
            .collect())
    }

    /// What is due while it is paused is not missed: it was not wanted.
    async fn pause_schedule(&self, id: i64, paused: bool) -> Result<ScheduleResponse, AdminError> {
        let keeper = &self.parts().schedules;
        let mut state = keeper.lock().await;
        let mut schedule = self.find_schedule(id).await?;
        if schedule.paused != paused {
            schedule.paused = paused;
            if !paused {
                schedule.done_ms = self.unix_ms();
                schedule.next = schedule.planned(&mut |most| keeper.draw(most));
            }
            let changed = schedule.clone();
            self.commit(move |store| Schedules::save(store, &changed).map(|_| ()))
                .await?;
            if paused {
                state.forget(id);
            } else {
                state.put(id, schedule.next);
            }
        }
        drop(state);
        self.tell_schedule(schedule.group, id);
        let info = self.schedule_info(&schedule, None);
        Ok(ScheduleResponse::Schedule(Box::new(info)))
    }

    async fn remove_schedule(&self, id: i64) -> Result<Response, AdminError> {
        let mut state = self.parts().schedules.lock().await;
        let group = self.find_schedule(id).await?.group;
        self.commit(move |store| Schedules::remove(store, id))
            .await?;
        state.forget(id);
        drop(state);
        self.tell_schedule(group, id);
        self.forget_runs(id).await?;
        Ok(Response::Done)
    }

    async fn forget_runs(&self, id: i64) -> Result<(), AdminError> {
        let step = move |store: &mut dyn Driver| ScheduleRuns::forget_step(store, id);
        while self.parts().recorder.call(step).await?? {}
        Ok(())
    }

    /// Removes a group, and with it its schedules: none is looked at meanwhile.
    pub(super) async fn with_schedules<T: Send + 'static>(
        &self,
        group: GroupId,
        remove: impl FnOnce(&mut dyn Driver) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, AdminError> {
        let mut state = self.parts().schedules.lock().await;
        let list = move |store: &mut dyn Driver| Schedules::ids(store, group);
        let ids = self.parts().recorder.call(list).await??;
        let remove = move |store: &mut dyn Driver| transaction(store, remove);
        let removed = self.parts().recorder.call(remove).await??;
        ids.iter().for_each(|id| state.forget(*id));
        drop(state);
        for id in ids {
            self.forget_runs(id).await?;
        }
        Ok(removed)
    }

    fn previewed(&self, timing: &Timing, count: usize) -> Result<ScheduleResponse, AdminError> {
        let shown = preview(timing, self.unix_ms(), count.clamp(1, MOST_SHOWN));
        if shown.iter().any(|shown| shown.runs) {
            Ok(ScheduleResponse::Preview(shown))
        } else {
            Err(never(timing))
        }
    }

    fn schedule_info(&self, schedule: &Schedule, last_run: Option<RunInfo>) -> ScheduleInfo {
        let timing = &schedule.timing;
        let (mut cron, mut at_ms, mut every_ms) = (None, None, None);
        match &timing.when {
            When::Cron(pattern) => cron = Some(pattern.to_string()),
            When::At(at) => at_ms = Some(*at),
            When::Every(period) => every_ms = Some(*period),
        }
        let next = schedule.next.filter(|_| !schedule.paused);
        let group = self.parts().registry.read().group_name(schedule.group);
        ScheduleInfo {
            id: schedule.id,
            group: group.to_string(),
            name: schedule.name.clone(),
            cron,
            at_ms,
            every_ms,
            zone: timing.zone.name().to_owned(),
            skipped: timing.skipped,
            repeated: timing.repeated,
            missed: schedule.missed,
            jitter_ms: schedule.jitter_ms,
            from_ms: timing.from_ms,
            until_ms: timing.until_ms,
            act: schedule.act.clone(),
            paused: schedule.paused,
            created_ms: timing.created_ms,
            next_ms: next.map(|next| next.due_ms),
            next_local: next.map_or_else(String::new, |next| timing.local(next.due_ms)),
            last_run,
        }
    }

    /// Gives a run's order to the desk of its group. Answers how many commands it made, now or before a kill.
    pub(crate) async fn run_order(&self, schedule: &Schedule, run: &Run) -> Result<i64, RunError> {
        let refuse = |error: &OrderError| match error.reason {
            "NOT_STORED" => RunError::Later,
            reason => RunError::Refused(format!("{reason}: {}", error.text)),
        };
        let Some((mut order, target)) = schedule.act.order(Some(run)) else {
            return Ok(0);
        };
        let dest = schedule.act.target().unwrap_or(Dest::Hub);
        order.targets = named(&self.parts().registry, schedule.group, dest, None);
        if order.targets.is_empty() {
            // A run of before a kill may have made its commands, and its device have been removed since.
            let text = format!("no device of the group is {target}");
            return Err(refuse(&OrderError::new("NO_DEVICE", text)));
        }
        let islands = self.parts().islands.as_ref().ok_or(RunError::Later)?;
        let router = islands.router(schedule.group).ok_or(RunError::Later)?;
        let (reply, answer) = oneshot::channel();
        let sent = router.send(Issue { order, reply }).await;
        sent.map_err(|_| RunError::Later)?;
        match answer.await {
            Ok(Ok(commands)) => Ok(i64::try_from(commands.len()).unwrap_or(i64::MAX)),
            Ok(Err(error)) => Err(refuse(&error)),
            Err(_) => Err(RunError::Later),
        }
    }

    /// Enables or disables an alarm rule on behalf of a schedule.
    pub(crate) async fn switch_rule(
        &self,
        rule: i64,
        enabled: bool,
        by: &str,
    ) -> Result<(), RunError> {
        match self.set_rule_enabled(rule, enabled, by).await {
            Ok(_) => Ok(()),
            Err(AdminError::Storage(_)) => Err(RunError::Later),
            Err(AdminError::Refused(why)) => Err(RunError::Refused(why.text)),
            Err(AdminError::Account(why)) => Err(RunError::Refused(why.to_string())),
        }
    }

    /// How the commands of a run stand.
    pub(crate) async fn states_of(&self, run: Run) -> Result<Vec<(String, i64)>, StorageError> {
        let look = move |store: &mut dyn Driver| ScheduleRuns::states(store, &run);
        self.parts().recorder.call(look).await?
    }
}

/// Whether it runs at all, and its jitter fits between its runs.
fn check_runs(schedule: &Schedule, now_ms: i64) -> Result<(), AdminError> {
    let timing = &schedule.timing;
    let runs: Vec<_> = timing.after(now_ms).take(LOOKED_AT).collect();
    if runs.is_empty() {
        return Err(never(timing));
    }
    let jitter = schedule.jitter_ms;
    if !(0..=MOST_JITTER_MS).contains(&jitter) {
        return Err(AdminError::refused("a jitter is a day at most"));
    }
    let too_close = runs.windows(2).any(|pair| match pair {
        [one, next] => next.at_ms - one.at_ms <= jitter,
        _ => false,
    });
    if jitter > 0 && too_close {
        return Err(AdminError::refused(
            "the jitter is as long as the time between two runs: give a shorter one",
        ));
    }
    Ok(())
}

fn never(timing: &Timing) -> AdminError {
    let why = match &timing.when {
        When::At(_) => "its time is past, or not between beginning and end".to_owned(),
        _ if timing.until_ms.is_some() => "it ends before its first run".to_owned(),
        When::Cron(pattern) => format!("no day matches {pattern}"),
        When::Every(_) => "its beginning is too far away".to_owned(),
    };
    AdminError::refused(format!("this never runs: {why}"))
}

fn run_info(timing: &Timing, run: Run, states: Vec<(String, i64)>) -> RunInfo {
    RunInfo {
        due_ms: run.due_ms,
        local: timing.local(run.due_ms),
        begun_ms: run.begun_ms,
        outcome: run.outcome,
        detail: run.detail,
        commands: run.commands,
        states: states.into_iter().collect(),
    }
}
