-- What guests can show beside the mailbox, one row a guest.
CREATE TABLE factors (guest TEXT PRIMARY KEY REFERENCES guests (id), version BIGINT NOT NULL, body TEXT NOT NULL);
