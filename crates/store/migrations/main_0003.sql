-- What every part of the office work shares: messages, holidays, figures of closed periods.

CREATE TABLE messages (
    id BIGINT PRIMARY KEY,
    dedup_key TEXT NOT NULL UNIQUE,
    unit_id BIGINT REFERENCES admin_units(id),
    account_id BIGINT REFERENCES accounts(id),
    place_id BIGINT REFERENCES places(id),
    source TEXT NOT NULL,
    params TEXT NOT NULL,
    href TEXT NOT NULL,
    urgent BIGINT NOT NULL,
    due_on TEXT,
    made_at BIGINT NOT NULL
) STRICT;
CREATE INDEX messages_unit ON messages (unit_id, made_at);
CREATE INDEX messages_account ON messages (account_id, made_at);
CREATE INDEX messages_place ON messages (place_id, made_at);

CREATE TABLE message_reads (
    message_id BIGINT NOT NULL REFERENCES messages(id),
    account_id BIGINT NOT NULL REFERENCES accounts(id),
    read_at BIGINT NOT NULL,
    PRIMARY KEY (message_id, account_id)
) STRICT;

CREATE TABLE holidays (
    day_on TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    source TEXT NOT NULL
) STRICT;

CREATE TABLE unit_periods (
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,
    registered BIGINT NOT NULL,
    live BIGINT NOT NULL,
    silent BIGINT NOT NULL,
    never_used BIGINT NOT NULL,
    new_points BIGINT NOT NULL,
    population BIGINT,
    target BIGINT NOT NULL,
    missing BIGINT NOT NULL,
    scans_in BIGINT NOT NULL,
    scans_out BIGINT NOT NULL,
    frozen_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, from_on, until_on)
) STRICT;
CREATE INDEX unit_periods_span ON unit_periods (until_on, from_on);
