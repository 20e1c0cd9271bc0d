-- Things done on time, and what came of each run.

-- Ids are never used again: a command knows its run by schedule and due time.
CREATE TABLE schedule (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id   INTEGER NOT NULL REFERENCES customer_group (id),
    name       TEXT    NOT NULL,
    timing     TEXT    NOT NULL,     -- JSON: cron, at or every
    zone       TEXT    NOT NULL,     -- an IANA name
    skipped    TEXT    NOT NULL,     -- auto, later or skip: local times that do not exist
    repeated   TEXT    NOT NULL,     -- auto, first, second or both: local times that come twice
    missed     TEXT    NOT NULL,     -- skip, once or all: runs due while the hub was down
    jitter_ms  INTEGER NOT NULL,
    from_ms    INTEGER,              -- NULL: no bound
    until_ms   INTEGER,
    act        TEXT    NOT NULL,     -- JSON: what is done
    paused     INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    done_ms    INTEGER NOT NULL,     -- what was due up to then is settled
    next_ms    INTEGER,              -- the run planned; NULL: none is left
    next_at_ms INTEGER,              -- when it is to begin: later by its jitter
    UNIQUE (group_id, name)
) STRICT;

-- The key is what makes a due time run once, whatever clocks and crashes do.
CREATE TABLE schedule_run (
    schedule   INTEGER NOT NULL,
    due_ms     INTEGER NOT NULL,
    begun_ms   INTEGER NOT NULL,     -- when the hub settled that it runs, or that it does not
    outcome    TEXT    NOT NULL,     -- running, ordered, done, refused or skipped
    detail     TEXT    NOT NULL,
    commands   INTEGER NOT NULL,     -- that it made
    PRIMARY KEY (schedule, due_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_run_open ON schedule_run (due_ms, schedule) WHERE outcome = 'running';
CREATE INDEX schedule_run_old ON schedule_run (begun_ms) WHERE outcome <> 'running';
