-- What devices can do, what they were told to do, and whether they are there.

-- One sensor or actuator of a device, as the device (DESCRIBE) or an operator described it; where both did, the
-- operator's row holds.
CREATE TABLE capability (
    address INTEGER NOT NULL,
    acts    INTEGER NOT NULL,        -- 0 a sensor, 1 an actuator
    name    TEXT    NOT NULL,
    source  TEXT    NOT NULL,        -- device or operator
    kind    TEXT    NOT NULL,        -- number, boolean, text, composite, button, or what the device said
    unit    TEXT    NOT NULL,
    low     REAL,                    -- NULL: no bound
    high    REAL,
    PRIMARY KEY (address, acts, name, source)
) STRICT, WITHOUT ROWID;

-- The id is the msgno under which the device gets the command: never used twice, see mark 'command'.
CREATE TABLE command (
    id           INTEGER PRIMARY KEY,
    group_id     INTEGER NOT NULL,
    address      INTEGER NOT NULL,
    type         INTEGER NOT NULL,
    fields       TEXT    NOT NULL,   -- JSON array of texts
    issuer       TEXT    NOT NULL,   -- operator, or device ADDRESS
    issuer_msgno TEXT    NOT NULL,   -- of a device's COMMAND
    order_key    TEXT    NOT NULL,   -- what makes a device's COMMAND a repeat of an earlier one; empty for others
    one_of_set   INTEGER NOT NULL,   -- from an order to a label or to all
    issued_ms    INTEGER NOT NULL,
    expires_ms   INTEGER,            -- NULL: never
    condition    TEXT    NOT NULL,   -- on a last known value, such as: vent = 0
    state        TEXT    NOT NULL,
    detail       TEXT    NOT NULL,   -- the value reported, or the reason
    sent_ms      INTEGER,            -- the last sending
    sendings     INTEGER NOT NULL,
    ended_ms     INTEGER,
    late         INTEGER NOT NULL    -- the answer came after the time-out
) STRICT;
CREATE INDEX command_by_device ON command (address, id);
CREATE INDEX command_by_group ON command (group_id, id);
CREATE INDEX command_open ON command (id) WHERE ended_ms IS NULL;
CREATE INDEX command_order ON command (issuer, order_key) WHERE order_key <> '';
CREATE INDEX command_ended ON command (ended_ms) WHERE ended_ms IS NOT NULL;

-- What somebody last wanted of an actuator; the value reported is its newest reading.
CREATE TABLE desired (
    address  INTEGER NOT NULL,
    actuator TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    command  INTEGER NOT NULL,
    PRIMARY KEY (address, actuator)
) STRICT, WITHOUT ROWID;

-- EVENT periods that a device was given; sent again after each of its logins.
CREATE TABLE event_period (
    address   INTEGER NOT NULL,
    sensor    TEXT    NOT NULL,
    period_ms INTEGER NOT NULL,
    command   INTEGER NOT NULL,
    PRIMARY KEY (address, sensor)
) STRICT, WITHOUT ROWID;

CREATE TABLE presence (
    address      INTEGER PRIMARY KEY,
    online       INTEGER NOT NULL,
    reason       TEXT    NOT NULL,   -- why it is offline
    since_ms     INTEGER NOT NULL,
    last_byte_ms INTEGER NOT NULL
) STRICT;

-- Numbers that outlive the process: 'command' the highest command id given out, 'alive' when the hub last was.
CREATE TABLE mark (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
