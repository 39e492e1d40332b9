-- The door: places' hours and bounds, devices that work offline, personal cards, imports, what looks odd.

ALTER TABLE places ADD COLUMN capacity BIGINT;
ALTER TABLE places ADD COLUMN opens_at TEXT;
ALTER TABLE places ADD COLUMN closes_at TEXT;
ALTER TABLE places ADD COLUMN batch_id BIGINT;
CREATE INDEX places_batch ON places (batch_id);

ALTER TABLE gates ADD COLUMN kind TEXT NOT NULL DEFAULT 'gate';
ALTER TABLE gates ADD COLUMN device_name TEXT NOT NULL DEFAULT '';
ALTER TABLE gates ADD COLUMN left_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE gates ADD COLUMN left_oldest_at BIGINT;
ALTER TABLE gates ADD COLUMN sequences TEXT NOT NULL DEFAULT '';
ALTER TABLE gates ADD COLUMN repeats BIGINT NOT NULL DEFAULT 0;
ALTER TABLE gates ADD COLUMN clock_offset_ms BIGINT;

CREATE TABLE quarantine (
    event_id BYTEA PRIMARY KEY,
    gate_id BIGINT NOT NULL REFERENCES gates(id),
    captured_at BIGINT NOT NULL,
    offset_ms BIGINT,
    received_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    sealed BYTEA NOT NULL
) STRICT;
CREATE INDEX quarantine_gate ON quarantine (gate_id, captured_at);

CREATE TABLE cards (
    number BYTEA PRIMARY KEY,
    unit_id BIGINT REFERENCES admin_units(id),
    sheet_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    masked_name TEXT NOT NULL,
    note TEXT NOT NULL,
    find_index BYTEA NOT NULL,
    card_index BYTEA NOT NULL,
    issued_at BIGINT NOT NULL,
    issued_by BIGINT,
    expires_on TEXT NOT NULL,
    revoked_at BIGINT,
    replaced_by BYTEA
) STRICT;
CREATE INDEX cards_unit ON cards (unit_id, issued_at);
CREATE INDEX cards_sheet ON cards (sheet_id);
CREATE INDEX cards_find ON cards (find_index);
CREATE INDEX cards_index ON cards (card_index);
CREATE INDEX cards_revoked ON cards (revoked_at);

CREATE TABLE place_batches (
    id BIGINT PRIMARY KEY,
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    made_by BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    places BIGINT NOT NULL,
    undone_at BIGINT
) STRICT;
CREATE INDEX place_batches_unit ON place_batches (unit_id, made_at);

CREATE TABLE poster_reports (
    id BIGINT PRIMARY KEY,
    point_id BIGINT NOT NULL REFERENCES scan_points(id),
    kind TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    closed_at BIGINT
) STRICT;
CREATE INDEX poster_reports_point ON poster_reports (point_id, closed_at);

CREATE TABLE place_closings (
    place_id BIGINT NOT NULL REFERENCES places(id),
    closed_at BIGINT NOT NULL,
    balance BIGINT NOT NULL,
    PRIMARY KEY (place_id, closed_at)
) STRICT;

CREATE TABLE oddities (
    event_day BIGINT NOT NULL,
    area_id BIGINT NOT NULL REFERENCES areas(id),
    kind TEXT NOT NULL,
    scans BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    seen_at BIGINT,
    PRIMARY KEY (event_day, area_id, kind)
) STRICT;
