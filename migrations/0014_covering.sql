-- What a list of people skips is looked at in indexes alone, and those who are suspended are few among many.

DROP INDEX invitations_of_guest;
CREATE INDEX invitations_of_guest ON invitations (guest, created, id, state, expires, kept, apps);
CREATE INDEX guests_suspended ON guests (created, id, email) WHERE kind = 'guest' AND state = 'suspended';
