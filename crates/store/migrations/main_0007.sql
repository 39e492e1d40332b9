-- Reports: templates, periods, drafts, items, proposals, issued documents.

CREATE TABLE report_templates (
    kind TEXT PRIMARY KEY,
    active BIGINT NOT NULL,
    commune_days BIGINT NOT NULL,
    district_days BIGINT NOT NULL,
    department_days BIGINT NOT NULL,
    province_days BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by BIGINT REFERENCES accounts(id)
) STRICT;

CREATE TABLE report_periods (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,
    commune_due_on TEXT NOT NULL,
    district_due_on TEXT NOT NULL,
    department_due_on TEXT NOT NULL,
    province_due_on TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    UNIQUE (kind, from_on, until_on)
) STRICT;
CREATE INDEX report_periods_end ON report_periods (until_on);

CREATE TABLE unit_corrections (
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,
    scans_in BIGINT NOT NULL,
    scans_out BIGINT NOT NULL,
    PRIMARY KEY (unit_id, from_on, until_on)
) STRICT;

CREATE TABLE reports (
    id BIGINT PRIMARY KEY,
    period_id BIGINT NOT NULL REFERENCES report_periods(id),
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    above_id BIGINT REFERENCES admin_units(id),
    level TEXT NOT NULL,
    due_on TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    direction TEXT NOT NULL,
    results TEXT NOT NULL,
    support TEXT NOT NULL,
    next_steps TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    first_sent_at BIGINT,
    sent_at BIGINT,
    sent_by BIGINT REFERENCES accounts(id),
    decided_at BIGINT,
    decided_by BIGINT REFERENCES accounts(id),
    return_reason TEXT,
    UNIQUE (period_id, unit_id)
) STRICT;
CREATE INDEX reports_unit ON reports (unit_id, period_id);
CREATE INDEX reports_above ON reports (above_id, period_id, state);

CREATE TABLE report_versions (
    report_id BIGINT NOT NULL REFERENCES reports(id),
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    sent_by BIGINT NOT NULL REFERENCES accounts(id),
    decision TEXT,
    reason TEXT,
    PRIMARY KEY (report_id, version)
) STRICT;

CREATE TABLE report_items (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    period_id BIGINT NOT NULL REFERENCES report_periods(id),
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    report_id BIGINT REFERENCES reports(id),
    merged_into BIGINT REFERENCES report_items(id),
    root_id BIGINT NOT NULL,
    topic TEXT NOT NULL,
    words TEXT NOT NULL,
    state TEXT NOT NULL,
    handling TEXT NOT NULL,
    office_id BIGINT REFERENCES admin_units(id),
    due_on TEXT,
    decision TEXT,
    answer TEXT,
    decided_at BIGINT,
    position BIGINT NOT NULL,
    made_at BIGINT NOT NULL
) STRICT;
CREATE INDEX report_items_report ON report_items (report_id);
CREATE INDEX report_items_period ON report_items (period_id, kind);
CREATE INDEX report_items_merged ON report_items (merged_into);
CREATE INDEX report_items_root ON report_items (root_id);
CREATE INDEX report_items_unit ON report_items (unit_id, kind);
CREATE INDEX report_items_state ON report_items (kind, state);

CREATE TABLE proposal_steps (
    id BIGINT PRIMARY KEY,
    item_id BIGINT NOT NULL REFERENCES report_items(id),
    state TEXT NOT NULL,
    words TEXT NOT NULL,
    made_by BIGINT NOT NULL REFERENCES accounts(id),
    made_at BIGINT NOT NULL
) STRICT;
CREATE INDEX proposal_steps_item ON proposal_steps (item_id, made_at);

CREATE TABLE issued_reports (
    id BIGINT PRIMARY KEY,
    report_id BIGINT NOT NULL REFERENCES reports(id),
    state TEXT NOT NULL,
    step BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by BIGINT NOT NULL REFERENCES accounts(id),
    finished_at BIGINT,
    pdf BYTEA,
    docx BYTEA,
    xlsx BYTEA,
    pdf_hash TEXT,
    docx_hash TEXT,
    xlsx_hash TEXT,
    marked_at BIGINT,
    marked_by BIGINT REFERENCES accounts(id)
) STRICT;
CREATE INDEX issued_reports_report ON issued_reports (report_id, made_at);
