-- What a report's documents need besides: the number of the Committee's decision, who signs for an office, and the
-- points without a scan as they were counted at the cut-off.

ALTER TABLE report_items ADD COLUMN decision_number TEXT;

CREATE TABLE unit_signers (
    unit_id BIGINT PRIMARY KEY REFERENCES admin_units(id),
    authority TEXT NOT NULL,
    name TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by BIGINT NOT NULL REFERENCES accounts(id)
) STRICT;

CREATE TABLE frozen_points (
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,
    area_id BIGINT NOT NULL REFERENCES areas(id),
    place_id BIGINT NOT NULL REFERENCES places(id),
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    department_id BIGINT REFERENCES admin_units(id),
    code TEXT NOT NULL,
    last_day BIGINT,
    hidden BIGINT NOT NULL,
    PRIMARY KEY (from_on, until_on, area_id)
) STRICT;
