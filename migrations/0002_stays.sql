-- Where guests have signed in from: networks and countries, no whole addresses. A few for each guest.
CREATE TABLE stays (
    guest TEXT NOT NULL REFERENCES guests (id), network TEXT NOT NULL, country TEXT, first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL,
    PRIMARY KEY (guest, network)
);
CREATE INDEX stays_by_age ON stays (last_seen);
