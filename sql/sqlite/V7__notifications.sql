-- Whom the alarms of a group are told to, and what waits to be told.

-- Notifications of a channel are numbered from 1 without gaps. Those after done_id wait; of these, those up to message_id
-- are the message under way, which is sent again unchanged, under the same delivery id, until it is sent or given up.
-- Ids are never used again: what waits for a removed channel must not meet another.
CREATE TABLE channel (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id         INTEGER NOT NULL REFERENCES customer_group (id),
    name             TEXT    NOT NULL,
    kind             TEXT    NOT NULL,   -- webhook or email
    target           TEXT    NOT NULL,   -- the URL, or addresses with commas
    secret           BLOB    NOT NULL,   -- of a webhook, sealed under serials.key with the id bound in
    severity         INTEGER NOT NULL,   -- the least that is told: 0 (warning) to 3 (critical)
    created_ms       INTEGER NOT NULL,
    last_id          INTEGER NOT NULL,
    message_id       INTEGER NOT NULL,
    done_id          INTEGER NOT NULL,
    delivery         TEXT    NOT NULL,   -- of the message under way
    first_try_ms     INTEGER NOT NULL,   -- of that message
    message_omitted  INTEGER NOT NULL,   -- what that message says was left out
    omitted          INTEGER NOT NULL,   -- left out since, because too many waited
    sent             INTEGER NOT NULL,   -- messages
    last_sent_ms     INTEGER,
    failing_since_ms INTEGER,
    last_error       TEXT    NOT NULL,
    UNIQUE (group_id, name)
) STRICT;
CREATE INDEX channel_waiting ON channel (id) WHERE last_id > done_id;
CREATE INDEX channel_failing ON channel (kind) WHERE failing_since_ms IS NOT NULL;

CREATE TABLE notification (
    channel  INTEGER NOT NULL,
    id       INTEGER NOT NULL,           -- in its channel
    severity INTEGER NOT NULL,
    what     TEXT    NOT NULL,           -- raised, cleared or chattering
    body     TEXT    NOT NULL,           -- JSON: the alarm as it was
    PRIMARY KEY (channel, id)
) STRICT, WITHOUT ROWID;

-- Messages that were given up. Their notifications are kept as long as they are.
CREATE TABLE dead_letter (
    channel  INTEGER NOT NULL,
    to_id    INTEGER NOT NULL,
    from_id  INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    delivery TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    PRIMARY KEY (channel, to_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dead_letter_old ON dead_letter (at_ms);
