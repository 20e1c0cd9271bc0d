//! Lists in pages: what is asked for, and where the next page begins.

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::Problem;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
    /// Give it as `cursor` for the next page; null: that was all.
    pub(super) next: Option<String>,
}

impl<T> List<T> {
    /// All there is.
    pub(super) fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// One item more than `limit` was looked for: whether it is there says whether there is another page.
    pub(super) fn cut(mut items: Vec<T>, limit: Limit, place: impl Fn(&T) -> Place) -> Self {
        let more = items.len() > limit.size();
        items.truncate(limit.size());
        let last = items.last().filter(|_| more);
        let next = last.map(|last| place(last).to_cursor());
        Self { items, next }
    }
}

/// Items of a page: 1 to 1000.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u32")]
pub(super) struct Limit(u32);

impl Default for Limit {
    fn default() -> Self {
        Self(100)
    }
}

impl TryFrom<u32> for Limit {
    type Error = &'static str;

    fn try_from(limit: u32) -> Result<Self, Self::Error> {
        if (1..=1000).contains(&limit) {
            Ok(Self(limit))
        } else {
            Err("limit is a number from 1 to 1000")
        }
    }
}

impl Limit {
    pub(super) fn size(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    pub(super) fn get(self) -> u32 {
        self.0
    }

    /// To look for.
    pub(super) fn and_one(self) -> u32 {
        self.0 + 1
    }
}

impl PartialSchema for Limit {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Integer))
            .minimum(Some(1))
            .maximum(Some(1000))
            .default(Some(100.into()))
            .into()
    }
}

impl ToSchema for Limit {}

/// Where a page ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Place {
    /// At this number.
    #[serde(rename = "n")]
    Number(i64),
    /// At this device: group, type, id.
    #[serde(rename = "d")]
    Device(i64, u32, String),
}

/// Bytes of a cursor at most: the longest id in hex.
const LONGEST: usize = 512;

impl Place {
    /// As whoever asks gets it: nothing to be read or made by others.
    pub(super) fn to_cursor(&self) -> String {
        hex::encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn of(cursor: &str) -> Result<Self, Problem> {
        let wrong = || {
            Problem::invalid("The cursor is none of this list: take it from the page before.")
                .at("/cursor", "not a cursor of this list")
        };
        if cursor.len() > LONGEST {
            return Err(wrong());
        }
        let bytes = hex::decode(cursor).map_err(|_| wrong())?;
        serde_json::from_slice(&bytes).map_err(|_| wrong())
    }

    /// The number at which the page before ended.
    ///
    /// # Errors
    /// The cursor is of another sort of list, or of none.
    pub(super) fn number(cursor: Option<&str>) -> Result<Option<i64>, Problem> {
        match cursor.map(Self::of).transpose()? {
            None => Ok(None),
            Some(Self::Number(number)) => Ok(Some(number)),
            Some(Self::Device(..)) => Err(Problem::invalid("The cursor is one of devices.")),
        }
    }

    /// The device at which the page before ended.
    ///
    /// # Errors
    /// The cursor is of another sort of list, or of none.
    pub(super) fn device(cursor: Option<&str>) -> Result<Option<(i64, u32, String)>, Problem> {
        match cursor.map(Self::of).transpose()? {
            None => Ok(None),
            Some(Self::Device(group, kind, id)) => Ok(Some((group, kind, id))),
            Some(Self::Number(_)) => Err(Problem::invalid("The cursor is none of devices.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_given() {
        let place = Place::Device(3, 7, "sensor-1".into());
        let cursor = place.to_cursor();
        assert_eq!(
            Place::device(Some(&cursor)).unwrap(),
            Some((3, 7, "sensor-1".into()))
        );
        assert!(Place::number(Some(&cursor)).is_err());
        let cursor = Place::Number(9).to_cursor();
        assert_eq!(Place::number(Some(&cursor)).unwrap(), Some(9));
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let long = "00".repeat(1000);
        for wrong in ["", "x", "7b7d", "é", long.as_str()] {
            assert!(Place::number(Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_more_than_the_limit_means_another_page() {
        let limit = Limit::try_from(2).unwrap();
        let list = List::cut(vec![1, 2, 3], limit, |n| Place::Number(*n));
        assert_eq!(list.items, [1, 2]);
        assert_eq!(Place::number(list.next.as_deref()).unwrap(), Some(2));
        assert!(
            List::cut(vec![1, 2], limit, |n| Place::Number(*n))
                .next
                .is_none()
        );
    }
}
