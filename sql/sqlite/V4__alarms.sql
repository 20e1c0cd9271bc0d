-- Rules that watch readings and devices, the alarms that they or the devices raised, and who is told.

-- Ids are never used again: what waits for a removed rule must not meet another.
CREATE TABLE alarm_rule (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id     INTEGER NOT NULL,
    name         TEXT    NOT NULL,   -- also the alarm's name on the wire
    scope        TEXT    NOT NULL,   -- device ADDRESS, label NAME or group
    condition    TEXT    NOT NULL,   -- JSON
    unit         TEXT    NOT NULL,   -- only readings in it count; '': all
    severity     TEXT    NOT NULL,   -- critical, major, minor or warning
    enabled      INTEGER NOT NULL,
    on_delay_ms  INTEGER NOT NULL,
    off_delay_ms INTEGER NOT NULL,
    actuator     TEXT    NOT NULL,   -- what the device moves by itself; '': nothing
    act_value    TEXT    NOT NULL,
    local        INTEGER NOT NULL,   -- given to the device too, if it is simple enough
    created_ms   INTEGER NOT NULL,
    UNIQUE (group_id, name)
) STRICT;

-- Where a rule stands for one device, while that is not simply "normal": a start goes on from here.
CREATE TABLE alarm_phase (
    rule     INTEGER NOT NULL,
    address  INTEGER NOT NULL,
    phase    TEXT    NOT NULL,       -- raising, raised or clearing
    since_ms INTEGER NOT NULL,       -- on the device's time, Unix ms
    last_ms  INTEGER NOT NULL,       -- the newest reading that counted
    value    TEXT    NOT NULL,       -- of that reading
    PRIMARY KEY (rule, address)
) STRICT, WITHOUT ROWID;

-- An alarm is open until it is cleared; of one rule and device there is one open alarm, of what a device raises
-- without a rule (rule 0) one for each name.
CREATE TABLE alarm (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id         INTEGER NOT NULL,
    address          INTEGER NOT NULL,
    rule             INTEGER NOT NULL,
    name             TEXT    NOT NULL,
    sensor           TEXT    NOT NULL,
    severity         TEXT    NOT NULL,
    raised_ms        INTEGER NOT NULL,
    raised_value     TEXT    NOT NULL,
    last_ms          INTEGER NOT NULL,
    last_value       TEXT    NOT NULL,
    cleared_ms       INTEGER,
    clear_reason     TEXT    NOT NULL,   -- '': back to normal
    by_hub           INTEGER NOT NULL,
    by_device        INTEGER NOT NULL,
    acked_ms         INTEGER,
    acked_by         TEXT    NOT NULL,
    note             TEXT    NOT NULL,
    shelved_until_ms INTEGER,
    chattering       INTEGER NOT NULL,
    times            INTEGER NOT NULL,   -- how often it was raised
    changed_ms       INTEGER NOT NULL    -- the hub's time of its last change
) STRICT;
CREATE UNIQUE INDEX alarm_open ON alarm (address, rule, name) WHERE cleared_ms IS NULL;
CREATE INDEX alarm_open_by_group ON alarm (group_id, id) WHERE cleared_ms IS NULL;
CREATE INDEX alarm_by_group ON alarm (group_id, id);
CREATE INDEX alarm_changed ON alarm (group_id, changed_ms) WHERE cleared_ms IS NOT NULL;
CREATE INDEX alarm_by_device ON alarm (address, id);
CREATE INDEX alarm_of_rule ON alarm (rule, address, id);
CREATE INDEX alarm_cleared ON alarm (cleared_ms) WHERE cleared_ms IS NOT NULL;

-- What happened to an alarm. While it chatters only `times` is counted.
CREATE TABLE alarm_event (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    alarm  INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,         -- the hub's time
    what   TEXT    NOT NULL,         -- raised, cleared, acknowledged, shelved, unshelved or chattering
    by     TEXT    NOT NULL,         -- hub, device, or who did it
    value  TEXT    NOT NULL,
    note   TEXT    NOT NULL
) STRICT;
CREATE INDEX alarm_event_of ON alarm_event (alarm, id);

-- Every ALARM that was acknowledged with STORED: what makes a repeat a repeat.
CREATE TABLE alarm_report (
    address INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    msgno   INTEGER NOT NULL,
    sensor  TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    value   TEXT    NOT NULL,
    raised  INTEGER NOT NULL,
    hub_ms  INTEGER NOT NULL,
    alarm   INTEGER NOT NULL,        -- the alarm that it was of; 0: it changed none
    PRIMARY KEY (address, at_ms, msgno, sensor)
) STRICT, WITHOUT ROWID;
CREATE INDEX alarm_report_old ON alarm_report (hub_ms);

-- Until when nobody is to be notified of a rule's alarms for a device (of a device's own: rule 0 and the name).
CREATE TABLE alarm_shelf (
    address  INTEGER NOT NULL,
    rule     INTEGER NOT NULL,
    name     TEXT    NOT NULL,
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (address, rule, name)
) STRICT, WITHOUT ROWID;

-- ALARM_SUBSCRIBE: '*' is every alarm of the group.
CREATE TABLE alarm_subscription (
    address INTEGER NOT NULL,
    name    TEXT    NOT NULL,
    PRIMARY KEY (address, name)
) STRICT, WITHOUT ROWID;

-- What a device is to keep itself of a rule: what it was last ordered, or is to be. The state of `command` says what the
-- device thinks of it.
CREATE TABLE alarm_local (
    address INTEGER NOT NULL,
    rule    INTEGER NOT NULL,
    name    TEXT    NOT NULL,        -- as the device knows it
    fields  TEXT    NOT NULL,        -- JSON array, without the id; empty: it is to stop
    command INTEGER,                 -- NULL: not ordered yet; 0: refused
    refused TEXT    NOT NULL,        -- why
    PRIMARY KEY (address, rule)
) STRICT, WITHOUT ROWID;
CREATE INDEX alarm_local_pending ON alarm_local (address, rule) WHERE command IS NULL;
CREATE INDEX alarm_local_of ON alarm_local (rule);

-- EVENT periods and ALARM_SETs that a device was given: sent again after each of its logins.
CREATE TABLE standing (
    address INTEGER NOT NULL,
    type    INTEGER NOT NULL,        -- EVENT_SET or ALARM_SET
    name    TEXT    NOT NULL,        -- the sensor, the alarm
    fields  TEXT    NOT NULL,        -- JSON array, without the id; empty: it was ended by `command`
    command INTEGER NOT NULL,
    PRIMARY KEY (address, type, name)
) STRICT, WITHOUT ROWID;
INSERT INTO standing SELECT address, 27, sensor, json_array(sensor, CAST(period_ms AS TEXT)), command FROM event_period;
DROP TABLE event_period;
