//! What the handlers of the API work with.

use std::sync::Arc;

use super::{Limits, WebParts};
use crate::accounts::Accounts;
use crate::admin::Admin;
use crate::hub::Hub;
use crate::island::Islands;
use crate::live::Live;
use crate::login::Strangers;
use crate::registry::SharedRegistry;
use crate::settings::Settings;

/// Shared by all workers of the web server.
pub struct Site {
    pub parts: Arc<WebParts>,
    pub admin: Admin,
    pub accounts: Accounts,
    pub registry: SharedRegistry,
    pub limits: Limits,
    pub settings: Arc<Settings>,
    pub live: Live,
    pub strangers: Strangers,
    pub islands: Islands,
}

impl Site {
    pub fn of(hub: &Hub, parts: &Arc<WebParts>) -> Arc<Self> {
        Arc::new(Self {
            parts: Arc::clone(parts),
            admin: hub.admin.clone(),
            accounts: hub.accounts.clone(),
            registry: hub.registry.clone(),
            limits: Limits::new(&hub.settings.web),
            settings: Arc::clone(&hub.settings),
            live: hub.live.clone(),
            strangers: hub.strangers.clone(),
            islands: hub.islands.clone(),
        })
    }
}
