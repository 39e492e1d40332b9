-- The keyring: a database of its own, with its own backup, kept no longer than the retention period.

CREATE TABLE officers (
    id BIGINT PRIMARY KEY,
    account_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    public BYTEA NOT NULL,
    protected BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    ended_at BIGINT
) STRICT;

CREATE TABLE rosters (
    version BIGINT PRIMARY KEY,
    body BYTEA NOT NULL,
    signer_a BIGINT NOT NULL,
    signature_a BYTEA NOT NULL,
    signer_b BIGINT NOT NULL,
    signature_b BYTEA NOT NULL,
    made_at BIGINT NOT NULL
) STRICT;

CREATE TABLE key_pairs (
    id BIGINT PRIMARY KEY,
    purpose TEXT NOT NULL,
    month TEXT NOT NULL,
    public BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    UNIQUE (purpose, month)
) STRICT;

CREATE TABLE shares (
    key_pair_id BIGINT NOT NULL REFERENCES key_pairs(id),
    holder BIGINT NOT NULL,
    roster_version BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (key_pair_id, roster_version, holder)
) STRICT;

CREATE TABLE epochs (
    epoch BIGINT PRIMARY KEY,
    started_at BIGINT NOT NULL,
    arrival_day BIGINT NOT NULL,
    movement_key_id BIGINT NOT NULL,
    movement_wrap BYTEA,
    register_key_id BIGINT NOT NULL,
    identity_wrap BYTEA NOT NULL
) STRICT;
CREATE INDEX epochs_day ON epochs (arrival_day);
