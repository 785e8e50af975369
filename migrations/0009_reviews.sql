-- Access reviews: when somebody last looked at an access and let it stand (its beginning, where nobody has), and who is responsible for guests.
ALTER TABLE grants ADD COLUMN looked BIGINT NOT NULL DEFAULT 0;
UPDATE grants SET looked = COALESCE(unixepoch(json_extract(body, '$.from')), 0) * 1000;
CREATE INDEX grants_to_review ON grants (app, looked, id, until) WHERE state = 'active';

ALTER TABLE guests ADD COLUMN sponsor TEXT NOT NULL DEFAULT '';
UPDATE guests SET sponsor = COALESCE(json_extract(body, '$.sponsor'), '');
CREATE INDEX guests_by_sponsor ON guests (sponsor, id);

CREATE TABLE reviews (
    id TEXT PRIMARY KEY, app TEXT NOT NULL, reviewers TEXT NOT NULL, state TEXT NOT NULL, created BIGINT NOT NULL,
    version BIGINT NOT NULL, body TEXT NOT NULL
);
CREATE UNIQUE INDEX one_open_review ON reviews (app) WHERE state = 'open';
CREATE INDEX reviews_in_order ON reviews (created, id);
CREATE INDEX reviews_by_app ON reviews (app, created, id);

-- What was decided about each access in a review.
CREATE TABLE verdicts (
    id TEXT PRIMARY KEY, review TEXT NOT NULL REFERENCES reviews (id), grant_id TEXT NOT NULL REFERENCES grants (id), guest TEXT NOT NULL,
    outcome TEXT NOT NULL, version BIGINT NOT NULL, body TEXT NOT NULL, UNIQUE (review, grant_id)
);
CREATE INDEX verdicts_by_outcome ON verdicts (review, outcome);
