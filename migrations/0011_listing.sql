-- What the lists of the API look for, oldest first: filters are answered from an index, and rows are read for what is shown.
DROP INDEX guests_in_order;
CREATE INDEX guests_in_order ON guests (created, id, state, email);

-- When a grant's guest came: guests of one app are listed in the order of all guests.
ALTER TABLE grants ADD COLUMN came BIGINT NOT NULL DEFAULT 0;
UPDATE grants SET came = (SELECT guests.created FROM guests WHERE guests.id = grants.guest);
CREATE INDEX grants_in_order ON grants (app, came, guest, email) WHERE state = 'active';

CREATE INDEX audit_by_time ON audit (at, sequence);
