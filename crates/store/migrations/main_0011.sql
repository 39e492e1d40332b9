-- Who answers for an inspected place beside its commune; e-mail addresses that a code proved, and the reader's
-- language; what owners read; all that was done about a quiet point.

ALTER TABLE inspections ADD COLUMN department_id BIGINT REFERENCES admin_units(id);
ALTER TABLE findings ADD COLUMN department_id BIGINT REFERENCES admin_units(id);
ALTER TABLE inspection_reminders ADD COLUMN department_id BIGINT REFERENCES admin_units(id);
ALTER TABLE suspension_proposals ADD COLUMN department_id BIGINT REFERENCES admin_units(id);
UPDATE inspections SET department_id = (SELECT CASE WHEN p.department_set = 1 THEN p.department_id
    ELSE r.department_id END FROM places p LEFT JOIN place_type_rules r ON r.type_code = p.type_code
    WHERE p.id = inspections.place_id);
UPDATE findings SET department_id = (SELECT i.department_id FROM inspections i WHERE i.id = findings.root_id);
UPDATE inspection_reminders SET department_id = (SELECT i.department_id FROM inspections i
    WHERE i.id = inspection_reminders.root_id);
UPDATE suspension_proposals SET department_id = (SELECT i.department_id FROM inspections i
    WHERE i.id = suspension_proposals.root_id);
CREATE INDEX inspections_department ON inspections (department_id, state, day_on);
CREATE INDEX findings_department ON findings (department_id, state);
CREATE INDEX inspection_reminders_department ON inspection_reminders (department_id);
CREATE INDEX inspection_reminders_unit ON inspection_reminders (unit_id);
CREATE INDEX suspension_proposals_department ON suspension_proposals (department_id, state);

ALTER TABLE notice_settings ADD COLUMN email_verified_at BIGINT;
ALTER TABLE notice_settings ADD COLUMN email_code_hash BYTEA;
ALTER TABLE notice_settings ADD COLUMN email_code_until BIGINT;
ALTER TABLE notice_settings ADD COLUMN email_code_tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE notice_settings ADD COLUMN lang TEXT NOT NULL DEFAULT 'vi';

ALTER TABLE messages ADD COLUMN owner_read_at BIGINT;

CREATE TABLE point_task_acts (
    id BIGINT PRIMARY KEY,
    task_id BIGINT NOT NULL REFERENCES point_tasks(id),
    action TEXT NOT NULL,
    note TEXT NOT NULL,
    done_on TEXT NOT NULL,
    noted_by BIGINT NOT NULL REFERENCES accounts(id),
    noted_at BIGINT NOT NULL
) STRICT;
CREATE UNIQUE INDEX point_task_acts_once ON point_task_acts (task_id, action, done_on, note, noted_by);
INSERT INTO point_task_acts (id, task_id, action, note, done_on, noted_by, noted_at)
    SELECT id, id, action, COALESCE(note, ''), done_on, noted_by, noted_at FROM point_tasks
    WHERE action IS NOT NULL AND done_on IS NOT NULL AND noted_by IS NOT NULL AND noted_at IS NOT NULL;
