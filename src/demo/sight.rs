//! What the demo's view is told.

/// One thing that the hub saw. Sent by the hub's routers; a view that lags behind misses some and nobody waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    Joined {
        group: String,
        address: u32,
        name: String,
    },
    Left {
        group: String,
        address: u32,
        reason: String,
    },
    /// A frame that was delivered or answered, without its EOT.
    Passed { group: String, bytes: Vec<u8> },
}
