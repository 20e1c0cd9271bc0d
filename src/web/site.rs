//! What the handlers of the API work with.

use std::sync::Arc;

use super::WebParts;
use crate::accounts::Accounts;
use crate::admin::Admin;
use crate::registry::SharedRegistry;
use crate::settings::Settings;

/// Shared by all workers of the web server.
pub struct Site {
    pub parts: Arc<WebParts>,
    pub admin: Admin,
    pub accounts: Accounts,
    pub registry: SharedRegistry,
    pub settings: Arc<Settings>,
}
