-- Entities are JSON in `body`; the other columns are what statements look for. Times are milliseconds since the epoch.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE progress (one BIGINT PRIMARY KEY CHECK (one = 1), revision BIGINT NOT NULL, feed_floor BIGINT NOT NULL);
INSERT INTO progress (one, revision, feed_floor) VALUES (1, 0, 0);

CREATE TABLE guests (
    id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, state TEXT NOT NULL, created BIGINT NOT NULL,
    version BIGINT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX guests_in_order ON guests (created, id);

CREATE TABLE invitations (
    id TEXT PRIMARY KEY, guest TEXT NOT NULL, email TEXT NOT NULL, state TEXT NOT NULL, created BIGINT NOT NULL,
    expires BIGINT NOT NULL, mailed TEXT UNIQUE, direct TEXT NOT NULL UNIQUE, version BIGINT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX invitations_by_email ON invitations (email, created);
CREATE INDEX invitations_in_order ON invitations (created, id);

CREATE TABLE grants (
    id TEXT PRIMARY KEY, guest TEXT NOT NULL REFERENCES guests (id), app TEXT NOT NULL, state TEXT NOT NULL,
    invitation TEXT NOT NULL, version BIGINT NOT NULL, body TEXT NOT NULL
);
CREATE UNIQUE INDEX one_active_grant ON grants (guest, app) WHERE state = 'active';
CREATE INDEX grants_of_guest ON grants (guest);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY, root TEXT, guest TEXT NOT NULL REFERENCES guests (id), app TEXT NOT NULL, expires BIGINT NOT NULL,
    ended BIGINT, last_seen BIGINT NOT NULL, version BIGINT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX open_sessions_of_guest ON sessions (guest) WHERE ended IS NULL;
CREATE INDEX open_sessions_of_root ON sessions (root) WHERE ended IS NULL;
CREATE INDEX sessions_by_end ON sessions (expires);

CREATE TABLE feed (
    revision BIGINT PRIMARY KEY, at BIGINT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, guest TEXT NOT NULL, ended TEXT
);
CREATE INDEX feed_by_time ON feed (at);

CREATE TABLE counters (name TEXT PRIMARY KEY, n BIGINT NOT NULL, resets BIGINT NOT NULL);
CREATE INDEX counters_by_end ON counters (resets);

CREATE TABLE outbox (
    id TEXT PRIMARY KEY, created BIGINT NOT NULL, due BIGINT NOT NULL, attempts BIGINT NOT NULL, state TEXT NOT NULL,
    error TEXT, body BLOB
);
CREATE INDEX outbox_due ON outbox (due) WHERE state = 'waiting';

CREATE TABLE audit (
    sequence BIGINT PRIMARY KEY, at BIGINT NOT NULL, event TEXT NOT NULL, guest TEXT, app TEXT, body TEXT NOT NULL,
    personal_hash TEXT, hash TEXT NOT NULL
);
CREATE INDEX audit_by_guest ON audit (guest, sequence);

CREATE TABLE audit_personal (sequence BIGINT PRIMARY KEY REFERENCES audit (sequence), guest TEXT, salt TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX audit_personal_by_guest ON audit_personal (guest);

CREATE TABLE audit_head (one BIGINT PRIMARY KEY CHECK (one = 1), sequence BIGINT NOT NULL, hash TEXT NOT NULL, seal TEXT NOT NULL);
