-- Where the audit log begins, once its oldest entries were deleted: the last of them, sealed.
CREATE TABLE audit_start (one BIGINT PRIMARY KEY CHECK (one = 1), sequence BIGINT NOT NULL, hash TEXT NOT NULL, seal TEXT NOT NULL);
