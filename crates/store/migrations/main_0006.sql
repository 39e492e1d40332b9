-- Guidance and support, directives, delivery of messages.

CREATE TABLE campaigns (
    id BIGINT PRIMARY KEY,
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    title TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,
    method TEXT NOT NULL,
    places TEXT NOT NULL,
    planned BIGINT NOT NULL,
    reached BIGINT,
    note TEXT NOT NULL,
    made_by BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    closed_at BIGINT
) STRICT;
CREATE INDEX campaigns_unit ON campaigns (unit_id, from_on);

CREATE TABLE campaign_units (
    campaign_id BIGINT NOT NULL REFERENCES campaigns(id),
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    PRIMARY KEY (campaign_id, unit_id)
) STRICT;

-- Points used and scans of a week, in a campaign's units and in the rest around them.
CREATE TABLE campaign_effects (
    campaign_id BIGINT NOT NULL REFERENCES campaigns(id),
    span TEXT NOT NULL,
    from_day BIGINT NOT NULL,
    live BIGINT NOT NULL,
    scans BIGINT NOT NULL,
    rest_live BIGINT NOT NULL,
    rest_scans BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, span)
) STRICT;

CREATE TABLE tickets (
    id BIGINT PRIMARY KEY,
    place_id BIGINT REFERENCES places(id),
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    account_id BIGINT REFERENCES accounts(id),
    office_id BIGINT NOT NULL REFERENCES admin_units(id),
    reason TEXT NOT NULL,
    words TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    ack_due_on TEXT NOT NULL,
    acknowledged_at BIGINT,
    answered_at BIGINT,
    solved_at BIGINT,
    closed_at BIGINT,
    reopened BIGINT NOT NULL DEFAULT 0,
    changed_at BIGINT NOT NULL
) STRICT;
CREATE INDEX tickets_place ON tickets (place_id, opened_at);
CREATE INDEX tickets_unit ON tickets (unit_id, opened_at);
CREATE INDEX tickets_office ON tickets (office_id, state);
CREATE INDEX tickets_state ON tickets (state, changed_at);

CREATE TABLE ticket_posts (
    id BIGINT PRIMARY KEY,
    ticket_id BIGINT NOT NULL REFERENCES tickets(id),
    at BIGINT NOT NULL,
    account_id BIGINT,
    unit_id BIGINT,
    act TEXT NOT NULL,
    words TEXT NOT NULL
) STRICT;
CREATE INDEX ticket_posts_ticket ON ticket_posts (ticket_id, at);

CREATE TABLE faq_entries (
    id BIGINT PRIMARY KEY,
    ticket_id BIGINT UNIQUE REFERENCES tickets(id),
    reason TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    published_by BIGINT NOT NULL,
    published_at BIGINT NOT NULL,
    withdrawn_at BIGINT
) STRICT;
CREATE INDEX faq_entries_reason ON faq_entries (withdrawn_at, published_at);

CREATE TABLE directives (
    id BIGINT PRIMARY KEY,
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    number TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    issuer TEXT NOT NULL,
    summary TEXT NOT NULL,
    asked TEXT NOT NULL,
    due_on TEXT NOT NULL,
    sent_by BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    state_reason TEXT NOT NULL DEFAULT '',
    replaced_by BIGINT
) STRICT;
CREATE INDEX directives_unit ON directives (unit_id, sent_at);
CREATE INDEX directives_due ON directives (state, due_on);

CREATE TABLE directive_files (
    directive_id BIGINT PRIMARY KEY REFERENCES directives(id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    bytes BYTEA NOT NULL
) STRICT;

CREATE TABLE directive_copies (
    directive_id BIGINT NOT NULL REFERENCES directives(id),
    unit_id BIGINT NOT NULL REFERENCES admin_units(id),
    from_unit_id BIGINT NOT NULL,
    remark TEXT NOT NULL,
    due_on TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    read_at BIGINT,
    read_by BIGINT,
    acknowledged_at BIGINT,
    acknowledged_by BIGINT,
    progress TEXT NOT NULL DEFAULT '',
    progress_words TEXT NOT NULL DEFAULT '',
    progress_at BIGINT,
    progress_by BIGINT,
    PRIMARY KEY (directive_id, unit_id)
) STRICT;
CREATE INDEX directive_copies_unit ON directive_copies (unit_id, received_at);

CREATE TABLE notice_settings (
    account_id BIGINT PRIMARY KEY REFERENCES accounts(id),
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    phone_verified_at BIGINT,
    code_hash BYTEA,
    code_until BIGINT,
    code_tries BIGINT NOT NULL DEFAULT 0,
    urgent TEXT NOT NULL,
    digest BIGINT NOT NULL,
    digest_hour BIGINT NOT NULL,
    quiet_from BIGINT NOT NULL,
    quiet_until BIGINT NOT NULL,
    urgent_in_quiet BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
) STRICT;

CREATE TABLE message_deliveries (
    id BIGINT PRIMARY KEY,
    dedup_key TEXT NOT NULL UNIQUE,
    account_id BIGINT REFERENCES accounts(id),
    place_id BIGINT REFERENCES places(id),
    message_id BIGINT REFERENCES messages(id),
    channel TEXT NOT NULL,
    day_on TEXT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    next_try_at BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    sent_at BIGINT,
    error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX message_deliveries_state ON message_deliveries (state, next_try_at);
CREATE INDEX message_deliveries_account ON message_deliveries (account_id, day_on);
CREATE INDEX message_deliveries_place ON message_deliveries (place_id, day_on);
CREATE INDEX message_deliveries_message ON message_deliveries (message_id);
CREATE INDEX messages_urgent ON messages (urgent, made_at);
