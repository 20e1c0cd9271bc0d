-- Customer groups, their devices, and what the devices report.

CREATE TABLE customer_group (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE device (
    address      INTEGER PRIMARY KEY,
    group_id     INTEGER NOT NULL REFERENCES customer_group (id),
    type         INTEGER NOT NULL,
    id           TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    labels       TEXT    NOT NULL,   -- sorted, with commas between
    rights       TEXT    NOT NULL,   -- report, talk or control
    login        TEXT    NOT NULL,   -- least accepted: challenge or legacy
    nonce_memory INTEGER NOT NULL,   -- legacy nonces remembered
    disabled     INTEGER NOT NULL,
    weak         INTEGER NOT NULL,   -- the serial has less than 128 bits by its form
    serial       BLOB    NOT NULL,   -- sealed under serials.key, with the address bound in
    UNIQUE (type, id)
) STRICT;
CREATE INDEX device_by_group ON device (group_id);

-- Nonces that came with a right legacy digest; seq orders them, the oldest are forgotten first.
CREATE TABLE legacy_nonce (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    address INTEGER NOT NULL,
    nonce   TEXT    NOT NULL,
    UNIQUE (address, nonce)
) STRICT;

-- One sensor of one device while it was in one group, in one unit: values of different units never mix,
-- and readings stay with the group they were made in.
-- Ids are never used again: a reading that comes late for a removed device must not meet another's series.
CREATE TABLE series (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    address  INTEGER NOT NULL,
    group_id INTEGER NOT NULL,
    sensor   TEXT    NOT NULL,
    unit     TEXT    NOT NULL,
    UNIQUE (address, group_id, sensor, unit)
) STRICT;

-- The key is what makes a repeat a repeat. msgno is the device's for an EVENT; for a VALUE, whose msgno
-- belongs to whoever asked, it is -1 - msgno. The hub's own time is at_ms + later_ms: the small difference
-- takes fewer bytes than a second time.
CREATE TABLE reading (
    series   INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,       -- the device's time, Unix milliseconds
    msgno    INTEGER NOT NULL,
    later_ms INTEGER NOT NULL,
    value    ANY     NOT NULL,       -- INTEGER, REAL or TEXT
    PRIMARY KEY (series, at_ms, msgno)
) STRICT, WITHOUT ROWID;

-- Written to find out whether the store works again after a failure.
CREATE TABLE probe (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    at_ms INTEGER NOT NULL
) STRICT;
