-- Inspections: plans, checks, findings, reminders, proposals to suspend, counts of people at doors.

CREATE TABLE inspection_plans (
    id BIGINT PRIMARY KEY,
    title TEXT NOT NULL,
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,
    wanted BIGINT NOT NULL,
    random_percent BIGINT NOT NULL,
    seed BIGINT NOT NULL,
    state TEXT NOT NULL,
    made_by BIGINT NOT NULL REFERENCES accounts(id),
    made_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    closed_at BIGINT
) STRICT;
CREATE INDEX inspection_plans_unit ON inspection_plans (unit_id, made_at);

CREATE TABLE inspection_plan_inspectors (
    plan_id BIGINT NOT NULL REFERENCES inspection_plans(id),
    account_id BIGINT NOT NULL REFERENCES accounts(id),
    PRIMARY KEY (plan_id, account_id)
) STRICT;

CREATE TABLE inspections (
    id BIGINT PRIMARY KEY,
    plan_id BIGINT REFERENCES inspection_plans(id),
    place_id BIGINT NOT NULL REFERENCES places(id),
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    inspector_id BIGINT REFERENCES accounts(id),
    day_on TEXT,
    state TEXT NOT NULL,
    score BIGINT NOT NULL,
    reasons TEXT NOT NULL,
    root_id BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    done_on TEXT,
    UNIQUE (plan_id, place_id)
) STRICT;
CREATE INDEX inspections_inspector ON inspections (inspector_id, state, day_on);
CREATE INDEX inspections_unit ON inspections (unit_id, state, day_on);
CREATE INDEX inspections_place ON inspections (place_id, state);
CREATE INDEX inspections_done ON inspections (done_on);

CREATE TABLE inspection_records (
    inspection_id BIGINT PRIMARY KEY REFERENCES inspections(id),
    delivery_id TEXT NOT NULL UNIQUE,
    recorded_by BIGINT NOT NULL REFERENCES accounts(id),
    began_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    scans TEXT NOT NULL,
    answers TEXT NOT NULL,
    entering BIGINT NOT NULL,
    scanning BIGINT NOT NULL,
    count_seconds BIGINT NOT NULL,
    notes TEXT NOT NULL,
    inspector_title TEXT NOT NULL,
    representative TEXT NOT NULL,
    representative_title TEXT NOT NULL,
    refused_to_sign BIGINT NOT NULL
) STRICT;

CREATE TABLE inspection_photos (
    inspection_id BIGINT NOT NULL REFERENCES inspections(id),
    number BIGINT NOT NULL,
    jpeg BYTEA NOT NULL,
    PRIMARY KEY (inspection_id, number)
) STRICT;

CREATE TABLE findings (
    id BIGINT PRIMARY KEY,
    root_id BIGINT NOT NULL REFERENCES inspections(id),
    place_id BIGINT NOT NULL REFERENCES places(id),
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    code TEXT NOT NULL,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    found_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    answer TEXT NOT NULL,
    answered_at BIGINT,
    closed_on TEXT,
    closed_by BIGINT,
    UNIQUE (root_id, code)
) STRICT;
CREATE INDEX findings_unit ON findings (unit_id, state);
CREATE INDEX findings_place ON findings (place_id, state);
CREATE INDEX findings_found ON findings (found_on);
CREATE INDEX findings_due ON findings (state, due_on);

CREATE TABLE inspection_reminders (
    root_id BIGINT NOT NULL REFERENCES inspections(id),
    number BIGINT NOT NULL,
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    sent_on TEXT NOT NULL,
    PRIMARY KEY (root_id, number)
) STRICT;
CREATE INDEX inspection_reminders_sent ON inspection_reminders (sent_on);

CREATE TABLE suspension_proposals (
    id BIGINT PRIMARY KEY,
    root_id BIGINT NOT NULL UNIQUE REFERENCES inspections(id),
    place_id BIGINT NOT NULL REFERENCES places(id),
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    office_id BIGINT NOT NULL REFERENCES admin_units(id),
    state TEXT NOT NULL,
    proposed_on TEXT NOT NULL,
    decided_by BIGINT,
    decided_on TEXT,
    reason TEXT NOT NULL,
    until_on TEXT,
    suspended_on TEXT,
    lifted_on TEXT,
    lifted_by BIGINT
) STRICT;
CREATE INDEX suspension_proposals_office ON suspension_proposals (office_id, state);
CREATE INDEX suspension_proposals_place ON suspension_proposals (place_id, state);
CREATE INDEX suspension_proposals_unit ON suspension_proposals (unit_id, state);
