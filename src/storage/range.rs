//! Queries over a range of time, from packs and from the rows that are not packed yet.
//!
//! What is read of a pack depends on what is asked. While the packs are fewer than the buckets of the answer, the
//! packs are unpacked; once they are at least as many, each gives its least and greatest reading from its columns,
//! and only the two at the edges are unpacked: a year costs no more than a day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::packs::{self, PackHead};
use super::{Driver, Param, StorageError};
use crate::readings::{
    Extreme, HOUR_MS, Points, Stats, Value, read_minutes, visit, visit_extremes,
};

/// From `from_ms` on and before `to_ms`: device time, Unix ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub from_ms: i64,
    pub to_ms: i64,
}

/// The coarsest that had to be taken because the readings themselves are kept no longer.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    Raw,
    Minute,
    Hour,
}

/// Chosen points of one series.
#[derive(Clone, Debug)]
pub struct Selection {
    pub points: Vec<Extreme>,
    pub detail: Detail,
    /// Readings were left out.
    pub decimated: bool,
}

/// One bucket of a roll-up.
#[derive(Clone, Debug)]
pub struct RolledUp {
    /// Its beginning, Unix ms.
    pub from_ms: i64,
    pub stats: Stats,
}

/// What of a range has readings: its packs, and first and last time of all.
struct Found {
    heads: Vec<PackHead>,
    first_ms: i64,
    last_ms: i64,
}

/// At most `most` points of a series; among them the least and the greatest value of the range, and of each bucket.
///
/// # Errors
/// The store failed.
pub fn points(
    store: &mut dyn Driver,
    series: i64,
    range: Range,
    most: usize,
) -> Result<Selection, StorageError> {
    let mut detail = Detail::Raw;
    let Some(found) = find(store, series, range)? else {
        return Ok(Selection {
            points: Vec::new(),
            detail,
            decimated: false,
        });
    };
    let inside = found.heads.iter().filter(|head| within(head, range));
    let surely_more = inside.map(|head| head.stats.count).sum::<u64>() > most as u64;
    let mut points = if surely_more {
        Points::decimating(found.first_ms, found.last_ms, most)
    } else {
        Points::new(found.first_ms, found.last_ms, most)
    };
    let ruler = surely_more.then(|| points.ruler());
    let by_columns = found.heads.len() >= Points::buckets(most).saturating_add(2);
    let mut skipped = false;
    let edge = found.heads.len().saturating_sub(1);
    for (place, head) in found.heads.iter().enumerate() {
        let inside = place != 0 && place != edge && within(head, range);
        if by_columns && inside {
            skipped = true;
            detail = detail.max(finest(head));
            show(&mut points, &head.stats);
            continue;
        }
        let ruler = ruler.as_ref().map(|ruler| ruler as &Ruler);
        let used = unpack(store, head, ruler, &mut |piece| match piece {
            Piece::Reading(at_ms, value) => points.add(at_ms, &value),
            Piece::Stats(stats) => show(&mut points, stats),
        })?;
        detail = detail.max(used);
    }
    rows(store, series, range, &mut |at_ms, value| {
        points.add(at_ms, &value);
    })?;
    Ok(Selection {
        decimated: skipped || points.decimated(),
        points: points.finish(),
        detail,
    })
}

/// The finest that is left of a pack.
fn finest(head: &PackHead) -> Detail {
    match (head.has_raw, head.has_minutes) {
        (true, _) => Detail::Raw,
        (false, true) => Detail::Minute,
        (false, false) => Detail::Hour,
    }
}

/// The extremes of a roll-up stand for its readings. One without numbers has its last text.
fn show(points: &mut Points, stats: &Stats) {
    let last = stats.min.is_none().then_some(&stats.last);
    let extremes = [stats.min.as_ref(), stats.max.as_ref(), last];
    for Extreme { at_ms, value } in extremes.into_iter().flatten() {
        points.add(*at_ms, value);
    }
}

/// Roll-ups of a series in buckets of `unit_ms`, or of as many of them as it takes to need no more than `most`
/// buckets. Returns the width of a bucket too.
///
/// # Errors
/// The store failed.
pub fn roll_up(
    store: &mut dyn Driver,
    series: i64,
    range: Range,
    unit_ms: i64,
    most: usize,
) -> Result<(i64, Vec<RolledUp>), StorageError> {
    let Some(found) = find(store, series, range)? else {
        return Ok((unit_ms, Vec::new()));
    };
    let width = width(found.first_ms, found.last_ms, unit_ms, most);
    let mut buckets = BTreeMap::<i64, Stats>::new();
    let mut take = |at_ms: i64, stats: &dyn Fn() -> Stats, add: &dyn Fn(&mut Stats)| {
        let bucket = at_ms.div_euclid(width);
        match buckets.get_mut(&bucket) {
            Some(known) => add(known),
            None => drop(buckets.insert(bucket, stats())),
        }
    };
    let inside = |at_ms: i64| (range.from_ms..range.to_ms).contains(&at_ms);
    for head in &found.heads {
        if width % HOUR_MS == 0 && within(head, range) {
            take(head.from.0, &|| head.stats.clone(), &|known| {
                known.merge(&head.stats)
            });
            continue;
        }
        unpack(store, head, None, &mut |piece| match piece {
            Piece::Reading(at_ms, value) if inside(at_ms) => {
                take(at_ms, &|| Stats::of(at_ms, &value), &|known| {
                    known.add(at_ms, &value)
                });
            }
            // A minute counts where it ends: it is never cut.
            Piece::Stats(stats) if inside(stats.last.at_ms) => {
                take(stats.last.at_ms, &|| stats.clone(), &|known| {
                    known.merge(stats)
                });
            }
            _ => {}
        })?;
    }
    rows(store, series, range, &mut |at_ms, value| {
        take(at_ms, &|| Stats::of(at_ms, &value), &|known| {
            known.add(at_ms, &value)
        });
    })?;
    let rolled_up = buckets.into_iter().map(|(bucket, stats)| RolledUp {
        from_ms: bucket.saturating_mul(width),
        stats,
    });
    Ok((width, rolled_up.collect()))
}

/// A whole number of units, of hours if it is over one: then the packs' own roll-ups do.
fn width(first_ms: i64, last_ms: i64, unit_ms: i64, most: usize) -> i64 {
    let most = i64::try_from(most.max(2)).unwrap_or(i64::MAX);
    let buckets = last_ms.div_euclid(unit_ms) - first_ms.div_euclid(unit_ms) + 1;
    if buckets <= most {
        return unit_ms;
    }
    // Buckets begin at multiples of their width, so that a range touches up to two more than it is long.
    let width = (last_ms - first_ms) / (most - 1) + 1;
    let step = if width > HOUR_MS { HOUR_MS } else { unit_ms };
    (width + step - 1) / step * step
}

/// `None`: nothing.
fn find(store: &mut dyn Driver, series: i64, range: Range) -> Result<Option<Found>, StorageError> {
    // A pack lies within one hour.
    let hour = range.from_ms.div_euclid(HOUR_MS).saturating_mul(HOUR_MS);
    let mut heads = packs::heads(store, series, hour, range.to_ms)?;
    heads.retain(|head| head.to.0 >= range.from_ms);
    let mut first = heads.first().map(|head| head.from.0.max(range.from_ms));
    let mut last = heads.last().map(|head| head.to.0.min(range.to_ms - 1));
    for (order, bound, least) in [("ASC", &mut first, true), ("DESC", &mut last, false)] {
        store.query(
            &format!(
                "SELECT at_ms FROM reading WHERE series = ?1 AND at_ms >= ?2 AND at_ms < ?3
                 ORDER BY at_ms {order} LIMIT 1"
            ),
            &params(series, range),
            &mut |row| {
                let at_ms = row.int(0)?;
                let known = bound.unwrap_or(at_ms);
                *bound = Some(if least {
                    known.min(at_ms)
                } else {
                    known.max(at_ms)
                });
                Ok(())
            },
        )?;
    }
    Ok(first.zip(last).map(|(first_ms, last_ms)| Found {
        heads,
        first_ms,
        last_ms,
    }))
}

fn params(series: i64, range: Range) -> [Param<'static>; 3] {
    [
        Param::Int(series),
        Param::Int(range.from_ms),
        Param::Int(range.to_ms),
    ]
}

fn within(head: &PackHead, range: Range) -> bool {
    head.from.0 >= range.from_ms && head.to.0 < range.to_ms
}

enum Piece<'a> {
    Reading(i64, Value<'a>),
    Stats(&'a Stats),
}

/// Bounds of the stretch of time in which only extremes matter.
type Ruler = dyn Fn(i64) -> (i64, i64);

/// The finest that there is of a pack; with a ruler only the extremes of each stretch.
fn unpack(
    store: &mut dyn Driver,
    head: &PackHead,
    ruler: Option<&Ruler>,
    each: &mut dyn FnMut(Piece<'_>),
) -> Result<Detail, StorageError> {
    if head.has_raw
        && let Some(blob) = packs::raw(store, head.id)?
    {
        let each = |at_ms, value| each(Piece::Reading(at_ms, value));
        let read = match ruler {
            Some(ruler) => visit_extremes(&blob, ruler, each),
            None => visit(&blob, each),
        };
        if read.is_some() {
            return Ok(Detail::Raw);
        }
    }
    if head.has_minutes
        && let Some(minutes) = packs::minutes(store, head.id)?
        && let Some(minutes) = read_minutes(&minutes)
    {
        for minute in &minutes {
            each(Piece::Stats(&minute.stats));
        }
        return Ok(Detail::Minute);
    }
    each(Piece::Stats(&head.stats));
    Ok(Detail::Hour)
}

fn rows(
    store: &mut dyn Driver,
    series: i64,
    range: Range,
    each: &mut dyn FnMut(i64, Value<'static>),
) -> Result<(), StorageError> {
    store.query(
        "SELECT at_ms, value FROM reading WHERE series = ?1 AND at_ms >= ?2 AND at_ms < ?3 ORDER BY at_ms, msgno",
        &params(series, range),
        &mut |row| {
            if let Some(value) = row.value(1)? {
                each(row.int(0)?, value);
            }
            Ok(())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readings::MINUTE_MS;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn buckets_are_never_too_many(first in 0i64..9_000_000_000_000, span in 0i64..9_000_000_000_000, most in 2usize..3000) {
            for unit in [MINUTE_MS, HOUR_MS] {
                let width = width(first, first + span, unit, most);
                let buckets = (first + span).div_euclid(width) - first.div_euclid(width) + 1;
                prop_assert!(buckets <= most as i64, "{buckets} of {most}");
                prop_assert_eq!(width % unit, 0);
                prop_assert!(width <= HOUR_MS || width % HOUR_MS == 0);
            }
        }
    }
}
