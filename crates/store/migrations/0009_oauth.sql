-- Agents that act for users by OAuth. Clients that have registered themselves; those that a document describes are
-- nowhere but there.
CREATE TABLE oauth_client (
    id {text} NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- When somebody first let it in; those that nobody ever does are removed.
    used_at BIGINT
);

-- What a user has said yes to, for the client to fetch once: it then is a grant, under the id that is reserved here.
CREATE TABLE oauth_code (
    hash {text} NOT NULL PRIMARY KEY,
    user_id {text} NOT NULL,
    grant_id {text} NOT NULL,
    client_id TEXT NOT NULL,
    client_name TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    access TEXT NOT NULL,
    resource TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

-- A client that may act for a user until expires_at, which moves with every refresh. What is taken back is removed.
CREATE TABLE oauth_grant (
    user_id {text} NOT NULL,
    id {text} NOT NULL,
    client_id TEXT NOT NULL,
    client_name TEXT NOT NULL,
    access TEXT NOT NULL,
    resource TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT,
    PRIMARY KEY (user_id, id)
) {rowless};

-- Used ones are kept until they would have ended, so that one that is shown again is told from one that never was.
CREATE TABLE oauth_refresh_token (
    hash {text} NOT NULL PRIMARY KEY,
    user_id {text} NOT NULL,
    grant_id {text} NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE INDEX oauth_code_by_user ON oauth_code (user_id);
CREATE INDEX oauth_refresh_token_by_grant ON oauth_refresh_token (user_id, grant_id);
