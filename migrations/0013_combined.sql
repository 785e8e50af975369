-- What lists look for when more than one thing is asked at once: each is a piece of one index, and nothing is read that is not shown.

-- Members are no guests: how many guests there are is counted in an index.
ALTER TABLE guests ADD COLUMN kind TEXT NOT NULL DEFAULT 'guest';
UPDATE guests SET kind = json_extract(body, '$.kind') WHERE json_extract(body, '$.kind') IS NOT NULL;
DROP INDEX guests_in_order;
CREATE INDEX guests_in_order ON guests (created, id, state, kind, email);

-- Of each grant, the state of its guest and who is responsible for the guest.
ALTER TABLE grants ADD COLUMN guest_state TEXT NOT NULL DEFAULT 'active';
ALTER TABLE grants ADD COLUMN sponsor TEXT NOT NULL DEFAULT '';
UPDATE grants SET guest_state = (SELECT guests.state FROM guests WHERE guests.id = grants.guest),
    sponsor = (SELECT guests.sponsor FROM guests WHERE guests.id = grants.guest);
DROP INDEX grants_in_order;
CREATE INDEX grants_in_order ON grants (app, came, guest, email, guest_state) WHERE state = 'active';
CREATE INDEX grants_of_sponsor ON grants (app, sponsor, looked, id, until) WHERE state = 'active';

-- All apps of an invitation, in order and with commas between: who may see some apps looks for each combination of these.
-- And whether a directory of people keeps the invitation.
ALTER TABLE invitations ADD COLUMN apps TEXT NOT NULL DEFAULT '';
ALTER TABLE invitations ADD COLUMN kept BIGINT NOT NULL DEFAULT 0;
UPDATE invitations SET kept = json_extract(body, '$.provisioned') IS NOT NULL,
    apps = COALESCE((SELECT group_concat(app, ',') FROM
        (SELECT o.app FROM invitation_apps AS o WHERE o.invitation = invitations.id ORDER BY o.app)), '');
CREATE INDEX invitations_by_apps ON invitations (apps, state, created, id);
DROP INDEX invitations_by_state;
CREATE INDEX invitations_by_state ON invitations (state, created, id, guest, expires, kept, apps);
DROP INDEX invitations_by_inviter;
CREATE INDEX invitations_by_inviter ON invitations (inviter, created, id, state, apps) WHERE inviter <> '';

-- The latest time that any entry up to this one has: with clocks that were set back, too, the first entry of a time is found at once.
ALTER TABLE audit ADD COLUMN upto BIGINT NOT NULL DEFAULT 0;
UPDATE audit SET upto = so_far.at FROM (SELECT sequence, MAX(at) OVER (ORDER BY sequence) AS at FROM audit) AS so_far
    WHERE so_far.sequence = audit.sequence;
DROP INDEX audit_by_time;
CREATE INDEX audit_by_time ON audit (upto, sequence);
