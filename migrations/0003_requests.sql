-- What people ask for, as JSON in `body`; the texts that they accepted; and when a guest last used each app.
CREATE TABLE requests (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, guest TEXT NOT NULL, email TEXT NOT NULL, app TEXT NOT NULL, state TEXT NOT NULL,
    created BIGINT NOT NULL, due BIGINT, version BIGINT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX requests_in_order ON requests (created, id);
CREATE INDEX requests_by_email ON requests (email, created);
CREATE INDEX requests_due ON requests (due) WHERE state = 'checking';

CREATE TABLE texts (digest TEXT PRIMARY KEY, body TEXT NOT NULL, kept BIGINT NOT NULL);

CREATE TABLE uses (guest TEXT NOT NULL, app TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (guest, app));

-- The token of a reminder works beside the one that was mailed first.
ALTER TABLE invitations ADD COLUMN reminder TEXT;
CREATE UNIQUE INDEX invitations_by_reminder ON invitations (reminder);
