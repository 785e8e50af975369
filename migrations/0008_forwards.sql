-- How far places have come to which the audit log is forwarded.
CREATE TABLE forwards (place TEXT PRIMARY KEY, sequence BIGINT NOT NULL);
