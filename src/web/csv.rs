//! Readings as CSV, streamed: one page is in memory, and the next is read when the browser has taken it.

use std::collections::VecDeque;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Problem;
use crate::admin::{Cursor, ExportedReading};
use crate::readings::{guarded, guarded_value};

/// Readings of a page.
pub(super) const PAGE: usize = 2000;

const COLUMNS: [&str; 11] = [
    "address", "type", "id", "name", "group", "sensor", "unit", "time", "value", "msgno",
    "received",
];

/// A stretch of an export: of one device in a group, or of all of a group; an administrator's may be of all groups.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) group: Option<String>,
    pub(super) address: Option<u32>,
}

/// Rows, and where the next page begins.
type Page = (Vec<ExportedReading>, Option<Cursor>);
type Looking = Pin<Box<dyn Future<Output = Result<Page, Problem>>>>;

/// The body of an answer. `L` looks for a page.
pub(super) struct Csv<L> {
    parts: VecDeque<Part>,
    cursor: Option<Cursor>,
    look: L,
    looking: Option<Looking>,
    zone: TimeZone,
    begun: bool,
}

impl<L: Fn(Part, Option<Cursor>) -> Looking> Csv<L> {
    pub(super) fn new(parts: Vec<Part>, zone: TimeZone, look: L) -> Self {
        Self {
            parts: parts.into(),
            cursor: None,
            look,
            looking: None,
            zone,
            begun: false,
        }
    }

    fn page(&mut self, (rows, cursor): Page) -> Result<Bytes, csv::Error> {
        self.cursor = cursor;
        if self.cursor.is_none() {
            self.parts.pop_front();
        }
        let mut csv = csv::Writer::from_writer(Vec::new());
        if !std::mem::replace(&mut self.begun, true) {
            csv.write_record(COLUMNS)?;
        }
        for row in &rows {
            csv.write_record(cells(row, &self.zone))?;
        }
        let bytes = csv.into_inner().map_err(|error| error.into_error())?;
        Ok(bytes.into())
    }
}

impl<L: Fn(Part, Option<Cursor>) -> Looking + Unpin> MessageBody for Csv<L> {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    /// The connection is broken off after a failure: whoever reads must not take what came for the whole.
    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        loop {
            let looking = match &mut self.looking {
                Some(looking) => looking,
                None => {
                    let Some(part) = self.parts.front().cloned() else {
                        return Poll::Ready(self.header());
                    };
                    let looking = (self.look)(part, self.cursor);
                    self.looking.insert(looking)
                }
            };
            let looked = ready!(looking.as_mut().poll(context));
            self.looking = None;
            let page = match looked {
                Ok(page) => page,
                Err(problem) => {
                    log::warn!("an export was broken off error={problem}");
                    self.parts.clear();
                    return Poll::Ready(Some(Err(problem.to_string().into())));
                }
            };
            let bytes = self.page(page)?;
            // An empty piece would end the answer.
            if !bytes.is_empty() {
                return Poll::Ready(Some(Ok(bytes)));
            }
        }
    }
}

impl<L> Csv<L> {
    /// Of an export of nothing at all; then the end.
    fn header(&mut self) -> Option<Result<Bytes, Box<dyn Error>>> {
        let begun = std::mem::replace(&mut self.begun, true);
        (!begun).then(|| Ok(format!("{}\n", COLUMNS.join(",")).into()))
    }
}

fn cells(row: &ExportedReading, zone: &TimeZone) -> [String; 11] {
    [
        row.address.to_string(),
        row.kind.to_string(),
        guarded(&row.id),
        guarded(&row.name),
        guarded(&row.group),
        guarded(&row.sensor),
        guarded(&row.unit),
        shown(row.at_ms, zone),
        guarded_value(&row.value),
        row.msgno.to_string(),
        shown(row.hub_ms, zone),
    ]
}

/// RFC 3339, as the zone's clocks show it.
fn shown(unix_ms: i64, zone: &TimeZone) -> String {
    let Ok(at) = Timestamp::from_millisecond(unix_ms) else {
        return unix_ms.to_string();
    };
    if *zone == TimeZone::UTC {
        return at.to_string();
    }
    let local = at.to_zoned(zone.clone());
    local.strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_stay_text_and_numbers_stay_numbers() {
        let row = ExportedReading {
            address: 5,
            kind: 1000,
            id: "-a".into(),
            name: "=cmd()".into(),
            group: "@g".into(),
            sensor: "+t".into(),
            unit: "\tC".into(),
            at_ms: 0,
            hub_ms: 1500,
            msgno: -3,
            value: "-2.5".into(),
        };
        let cells = cells(&row, &TimeZone::UTC);
        assert_eq!(
            cells,
            [
                "5",
                "1000",
                "'-a",
                "'=cmd()",
                "'@g",
                "'+t",
                "'\tC",
                "1970-01-01T00:00:00Z",
                "-2.5",
                "-3",
                "1970-01-01T00:00:01.5Z"
            ]
        );
        let zone = TimeZone::get("Europe/Madrid").unwrap();
        assert_eq!(shown(0, &zone), "1970-01-01T01:00:00+01:00");
    }
}
