-- Tokens for programs: a hash of each, and when it was last shown.
CREATE TABLE tokens (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, version BIGINT NOT NULL, created BIGINT NOT NULL, last_used BIGINT, body TEXT NOT NULL
);
CREATE INDEX tokens_in_order ON tokens (created, id);

-- Who invited: an address, or `token:` and an id.
ALTER TABLE invitations ADD COLUMN inviter TEXT NOT NULL DEFAULT '';
UPDATE invitations SET inviter = COALESCE(json_extract(body, '$.invited_by'), '');
CREATE INDEX invitations_by_inviter ON invitations (inviter, created, id) WHERE inviter <> '';
CREATE INDEX invitations_of_guest ON invitations (guest, created);

-- Answers to requests that may be sent again, sealed; without an answer yet, the request is being answered.
CREATE TABLE answers (name TEXT PRIMARY KEY, body TEXT NOT NULL, at BIGINT NOT NULL, answer BLOB);
CREATE INDEX answers_by_time ON answers (at);
