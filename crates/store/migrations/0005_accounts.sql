-- Of accounts, what is ours alone.
-- Sessions were kept as hashes before; nobody can show one of those any more.
DELETE FROM "session" WHERE length("token") = 64;

-- What a token may do, and when it was last shown.
ALTER TABLE api_token ADD COLUMN scope TEXT NOT NULL DEFAULT 'write';
ALTER TABLE api_token ADD COLUMN last_used_at BIGINT;

-- Users who may not sign in.
CREATE TABLE disabled_user (
    user_id TEXT NOT NULL PRIMARY KEY,
    disabled_at BIGINT NOT NULL
);

CREATE TABLE invitation (
    hash TEXT NOT NULL PRIMARY KEY,
    email TEXT,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

-- Sign-ins that failed, by a hash of the address they were for: how many in a row, and when the next may be tried.
CREATE TABLE failed_sign_in (
    hash TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    retry_at BIGINT NOT NULL
);

-- Who signed in, from where, and what else concerns safety; never a secret. user_id is empty where nobody is known.
CREATE TABLE security_event (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
);

CREATE INDEX security_event_by_user ON security_event (user_id, at);
CREATE INDEX security_event_by_time ON security_event (at);

-- Entries of a journal up to this one have been removed, as the settings say.
ALTER TABLE profile ADD COLUMN removed_to BIGINT NOT NULL DEFAULT 0;
