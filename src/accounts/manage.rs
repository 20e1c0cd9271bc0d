//! Who may manage whom.

use std::collections::BTreeSet;

use super::{AccountError, Caller, Need, Role, User, Via};
use crate::registry::GroupId;

/// Whether `by` sees a user: administrators see all, others those that share a group with them.
pub fn may_see(by: Option<&Caller>, user: &User) -> bool {
    let Some(by) = by else {
        return true;
    };
    match &by.groups {
        None => true,
        Some(own) => {
            user.role != Role::Administrator && user.groups.iter().any(|group| own.contains(group))
        }
    }
}

/// Whether `by` manages users at all. A token never does: whoever finds one must not make himself at home with it.
///
/// # Errors
/// `Forbidden`.
pub fn may_manage(by: Option<&Caller>) -> Result<(), AccountError> {
    let Some(by) = by else {
        return Ok(());
    };
    if matches!(by.via, Via::Token(..)) {
        return Err(AccountError::Forbidden(
            "A token cannot manage users, tokens or passwords.".into(),
        ));
    }
    by.may_somewhere(Need::Manage).map_err(AccountError::from)
}

/// # Errors
/// `Unknown` for whom `by` does not see, `Forbidden` for whom it may not change.
pub(super) fn may_change(by: Option<&Caller>, user: &User) -> Result<(), AccountError> {
    may_manage(by)?;
    if !may_see(by, user) {
        return Err(AccountError::Unknown);
    }
    let own = by.and_then(|by| by.groups.as_ref());
    if own.is_some_and(|own| !user.groups.is_subset(own)) {
        return Err(AccountError::Forbidden(
            "This user has groups that are not yours.".into(),
        ));
    }
    Ok(())
}

/// # Errors
/// `Invalid` for what nobody can be, `Forbidden` for what `by` cannot give: what it does not have itself.
pub(super) fn may_give(
    by: Option<&Caller>,
    role: Role,
    groups: &BTreeSet<GroupId>,
) -> Result<(), AccountError> {
    may_manage(by)?;
    if role != Role::Administrator && groups.is_empty() {
        return Err(AccountError::invalid(
            "/groups",
            "A user who is no administrator needs a group.",
        ));
    }
    let Some(by) = by else {
        return Ok(());
    };
    if role > by.role {
        return Err(AccountError::Forbidden(
            "Nobody can give a role above his own.".into(),
        ));
    }
    // To a group that is another's no different answer than to one that is not there.
    if by.groups.as_ref().is_some_and(|own| !groups.is_subset(own)) {
        return Err(AccountError::Unknown);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::accounts::Scope;

    fn groups(ids: &[i64]) -> BTreeSet<GroupId> {
        ids.iter().map(|id| GroupId(*id)).collect()
    }

    fn caller(role: Role, own: Option<&[i64]>, via: Via) -> Caller {
        Caller {
            user: 1,
            name: "gus".into(),
            role,
            groups: own.map(|ids| Arc::new(groups(ids))),
            via,
            from: None,
        }
    }

    fn user(role: Role, own: &[i64]) -> User {
        User {
            id: 2,
            name: "ana".into(),
            role,
            password: "".into(),
            disabled: false,
            language: String::new(),
            created_ms: 0,
            last_login_ms: None,
            groups: Arc::new(groups(own)),
        }
    }

    #[test]
    fn a_group_administrator_stays_within_its_groups() {
        let gus = caller(Role::GroupAdministrator, Some(&[1, 2]), Via::Session(1));
        let gus = Some(&gus);
        assert!(may_change(gus, &user(Role::Operator, &[1])).is_ok());
        let shared = may_change(gus, &user(Role::Operator, &[1, 3]));
        assert!(matches!(shared, Err(AccountError::Forbidden(_))));
        for unseen in [user(Role::Operator, &[3]), user(Role::Administrator, &[])] {
            let answer = may_change(gus, &unseen);
            assert!(matches!(answer, Err(AccountError::Unknown)), "{unseen:?}");
        }
        assert!(may_give(gus, Role::GroupAdministrator, &groups(&[1])).is_ok());
        let raised = may_give(gus, Role::Administrator, &groups(&[]));
        assert!(matches!(raised, Err(AccountError::Forbidden(_))));
        let foreign = may_give(gus, Role::Viewer, &groups(&[3]));
        assert!(matches!(foreign, Err(AccountError::Unknown)));
        let none = may_give(gus, Role::Viewer, &groups(&[]));
        assert!(matches!(none, Err(AccountError::Invalid { .. })));
    }

    #[test]
    fn operators_and_tokens_manage_nobody() {
        let olga = caller(Role::Operator, Some(&[1]), Via::Session(1));
        let token = caller(Role::Administrator, None, Via::Token(1, Scope::Manage));
        for by in [olga, token] {
            let answer = may_change(Some(&by), &user(Role::Viewer, &[1]));
            assert!(matches!(answer, Err(AccountError::Forbidden(_))));
        }
    }
}
