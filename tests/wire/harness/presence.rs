//! Who is there, as `device show` says (docs/commands.md section 5).

use serde_json::Value;

use super::device::Device;
use super::home::Home;
use super::wait::eventually;

impl Home {
    #[track_caller]
    pub(crate) fn presence(&self, device: &Device) -> Value {
        self.json(&["device", "show", &device.at()])["presence"].clone()
    }

    /// Waits until the device is offline, for this reason.
    #[track_caller]
    pub(crate) fn goes_offline(&self, device: &Device, reason: &str) -> Value {
        let presence = eventually("it is offline", || {
            let presence = self.presence(device);
            (presence["state"] == "offline").then_some(presence)
        });
        assert_eq!(presence["reason"], reason);
        presence
    }
}

/// A time of a presence, Unix ms.
#[track_caller]
pub(crate) fn ms(presence: &Value, key: &str) -> i128 {
    let ms = presence[key].as_i64();
    i128::from(ms.unwrap_or_else(|| panic!("{key} of {presence}")))
}
