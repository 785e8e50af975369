-- What the lists of the administrators' pages look for, so that none of them reads the whole of a table.
CREATE INDEX guests_by_state ON guests (state, email);

-- The words by which guests are found: the address, its domain, the words of the name. Rows from before have the whole name.
CREATE TABLE guest_terms (term TEXT NOT NULL, guest TEXT NOT NULL REFERENCES guests (id), PRIMARY KEY (term, guest));
CREATE INDEX guest_terms_of_guest ON guest_terms (guest);
INSERT INTO guest_terms (term, guest) SELECT email, id FROM guests;
INSERT INTO guest_terms (term, guest) SELECT substr(email, instr(email, '@') + 1), id FROM guests;
INSERT INTO guest_terms (term, guest)
    SELECT lower(json_extract(body, '$.name')), id FROM guests WHERE json_extract(body, '$.name') IS NOT NULL
    ON CONFLICT (term, guest) DO NOTHING;

ALTER TABLE grants ADD COLUMN email TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN until BIGINT;
UPDATE grants SET email = (SELECT guests.email FROM guests WHERE guests.id = grants.guest),
    until = unixepoch(json_extract(body, '$.until')) * 1000;
CREATE INDEX grants_by_app ON grants (app, email) WHERE state = 'active';
CREATE INDEX grants_by_end ON grants (until) WHERE state = 'active';
CREATE INDEX grants_by_end_in_app ON grants (app, until) WHERE state = 'active';

-- The apps that invitations offer.
CREATE TABLE invitation_apps (
    invitation TEXT NOT NULL REFERENCES invitations (id), app TEXT NOT NULL, state TEXT NOT NULL, created BIGINT NOT NULL,
    PRIMARY KEY (invitation, app)
);
INSERT INTO invitation_apps (invitation, app, state, created)
    SELECT i.id, json_extract(o.value, '$.app'), i.state, i.created FROM invitations i, json_each(i.body, '$.offers') o
    WHERE true ON CONFLICT (invitation, app) DO NOTHING;
CREATE INDEX invitation_apps_in_order ON invitation_apps (app, created, invitation);
CREATE INDEX invitation_apps_by_state ON invitation_apps (app, state, created, invitation);
CREATE INDEX invitations_by_state ON invitations (state, created, id);

CREATE INDEX requests_by_state ON requests (state, created, id);
CREATE INDEX requests_by_app ON requests (app, created, id);
CREATE INDEX requests_by_app_and_state ON requests (app, state, created, id);

CREATE INDEX audit_by_event ON audit (event, sequence);
CREATE INDEX audit_by_app ON audit (app, sequence);
CREATE INDEX audit_by_app_and_event ON audit (app, event, sequence);
