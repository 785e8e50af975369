-- What a directory of people calls those whom it sends here.
ALTER TABLE invitations ADD COLUMN external TEXT;
CREATE INDEX invitations_by_external ON invitations (external, created) WHERE external IS NOT NULL;
