//! Readings, as operators see them: queries, export, what is stored, retention.
//!
//! Nothing here takes the turn of changes, and what only reads holds up no commit.

use super::reading_request::{
    Bucket, Cursor, DatabaseStats, ExportedReading, Point, ReadingExport, ReadingQuery,
    ReadingRequest, ReadingResponse, Resolution, RetentionRule, SeriesAnswer, SeriesStats,
};
use super::{Admin, AdminError, Response};
use crate::readings::{Extreme, Given, HOUR_MS, LEAST, MINUTE_MS, Packable, Stats};
use crate::registry::GroupId;
use crate::settings::keeps_in_order;
use crate::storage::{
    Census, Detail, Driver, Keep, NAME_BYTES, Range, Retention, RetentionRow, SeriesRow,
    StorageError, page, points, roll_up, transaction,
};
use crate::wire::Address;

/// Days that a retention rule may name, as the settings may.
const MOST_DAYS: u32 = 36_500;

/// Points of an answer at most.
const MOST_POINTS: usize = 1_000_000;

/// Readings of a page of an export at most.
const MOST_PAGE: usize = 20_000;

/// Rules of one group on how long readings are kept: each is looked through for every series.
const MOST_RETENTIONS: usize = 200;

/// Series that one look at the store goes through: a look must be short.
const SERIES_OF_A_LOOK: usize = 100;

impl Admin {
    pub(super) async fn reading(&self, asked: ReadingRequest) -> Result<Response, AdminError> {
        let answer = match asked {
            ReadingRequest::Query(query) => self.query(query).await?,
            ReadingRequest::Export(export) => self.export(export).await?,
            ReadingRequest::Import { rows, check } => {
                ReadingResponse::Imported(self.import_readings(rows, check).await)
            }
            ReadingRequest::Stats {
                group,
                address,
                after,
            } => self.reading_stats(group, address, after).await?,
            ReadingRequest::RetentionSet(rule) => return self.set_retention(rule).await,
            ReadingRequest::RetentionList => self.list_retention().await?,
            ReadingRequest::RetentionRemove { group, sensor } => {
                return self.remove_retention(&group, sensor).await;
            }
        };
        Ok(Response::Reading(Box::new(answer)))
    }

    async fn query(&self, query: ReadingQuery) -> Result<ReadingResponse, AdminError> {
        let group = self.device(query.address)?.group.0;
        let range = range(query.from_ms, query.to_ms)?;
        if !(LEAST..=MOST_POINTS).contains(&query.points) {
            return Err(AdminError::refused(format!(
                "points is a number from {LEAST} to {MOST_POINTS}"
            )));
        }
        let address = query.address;
        let all = self
            .parts()
            .recorder
            .read(move |store| Census::series(store, Some(address), Some(group), 0, usize::MAX))
            .await?;
        let part = format!("{}/", query.sensor);
        let (most, resolution) = (query.points, query.resolution);
        let mut answers = Vec::new();
        for series in all {
            let named = series.sensor == query.sensor || series.sensor.starts_with(&part);
            if named && query.unit.as_ref().is_none_or(|unit| *unit == series.unit) {
                // A look for each: two of a year would be long for one.
                let look =
                    move |store: &mut dyn Driver| answer(store, series, range, most, resolution);
                answers.push(self.parts().recorder.read(look).await?);
            }
        }
        Ok(ReadingResponse::Series(answers))
    }

    async fn export(&self, export: ReadingExport) -> Result<ReadingResponse, AdminError> {
        let group = self.group_of(export.group.as_deref())?;
        let range = range(export.from_ms, export.to_ms)?;
        let limit = export.limit.clamp(1, MOST_PAGE);
        let (address, sensor, cursor) = (export.address, export.sensor, export.cursor);
        let (pages, cursor) = self
            .parts()
            .recorder
            .read(move |store| {
                pages(
                    store,
                    address,
                    group,
                    sensor.as_deref(),
                    range,
                    cursor,
                    limit,
                )
            })
            .await?;
        let registry = self.parts().registry.read();
        let mut rows = Vec::new();
        for (series, readings) in pages {
            // One that was removed meanwhile has no identity any more.
            let device = Address::new(series.address).and_then(|address| registry.device(address));
            let Some(device) = device else { continue };
            let group = registry.group_name(GroupId(series.group)).to_string();
            rows.extend(readings.into_iter().map(|reading| ExportedReading {
                address: series.address,
                kind: device.kind,
                id: device.id.to_string(),
                name: device.name.to_string(),
                group: group.clone(),
                sensor: series.sensor.clone(),
                unit: series.unit.clone(),
                at_ms: reading.at_ms,
                hub_ms: reading.at_ms.saturating_add(reading.later_ms),
                msgno: reading.msgno,
                value: reading.value.to_string(),
            }));
        }
        Ok(ReadingResponse::Page { rows, cursor })
    }

    async fn reading_stats(
        &self,
        group: Option<String>,
        address: Option<u32>,
        after: i64,
    ) -> Result<ReadingResponse, AdminError> {
        let group = self.group_of(group.as_deref())?;
        let space = self.parts().recorder.call(|store| store.space()).await??;
        let rows = self
            .parts()
            .recorder
            .read(move |store| {
                let series = Census::series(store, address, group, after, SERIES_OF_A_LOOK)?;
                let usage = |series: SeriesRow| Ok((Census::usage(store, series.id)?, series));
                series
                    .into_iter()
                    .map(usage)
                    .collect::<Result<Vec<_>, StorageError>>()
            })
            .await?;
        let registry = self.parts().registry.read();
        let after = rows.last().filter(|_| rows.len() == SERIES_OF_A_LOOK);
        let after = after.map(|(_, series)| series.id);
        let series = rows.into_iter().map(|(usage, series)| SeriesStats {
            address: series.address,
            group: registry.group_name(GroupId(series.group)).to_string(),
            sensor: series.sensor,
            unit: series.unit,
            readings: usage.readings,
            rolled_up: usage.rolled_up,
            first_ms: usage.span_ms.map(|(first, _)| first),
            last_ms: usage.span_ms.map(|(_, last)| last),
            bytes: usage.bytes,
        });
        Ok(ReadingResponse::Stats {
            series: series.collect(),
            after,
            database: DatabaseStats {
                database_bytes: space.file,
                free_bytes: space.free,
                log_bytes: space.log,
                max_bytes: space.max,
            },
        })
    }

    async fn set_retention(&self, rule: RetentionRule) -> Result<Response, AdminError> {
        let group = self.group(&rule.group)?.0;
        let days = [rule.raw_days, rule.minute_days, rule.hour_days];
        if days.iter().any(|days| *days > MOST_DAYS) {
            return Err(AdminError::refused(format!(
                "days are a number from 0 to {MOST_DAYS}; 0 is for ever"
            )));
        }
        if !keeps_in_order(days.map(u64::from)) {
            return Err(AdminError::refused(
                "minutes are kept at least as long as raw readings, and hours at least as long as minutes; 0 is for ever",
            ));
        }
        if rule.sensor.len() > NAME_BYTES {
            return Err(AdminError::refused(format!(
                "a sensor's name has {NAME_BYTES} bytes at most"
            )));
        }
        let [raw_days, minute_days, hour_days] = days.map(i64::from);
        let row = RetentionRow {
            group,
            sensor: rule.sensor,
            keep: Keep {
                raw_days,
                minute_days,
                hour_days,
            },
        };
        let set = move |store: &mut dyn Driver| {
            let rules = Retention::all(store)?;
            let own = rules.iter().filter(|rule| rule.group == group);
            let known = |rule: &RetentionRow| rule.group == group && rule.sensor == row.sensor;
            if own.count() >= MOST_RETENTIONS && !rules.iter().any(known) {
                return Ok(false);
            }
            Retention::set(store, &row).map(|()| true)
        };
        if self.change_retention(set).await? {
            return Ok(Response::Done);
        }
        Err(AdminError::conflict(format!(
            "the group has {MOST_RETENTIONS} rules of how long readings are kept, as many as it may"
        )))
    }

    async fn remove_retention(&self, group: &str, sensor: String) -> Result<Response, AdminError> {
        let id = self.group(group)?.0;
        let named = sensor.clone();
        let removed = self
            .change_retention(move |store| Retention::remove(store, id, &named))
            .await?;
        if removed {
            return Ok(Response::Done);
        }
        Err(AdminError::not_found(
            format!("no rule for sensor {sensor:?} of group {group}"),
            "hub reading retention list shows all",
        ))
    }

    async fn change_retention<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut dyn Driver) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, AdminError> {
        let changed = self
            .parts()
            .recorder
            .with_readings(move |store, readings| {
                let changed = transaction(store, change);
                readings.retention_changed();
                changed
            })
            .await??;
        Ok(changed)
    }

    async fn list_retention(&self) -> Result<ReadingResponse, AdminError> {
        let rows = self.parts().recorder.read(Retention::all).await?;
        let registry = self.parts().registry.read();
        let days = |days: i64| u32::try_from(days).unwrap_or(u32::MAX);
        let rules = rows.into_iter().map(|row| RetentionRule {
            group: registry.group_name(GroupId(row.group)).to_string(),
            sensor: row.sensor,
            raw_days: days(row.keep.raw_days),
            minute_days: days(row.keep.minute_days),
            hour_days: days(row.keep.hour_days),
        });
        Ok(ReadingResponse::Retention(rules.collect()))
    }

    fn group_of(&self, name: Option<&str>) -> Result<Option<i64>, AdminError> {
        name.map(|name| self.group(name).map(|id| id.0)).transpose()
    }
}

fn range(from_ms: Option<i64>, to_ms: Option<i64>) -> Result<Range, AdminError> {
    let range = Range {
        from_ms: from_ms.unwrap_or(0),
        to_ms: to_ms.unwrap_or(i64::MAX),
    };
    if range.from_ms >= range.to_ms {
        return Err(AdminError::refused("the range ends before it begins"));
    }
    Ok(range)
}

fn answer(
    store: &mut dyn Driver,
    series: SeriesRow,
    range: Range,
    most: usize,
    resolution: Resolution,
) -> Result<SeriesAnswer, StorageError> {
    let mut answer = SeriesAnswer {
        address: series.address,
        sensor: series.sensor,
        unit: series.unit,
        detail: Detail::Raw,
        decimated: false,
        points: Vec::new(),
        width_ms: None,
        buckets: Vec::new(),
    };
    let unit_ms = match resolution {
        Resolution::Auto => {
            let chosen = points(store, series.id, range, most)?;
            (answer.detail, answer.decimated) = (chosen.detail, chosen.decimated);
            let point = |e: Extreme| Point {
                at_ms: e.at_ms,
                value: e.value,
            };
            answer.points = chosen.points.into_iter().map(point).collect();
            return Ok(answer);
        }
        Resolution::Raw => {
            let mut readings = page(store, series.id, range, None, most.saturating_add(1))?;
            answer.decimated = readings.len() > most;
            readings.truncate(most);
            let point = |r: Packable| Point {
                at_ms: r.at_ms,
                value: r.value,
            };
            answer.points = readings.into_iter().map(point).collect();
            return Ok(answer);
        }
        Resolution::Minute => {
            answer.detail = Detail::Minute;
            MINUTE_MS
        }
        Resolution::Hour => {
            answer.detail = Detail::Hour;
            HOUR_MS
        }
    };
    let (width_ms, rolled_up) = roll_up(store, series.id, range, unit_ms, most)?;
    answer.width_ms = Some(width_ms);
    answer.buckets = rolled_up
        .into_iter()
        .map(|rolled_up| bucket(rolled_up.from_ms, rolled_up.stats))
        .collect();
    Ok(answer)
}

fn bucket(from_ms: i64, stats: Stats) -> Bucket {
    Bucket {
        from_ms,
        count: stats.count,
        mean: stats.mean(),
        min: stats.min.map(|min| min.value),
        max: stats.max.map(|max| max.value),
        last: stats.last.value,
        last_at_ms: stats.last.at_ms,
    }
}

type Pages = Vec<(SeriesRow, Vec<Packable>)>;

/// The next readings of an export, series by series.
fn pages(
    store: &mut dyn Driver,
    address: Option<u32>,
    group: Option<i64>,
    sensor: Option<&str>,
    range: Range,
    cursor: Option<Cursor>,
    limit: usize,
) -> Result<(Pages, Option<Cursor>), StorageError> {
    let begin = cursor.map_or(0, |cursor| cursor.series - 1);
    let all = Census::series(store, address, group, begin, SERIES_OF_A_LOOK)?;
    let whole = all.len() < SERIES_OF_A_LOOK;
    let (mut pages, mut left) = (Vec::new(), limit);
    let mut reached = None;
    for series in all {
        let mut here = Cursor {
            series: series.id,
            at_ms: i64::MAX,
            msgno: i64::MAX,
        };
        let wanted = sensor.is_none_or(|sensor| {
            series.sensor == sensor
                || series
                    .sensor
                    .rsplit_once('/')
                    .is_some_and(|(whole, _)| whole == sensor)
        });
        if wanted {
            let after = cursor.filter(|cursor| cursor.series == series.id);
            let after = after.map(|cursor| (cursor.at_ms, cursor.msgno));
            let readings = page(store, series.id, range, after, left)?;
            left -= readings.len();
            if let Some(last) = readings.last().filter(|_| left == 0) {
                (here.at_ms, here.msgno) = last.key();
            }
            pages.push((series, readings));
        }
        reached = Some(here);
        if left == 0 {
            return Ok((pages, reached));
        }
    }
    Ok((pages, reached.filter(|_| !whole)))
}

/// Whether a text could be a value at all; the rest is checked as it is stored.
pub(super) fn is_value(text: &str) -> bool {
    Given::parse(text).is_some()
}
