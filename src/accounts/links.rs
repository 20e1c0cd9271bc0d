//! One-time links: they set a password, or let in without one. Each works once, for a day.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::secret::digest;
use super::{AccountError, Accounts, DAY_MS, Inner, Role, Secret, User};
use crate::settings::optional_listen_address;
use crate::storage::{Driver, LinkRow, Links, Users, transaction};

/// The administrator that the first start makes.
const FIRST: &str = "admin";

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To set the user's password, and to be logged in by that.
    Password,
    /// To be logged in.
    Enter,
}

impl Purpose {
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Enter => "enter",
        }
    }

    /// The page that takes it.
    fn page(self) -> &'static str {
        match self {
            Self::Password => "setup",
            Self::Enter => "enter",
        }
    }
}

/// A link that was made: shown once.
#[derive(Clone, Serialize, Deserialize)]
pub struct Link {
    pub url: String,
    pub expires_ms: i64,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link(expires_ms {})", self.expires_ms)
    }
}

/// What a link that still works is for.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LinkInfo {
    /// Of the user.
    pub name: String,
    pub purpose: Purpose,
    pub expires_ms: i64,
}

impl Accounts {
    /// A link for a user; one of the same purpose that it had before works no more.
    ///
    /// # Errors
    /// `Unknown`, `Conflict` for a disabled user, or the store failed.
    pub async fn link(&self, user: i64, purpose: Purpose) -> Result<Link, AccountError> {
        let secret = Secret::new(&self.0.parts.entropy);
        let stored = secret.digest();
        let expires_ms = self
            .change(move |inner, store| {
                let found = inner.read().user(user).cloned();
                let found = found.ok_or(AccountError::Unknown)?;
                if found.disabled {
                    return Err(AccountError::Conflict(format!(
                        "user {} is disabled; enable it first",
                        found.name
                    )));
                }
                let now = inner.now_ms();
                let row = LinkRow {
                    user,
                    purpose: purpose.name().to_owned(),
                    expires_ms: now.saturating_add(DAY_MS),
                };
                transaction(store, |store| Links::replace(store, &stored, &row, now))?;
                Ok(row.expires_ms)
            })
            .await?;
        let (base, page) = (self.base_url(), purpose.page());
        Ok(Link {
            url: format!("{base}/#/{page}/{}", secret.as_str()),
            expires_ms,
        })
    }

    /// # Errors
    /// `Unknown`: it was used, is too old, or never was.
    pub async fn link_info(&self, secret: &str) -> Result<LinkInfo, AccountError> {
        let (wanted, now) = (digest(secret), self.0.now_ms());
        let read = self
            .0
            .parts
            .recorder
            .read(move |store| Links::find(store, &wanted, now));
        let (row, purpose) = known(read.await?)?;
        let user = self.0.working(row.user)?;
        Ok(LinkInfo {
            name: user.name.to_string(),
            purpose,
            expires_ms: row.expires_ms,
        })
    }

    /// While no administrator has a password: a link to set one. The first start makes the administrator.
    ///
    /// # Errors
    /// The store failed.
    pub async fn first_link(&self) -> Result<Option<Link>, AccountError> {
        let first = {
            let book = self.read();
            let mut administrators = book.working_administrators();
            if book.working_administrators().any(|one| one.has_password()) {
                return Ok(None);
            }
            administrators.next().map(|user| user.id)
        };
        let first = match first {
            Some(user) => user,
            None => self.make_first().await?,
        };
        self.link(first, Purpose::Password).await.map(Some)
    }

    async fn make_first(&self) -> Result<i64, AccountError> {
        self.change(|inner, store| {
            // Somebody may have taken the name for another role.
            let name = (1..)
                .map(|n| {
                    if n == 1 {
                        FIRST.to_owned()
                    } else {
                        format!("{FIRST}{n}")
                    }
                })
                .find(|name| inner.read().named(name).is_none())
                .unwrap_or_default();
            let now = inner.now_ms();
            let role = Role::Administrator;
            let id = transaction(store, |store| {
                Users::insert(store, &name, &name, role.name(), now)
            })?;
            inner.write().put(User {
                id,
                name: name.into(),
                role,
                password: "".into(),
                disabled: false,
                language: String::new(),
                created_ms: now,
                last_login_ms: None,
                groups: Arc::default(),
            });
            Ok(id)
        })
        .await
    }

    /// How browsers reach the hub, as far as it can know.
    pub fn base_url(&self) -> String {
        let web = &self.0.parts.settings.web;
        if !web.url.is_empty() {
            return web.url.clone();
        }
        let scheme = if web.tls == "on" { "https" } else { "http" };
        let listens = optional_listen_address(&web.listen).ok().flatten();
        match self.0.web.get().copied().or(listens) {
            None => format!("{scheme}://localhost"),
            Some(mut address) => {
                if address.ip().is_unspecified() {
                    address.set_ip(match address.ip() {
                        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
                    });
                }
                format!("{scheme}://{address}")
            }
        }
    }
}

impl Inner {
    /// A user that is not disabled.
    pub(super) fn working(&self, id: i64) -> Result<Arc<User>, AccountError> {
        let found = self.read().user(id).cloned();
        found
            .filter(|user| !user.disabled)
            .ok_or(AccountError::Unknown)
    }

    /// The link, if it is for that; on the recorder's thread, so that nobody else uses it meanwhile.
    pub(super) fn usable(
        &self,
        store: &mut dyn Driver,
        secret: &[u8],
        purpose: Purpose,
    ) -> Result<Arc<User>, AccountError> {
        let (row, is_for) = known(Links::find(store, secret, self.now_ms())?)?;
        if is_for != purpose {
            return Err(AccountError::Unknown);
        }
        self.working(row.user)
    }
}

fn known(row: Option<LinkRow>) -> Result<(LinkRow, Purpose), AccountError> {
    let row = row.ok_or(AccountError::Unknown)?;
    let purpose = [Purpose::Password, Purpose::Enter]
        .into_iter()
        .find(|purpose| purpose.name() == row.purpose)
        .ok_or(AccountError::Unknown)?;
    Ok((row, purpose))
}
