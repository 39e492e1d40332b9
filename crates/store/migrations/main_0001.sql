-- Written once for both databases: on SQLite, BIGINT reads INTEGER and BYTEA reads BLOB; on
-- PostgreSQL, the word STRICT is left out and text compares byte by byte.

CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE admin_units (
    id BIGINT PRIMARY KEY,
    code TEXT NOT NULL,
    parent_id BIGINT REFERENCES admin_units(id),
    level TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    full_name TEXT NOT NULL,
    valid_from_on TEXT NOT NULL,
    valid_until_on TEXT,
    UNIQUE (code, valid_from_on)
) STRICT;
CREATE INDEX admin_units_parent ON admin_units (parent_id);

CREATE TABLE unit_predecessors (
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    predecessor_id BIGINT NOT NULL REFERENCES admin_units(id),
    partial BIGINT NOT NULL,
    PRIMARY KEY (unit_id, predecessor_id)
) STRICT;

CREATE TABLE populations (
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    year TEXT NOT NULL,
    basis TEXT NOT NULL,
    population BIGINT NOT NULL,
    grade TEXT NOT NULL,
    source TEXT NOT NULL,
    preferred BIGINT NOT NULL,
    PRIMARY KEY (unit_id, year, basis)
) STRICT;

CREATE TABLE distancing_levels (
    id BIGINT PRIMARY KEY,
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    level TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT,
    source TEXT NOT NULL
) STRICT;
CREATE INDEX distancing_levels_unit ON distancing_levels (unit_id, from_on);

CREATE TABLE boundaries (
    unit_id BIGINT PRIMARY KEY REFERENCES admin_units(id),
    rings TEXT NOT NULL,
    imported_at BIGINT NOT NULL
) STRICT;

CREATE TABLE place_types (
    code TEXT PRIMARY KEY,
    name_vi TEXT NOT NULL,
    name_en TEXT NOT NULL,
    type_group TEXT NOT NULL,
    default_stay_minutes BIGINT NOT NULL,
    closes_at TEXT
) STRICT;

CREATE TABLE disease_rules (
    profile TEXT NOT NULL,
    label_vi TEXT NOT NULL,
    label_en TEXT NOT NULL,
    valid_from_on TEXT NOT NULL,
    look_back_days BIGINT NOT NULL,
    min_overlap_minutes BIGINT NOT NULL,
    same_space TEXT NOT NULL,
    question_days BIGINT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (profile, valid_from_on)
) STRICT;

CREATE TABLE accounts (
    id BIGINT PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    password_hash TEXT NOT NULL,
    totp_sealed BYTEA NOT NULL,
    totp_last_step BIGINT NOT NULL,
    active BIGINT NOT NULL,
    session_epoch BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_login_at BIGINT
) STRICT;

CREATE TABLE account_roles (
    account_id BIGINT NOT NULL REFERENCES accounts(id),
    role TEXT NOT NULL,
    PRIMARY KEY (account_id, role)
) STRICT;

CREATE TABLE invitations (
    token_hash BYTEA PRIMARY KEY,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    roles TEXT NOT NULL,
    invited_by BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
) STRICT;

CREATE TABLE sessions (
    id_hash BYTEA PRIMARY KEY,
    data TEXT NOT NULL,
    expires_at BIGINT NOT NULL
) STRICT;
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE phone_proofs (
    phone_index BYTEA PRIMARY KEY,
    code_hash BYTEA NOT NULL,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    tries BIGINT NOT NULL
) STRICT;

CREATE TABLE places (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    type_code TEXT NOT NULL REFERENCES place_types(code),
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    address TEXT NOT NULL,
    contact_sealed BYTEA NOT NULL,
    owner_index BYTEA NOT NULL,
    state TEXT NOT NULL,
    return_reason TEXT,
    registered_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by BIGINT
) STRICT;
CREATE INDEX places_unit ON places (unit_id, state);
CREATE INDEX places_owner ON places (owner_index);

CREATE TABLE areas (
    id BIGINT PRIMARY KEY,
    place_id BIGINT NOT NULL REFERENCES places(id),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (place_id, name)
) STRICT;

CREATE TABLE scan_points (
    id BIGINT PRIMARY KEY,
    area_id BIGINT NOT NULL REFERENCES areas(id),
    code TEXT NOT NULL UNIQUE,
    version BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    retired_at BIGINT,
    UNIQUE (area_id, version)
) STRICT;

CREATE TABLE gates (
    id BIGINT PRIMARY KEY,
    area_id BIGINT NOT NULL REFERENCES areas(id),
    name TEXT NOT NULL,
    enrol_hash BYTEA UNIQUE,
    enrol_expires_at BIGINT NOT NULL,
    token_hash BYTEA UNIQUE,
    created_at BIGINT NOT NULL,
    enrolled_at BIGINT,
    revoked_at BIGINT,
    last_seen_at BIGINT
) STRICT;
CREATE INDEX gates_area ON gates (area_id);

CREATE TABLE scan_counts (
    event_day BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    arrival_day BIGINT NOT NULL,
    scans BIGINT NOT NULL,
    PRIMARY KEY (event_day, area_id, kind, arrival_day)
) STRICT;
CREATE INDEX scan_counts_area ON scan_counts (area_id, event_day);

CREATE TABLE people (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    noted_at BIGINT NOT NULL,
    seen_day BIGINT NOT NULL,
    has_phone BIGINT NOT NULL,
    sealed BYTEA NOT NULL
) STRICT;
CREATE INDEX people_person ON people (person_id);

CREATE TABLE person_indexes (
    kind BIGINT NOT NULL,
    idx BYTEA NOT NULL,
    person_id BIGINT NOT NULL,
    PRIMARY KEY (kind, idx, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_indexes_person ON person_indexes (person_id);

CREATE TABLE cases (
    id BIGINT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    profile TEXT NOT NULL,
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    onset_on TEXT NOT NULL,
    isolated_on TEXT,
    persons TEXT NOT NULL,
    key_sealed BYTEA NOT NULL,
    file_sealed BYTEA,
    created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    delete_at BIGINT NOT NULL
) STRICT;

CREATE TABLE openings (
    id BIGINT PRIMARY KEY,
    case_id BIGINT NOT NULL REFERENCES cases(id),
    purpose TEXT NOT NULL,
    scope TEXT NOT NULL,
    scope_hash BYTEA NOT NULL,
    state TEXT NOT NULL,
    requested_by BIGINT NOT NULL,
    requested_at BIGINT NOT NULL,
    decided_by BIGINT,
    decided_at BIGINT,
    reason TEXT,
    finished_at BIGINT,
    rows_read BIGINT,
    contacts BIGINT
) STRICT;
CREATE INDEX openings_case ON openings (case_id);

CREATE TABLE opening_releases (
    opening_id BIGINT NOT NULL REFERENCES openings(id),
    officer_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    released_at BIGINT NOT NULL,
    PRIMARY KEY (opening_id, officer_id),
    UNIQUE (opening_id, account_id)
) STRICT;

CREATE TABLE access_log (
    seq BIGINT PRIMARY KEY,
    prev BYTEA NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    case_id BIGINT,
    purpose TEXT NOT NULL,
    scope TEXT NOT NULL,
    count BIGINT NOT NULL,
    key_ids TEXT NOT NULL,
    hash BYTEA NOT NULL
) STRICT;

CREATE TABLE access_subjects (
    seq BIGINT NOT NULL REFERENCES access_log(seq),
    subject_index BYTEA NOT NULL,
    PRIMARY KEY (seq, subject_index)
) STRICT;

CREATE TABLE log_heads (
    day_on TEXT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    signature BYTEA NOT NULL
) STRICT;
