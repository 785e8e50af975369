-- Who guests are at partners' providers, as their rows say; and which session there a session of ours came from.
CREATE TABLE bindings (issuer TEXT NOT NULL, subject TEXT NOT NULL, guest TEXT NOT NULL REFERENCES guests (id), PRIMARY KEY (issuer, subject));
CREATE INDEX bindings_of_guest ON bindings (guest);
ALTER TABLE sessions ADD COLUMN provider_session TEXT;
CREATE INDEX open_sessions_by_provider ON sessions (provider_session) WHERE ended IS NULL;
