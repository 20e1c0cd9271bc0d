//! Message type codes of the native protocol (docs/protocol.md, section 3).

pub const READ: u32 = 1;
pub const VALUE: u32 = 2;
pub const WRITE: u32 = 3;
pub const DONE: u32 = 4;
pub const REJECTED: u32 = 5;
pub const ACCEPTED: u32 = 6;
pub const STORED: u32 = 7;
pub const QUIT: u32 = 20;
pub const POLL: u32 = 21;
pub const ALIVE: u32 = 22;
pub const EVENT: u32 = 26;
pub const EVENT_SET: u32 = 27;
pub const ALARM: u32 = 30;
pub const ALARM_SET: u32 = 31;
pub const ALARM_STOP: u32 = 32;
pub const ALARM_SUBSCRIBE: u32 = 33;
pub const ALARM_UNSUBSCRIBE: u32 = 34;
pub const COMMAND: u32 = 40;
pub const COMMAND_STATE: u32 = 41;
pub const LOOPBACK: u32 = 50;
pub const BLINK: u32 = 60;
pub const CLOCK_SET: u32 = 80;
pub const CLOCK_READ: u32 = 81;
pub const DESCRIBE: u32 = 90;
pub const DEVICES: u32 = 500;

/// Types that only the hub may send: from a device they are a BAD_FRAME.
pub const fn hub_only(kind: u32) -> bool {
    matches!(
        kind,
        STORED | EVENT_SET | ALARM_SET | ALARM_STOP | COMMAND_STATE | CLOCK_SET
    )
}

/// Types that pass between a device and the hub but never between two devices.
pub const fn never_between_devices(kind: u32) -> bool {
    hub_only(kind) || matches!(kind, QUIT | ALIVE)
}

/// Types that need the right `control`, whoever receives them.
pub const fn needs_control(kind: u32) -> bool {
    matches!(kind, WRITE | COMMAND)
}

/// Types to which the protocol gives a meaning; all others are their users'.
pub const fn has_meaning(kind: u32) -> bool {
    matches!(
        kind,
        READ | VALUE
            | WRITE
            | DONE
            | REJECTED
            | ACCEPTED
            | STORED
            | QUIT
            | POLL
            | ALIVE
            | EVENT
            | EVENT_SET
            | ALARM
            | ALARM_SET
            | ALARM_STOP
            | ALARM_SUBSCRIBE
            | ALARM_UNSUBSCRIBE
            | COMMAND
            | COMMAND_STATE
            | LOOPBACK
            | BLINK
            | CLOCK_SET
            | CLOCK_READ
            | DESCRIBE
            | DEVICES
    )
}
