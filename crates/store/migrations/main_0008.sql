-- What an officer saw on the first page, so that it can say what changed since.

CREATE TABLE home_looks (
    account_id BIGINT PRIMARY KEY REFERENCES accounts(id),
    before_at BIGINT NOT NULL,
    before_counts TEXT NOT NULL,
    looked_at BIGINT NOT NULL,
    counts TEXT NOT NULL
) STRICT;
