-- Readings that have settled, many in a row of this table, with the hour roll-up of what is in it.

-- Packs of one series do not overlap in (time, msgno), and none reaches over the end of an hour, so the roll-up of an
-- hour is the merge of its packs (and of the rows of `reading` that are not packed yet). `readings` is emptied when
-- raw readings are kept no longer, and `minutes` takes its place; then that is emptied, then the row goes.
CREATE TABLE pack (
    id          INTEGER PRIMARY KEY,
    series      INTEGER NOT NULL,
    from_ms     INTEGER NOT NULL,    -- device time and msgno of the first reading
    from_msgno  INTEGER NOT NULL,
    to_ms       INTEGER NOT NULL,    -- and of the last
    to_msgno    INTEGER NOT NULL,
    count       INTEGER NOT NULL,
    numbers     INTEGER NOT NULL,    -- of these, numbers and booleans; what follows is theirs
    low         ANY,                 -- NULL: no numbers
    low_at      INTEGER,
    high        ANY,
    high_at     INTEGER,
    sum         REAL    NOT NULL,
    last        ANY     NOT NULL,
    last_later  INTEGER NOT NULL,    -- hub time of the last reading, minus to_ms
    minutes     BLOB,
    readings    BLOB,
    UNIQUE (series, from_ms, from_msgno)
) STRICT;

-- The oldest of each layer, for the cap on disk.
CREATE INDEX pack_raw ON pack (to_ms) WHERE readings IS NOT NULL;
CREATE INDEX pack_minutes ON pack (to_ms) WHERE readings IS NULL AND minutes IS NOT NULL;
CREATE INDEX pack_hours ON pack (to_ms) WHERE readings IS NULL AND minutes IS NULL;
-- The oldest of each layer of one series, for retention: it looks often, and finds nothing as a rule.
CREATE INDEX pack_series_raw ON pack (series, to_ms) WHERE readings IS NOT NULL;
CREATE INDEX pack_series_minutes ON pack (series, to_ms) WHERE readings IS NULL AND minutes IS NOT NULL;
CREATE INDEX pack_series_hours ON pack (series, to_ms) WHERE readings IS NULL AND minutes IS NULL;

-- How many days something is kept, where it is not as the settings say. 0: for ever.
CREATE TABLE retention (
    group_id    INTEGER NOT NULL,
    sensor      TEXT    NOT NULL,    -- '': all sensors of the group
    raw_days    INTEGER NOT NULL,
    minute_days INTEGER NOT NULL,
    hour_days   INTEGER NOT NULL,
    PRIMARY KEY (group_id, sensor)
) STRICT, WITHOUT ROWID;
