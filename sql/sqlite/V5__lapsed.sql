-- A command that was sent, is past its expiry and was passed by: it is never sent again, whatever clock the next start finds.
ALTER TABLE command ADD COLUMN lapsed INTEGER NOT NULL DEFAULT 0;
