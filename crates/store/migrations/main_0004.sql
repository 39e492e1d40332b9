-- Coverage as a task: departments' places, weekly history of points, sensitive places.

-- What follows from a place's category unless its commune says otherwise.
CREATE TABLE place_type_rules (
    type_code TEXT PRIMARY KEY REFERENCES place_types(code),
    department_id BIGINT REFERENCES admin_units(id),
    sensitive BIGINT NOT NULL,
    expected_in TEXT NOT NULL
) STRICT;

-- A place whose commune said nothing (department_set 0, sensitive NULL) follows its category.
ALTER TABLE places ADD COLUMN department_id BIGINT REFERENCES admin_units(id);
ALTER TABLE places ADD COLUMN department_set BIGINT NOT NULL DEFAULT 0;
ALTER TABLE places ADD COLUMN sensitive BIGINT;

-- A running number of all that changes figures. Whoever holds its row holds it until the end of the
-- transaction, so that a reader who sees a number has seen all before it.
CREATE TABLE figure_marks (name TEXT PRIMARY KEY, mark BIGINT NOT NULL) STRICT;
INSERT INTO figure_marks (name, mark) VALUES ('all', 1);

CREATE TABLE unit_changes (unit_id BIGINT PRIMARY KEY, mark BIGINT NOT NULL) STRICT;
CREATE INDEX unit_changes_mark ON unit_changes (mark);

CREATE TABLE scan_day_changes (event_day BIGINT PRIMARY KEY, mark BIGINT NOT NULL) STRICT;

CREATE TABLE area_last_scans (
    area_id BIGINT PRIMARY KEY,
    last_day BIGINT NOT NULL,
    mark BIGINT NOT NULL
) STRICT;
CREATE INDEX area_last_scans_mark ON area_last_scans (mark);
CREATE INDEX area_last_scans_day ON area_last_scans (last_day);
INSERT INTO area_last_scans (area_id, last_day, mark)
    SELECT area_id, MAX(event_day), 1 FROM scan_counts GROUP BY area_id;

-- A row for each point and week without a scan; live weeks leave none.
CREATE TABLE point_weeks (
    area_id BIGINT NOT NULL REFERENCES areas(id),
    week_on TEXT NOT NULL,
    usage TEXT NOT NULL,
    in_a_row BIGINT NOT NULL,
    PRIMARY KEY (area_id, week_on)
) STRICT;
CREATE INDEX point_weeks_week ON point_weeks (week_on, area_id);

CREATE TABLE point_tasks (
    id BIGINT PRIMARY KEY,
    area_id BIGINT NOT NULL REFERENCES areas(id),
    usage TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_on TEXT NOT NULL,
    weeks BIGINT NOT NULL,
    of_eight BIGINT NOT NULL,
    reopened BIGINT NOT NULL,
    action TEXT,
    note TEXT,
    done_on TEXT,
    noted_by BIGINT REFERENCES accounts(id),
    noted_at BIGINT,
    closed_on TEXT
) STRICT;
CREATE UNIQUE INDEX point_tasks_area ON point_tasks (area_id) WHERE state <> 'closed';
CREATE INDEX point_tasks_state ON point_tasks (state, of_eight);

-- What waits for communes, which every first page asks for.
CREATE INDEX places_waiting ON places (registered_at) WHERE state = 'submitted';
