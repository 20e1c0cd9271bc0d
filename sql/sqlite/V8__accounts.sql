-- Who may use the hub through the web, and what they did. Secrets of sessions, links and tokens are stored as their SHA-256 only:
-- they are 256 random bits, so there is nothing to guess. Passwords are stored as argon2id makes them.

CREATE TABLE hub_user (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL,
    name_key      TEXT    NOT NULL UNIQUE,  -- the name in lower case: no two users differ in case alone
    role          TEXT    NOT NULL,         -- viewer, operator, group_administrator or administrator
    password      TEXT    NOT NULL,         -- a PHC string; empty: none was set yet
    disabled      INTEGER NOT NULL,
    language      TEXT    NOT NULL,         -- en, es, or empty: as the browser says
    created_ms    INTEGER NOT NULL,
    last_login_ms INTEGER
) STRICT;

-- Of users who are no administrators: those have all groups.
CREATE TABLE user_group (
    user_id  INTEGER NOT NULL REFERENCES hub_user (id),
    group_id INTEGER NOT NULL REFERENCES customer_group (id),
    PRIMARY KEY (user_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_group_by_group ON user_group (group_id);

-- Ids are never used again: a live socket knows its session by it.
CREATE TABLE session (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES hub_user (id),
    secret     BLOB    NOT NULL UNIQUE,     -- SHA-256 of what the cookie holds
    created_ms INTEGER NOT NULL,
    seen_ms    INTEGER NOT NULL,            -- written every few minutes
    source     TEXT    NOT NULL,            -- the address that logged in
    agent      TEXT    NOT NULL             -- what its browser called itself
) STRICT;
CREATE INDEX session_by_user ON session (user_id);

CREATE TABLE one_time_link (
    secret     BLOB    PRIMARY KEY,         -- SHA-256 of what the link holds
    user_id    INTEGER NOT NULL REFERENCES hub_user (id),
    purpose    TEXT    NOT NULL,            -- password or enter
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_link_by_user ON one_time_link (user_id);
CREATE INDEX one_time_link_old ON one_time_link (expires_ms);

CREATE TABLE api_token (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES hub_user (id),
    name       TEXT    NOT NULL,
    secret     BLOB    NOT NULL UNIQUE,     -- SHA-256 of the token
    scope      TEXT    NOT NULL,            -- read, operate or manage
    -- Ids with commas between; *: all groups of its owner. No row of its own for each: were its last group removed, the token
    -- would seem to be for all.
    groups     TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_ms    INTEGER                      -- written every few minutes
) STRICT;
CREATE INDEX api_token_by_user ON api_token (user_id);

-- Who changed what. Names, not references: a line outlives whom and what it tells of.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms  INTEGER NOT NULL,
    actor  TEXT    NOT NULL,
    via    TEXT    NOT NULL,                -- verb, web, token or hub
    source TEXT    NOT NULL,                -- the address it came from
    action TEXT    NOT NULL,
    target TEXT    NOT NULL,
    detail TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_old ON audit (at_ms);

-- The groups that a line concerns; none: the hub as a whole.
CREATE TABLE audit_group (
    group_id   INTEGER NOT NULL,
    audit_id   INTEGER NOT NULL,
    group_name TEXT    NOT NULL,
    PRIMARY KEY (group_id, audit_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_group_by_line ON audit_group (audit_id);

-- First answers to POSTs with an Idempotency-Key. Without a status the first is still under way, or was cut off.
CREATE TABLE idempotency (
    caller      TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL,           -- SHA-256 of method, path and body
    at_ms       INTEGER NOT NULL,
    status      INTEGER,
    kept        INTEGER NOT NULL,           -- whether the body is: it may be too long, or hold a secret
    kind        TEXT    NOT NULL,           -- its Content-Type
    body        BLOB    NOT NULL,
    PRIMARY KEY (caller, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_old ON idempotency (at_ms);
