-- What agents propose and a person has not answered yet, or not long ago. decision is what became of it: accepted,
-- dismissed, or replaced by another proposal that says the same as things are now.
ALTER TABLE profile ADD COLUMN next_proposal BIGINT NOT NULL DEFAULT 1;

CREATE TABLE proposals (
    user_id {text} NOT NULL,
    id BIGINT NOT NULL,
    command TEXT NOT NULL,
    request_id TEXT NOT NULL,
    text TEXT NOT NULL,
    proposal TEXT NOT NULL,
    proposed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    decided_at BIGINT,
    decision {text},
    PRIMARY KEY (user_id, id)
) {rowless};

CREATE INDEX proposals_waiting ON proposals (user_id, expires_at) WHERE decided_at IS NULL;
