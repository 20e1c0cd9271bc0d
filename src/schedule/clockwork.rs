//! What drives the keeper: in `serve` tokio-cron-scheduler, in simulations the runtime's own timer.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use super::keeper::Keeper;
use super::runner::Runner;
use crate::admin::Admin;

/// Between two ticks when nobody wakes the keeper. The scheduler wakes it each second by the wall clock: set back by an hour, it
/// would sleep for that hour.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Starts to look at schedules and to carry out their runs. Call it inside an actix system.
pub fn keep(keeper: Keeper, admin: Admin) -> [JoinHandle<()>; 2] {
    let runner = Runner::new(keeper.clone(), admin);
    let ticks = actix::spawn(async move {
        while let Err(error) = keeper.take_up().await {
            log::warn!("schedules not read yet error={error}");
            sleep(PATIENCE).await;
        }
        loop {
            keeper.tick().await;
            // Its end says that nobody woke the keeper in time, which then looks by itself.
            let _ = timeout(PATIENCE, keeper.woken()).await;
        }
    });
    [ticks, actix::spawn(runner.work())]
}

/// Has tokio-cron-scheduler wake the keeper each second. That is all it does: of many jobs in one tick it loses some, and it knows a
/// zone only as the offset of the moment in which a job was made.
///
/// # Errors
/// It could not be started; the keeper then ticks by itself.
pub async fn wake_each_second(keeper: Keeper) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    let each_second = Job::new("* * * * * *", move |_, _| keeper.wake())?;
    scheduler.add(each_second).await?;
    scheduler.start().await?;
    Ok(scheduler)
}
