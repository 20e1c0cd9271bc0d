//! Lists of several groups at once, in the order of their ids.

use super::StorageError;
use crate::registry::GroupId;

/// The first `limit` of all the groups' rows. `list` answers those of one group, or of all (`None`), in the order of their ids
/// and `limit` at most.
///
/// # Errors
/// Those of `list`.
pub(super) fn of_groups<T>(
    groups: Option<&[GroupId]>,
    limit: usize,
    id: impl Fn(&T) -> i64,
    mut list: impl FnMut(Option<GroupId>) -> Result<Vec<T>, StorageError>,
) -> Result<Vec<T>, StorageError> {
    let Some(groups) = groups else {
        return list(None);
    };
    let mut rows = Vec::new();
    for group in groups {
        rows.extend(list(Some(*group))?);
    }
    rows.sort_by_key(id);
    rows.truncate(limit);
    Ok(rows)
}
