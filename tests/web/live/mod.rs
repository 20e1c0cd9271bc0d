//! The live socket (docs/live.md): who may open it, what it says, what a browser may say, and who never hears what.

mod board;
mod frames;
mod guests;
mod idle;
mod isolation;
mod news;
mod pace;
mod sending;
mod sessions;
mod socket;
mod strangers;

pub(crate) use board::{Board, Card};
pub(crate) use socket::{Heard, Socket, upgrade};

use crate::harness::{Browser, Hub};

/// Two customers with a device each, and an operator of the first.
pub(crate) struct Scene {
    pub(crate) hub: Hub,
    pub(crate) one: Board,
    pub(crate) other: Board,
    pub(crate) operator: Browser,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let hub = Hub::start();
        hub.groups(&["greenhouse", "harbour"]);
        let (one, other) = (
            Card::add(&hub, "greenhouse", "100001"),
            Card::add(&hub, "harbour", "100002"),
        );
        let operator = hub.user("ana", "operator", &["greenhouse"]);
        Self {
            one: one.log_in(&hub),
            other: other.log_in(&hub),
            hub,
            operator,
        }
    }
}
