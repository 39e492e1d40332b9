-- Sittings: that an opening's index lies in memory, since when, and how that ended. Nothing of the index itself.
CREATE TABLE sittings (
    opening_id BIGINT PRIMARY KEY REFERENCES openings(id),
    began_at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_why TEXT,
    ended_by BIGINT
) STRICT;

-- From exposure until a person can infect others, as the profile's document says; 0 where it says nothing.
ALTER TABLE disease_rules ADD COLUMN latency_hours BIGINT NOT NULL DEFAULT 0;
