//! What is wrong and under way, for whoever looks at the hub as a whole.

use super::{Admin, AdminError};
use crate::alarm::{AlarmInfo, Severity};
use crate::registry::GroupId;
use crate::storage::{AlarmFilter, Alarms, Commands, Driver};

impl Admin {
    /// The worst and newest open alarms, `most` of them, and how many commands have not ended. `worst` is what is
    /// known to be the worst: `None` when no alarm is open.
    ///
    /// # Errors
    /// The store failed.
    pub async fn wrong(
        &self,
        groups: Option<Vec<GroupId>>,
        most: usize,
        worst: Option<Severity>,
    ) -> Result<(Vec<AlarmInfo>, u64), AdminError> {
        let look = move |store: &mut dyn Driver| {
            let mut alarms = Vec::new();
            let severities = Severity::ALL.into_iter().rev();
            for severity in severities.filter(|severity| Some(*severity) <= worst) {
                let left = most.saturating_sub(alarms.len());
                if left == 0 {
                    break;
                }
                let filter = AlarmFilter {
                    groups: groups.clone(),
                    open: true,
                    severity: Some(severity),
                    limit: i64::try_from(left).unwrap_or(i64::MAX),
                    ..AlarmFilter::default()
                };
                alarms.extend(Alarms::list(store, &filter)?);
            }
            let open = Commands::count_open(store, groups.as_deref())?;
            Ok((alarms, open))
        };
        let (alarms, open) = self.parts().recorder.read(look).await?;
        let infos = alarms.iter().map(|alarm| self.alarm_info(alarm));
        Ok((infos.collect(), open))
    }
}
