//! Hubs with the devices that several tests begin with.

use super::client::Client;
use super::device::Device;
use super::home::Home;
use super::hub::Hub;

/// A device with a session.
pub(crate) fn obedient() -> (Hub, Device, Client) {
    let hub = Hub::start();
    let device = hub.add("greenhouse");
    let client = hub.login(&device);
    (hub, device, client)
}

/// A device that may order, with a session, and one that obeys.
pub(crate) fn controlled() -> (Hub, Device, Client, Device) {
    let hub = Home::new().set("COMMANDS__ANSWER_SECONDS", "1").start();
    let controller = hub.add_with("greenhouse", &["--rights", "control"]);
    let session = hub.login(&controller);
    let device = hub.add("greenhouse");
    (hub, controller, session, device)
}
