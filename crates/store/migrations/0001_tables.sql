-- {text} is text that is compared byte by byte on both databases; {rowless} keeps a user's rows together in SQLite.
CREATE TABLE profile (
    user_id {text} NOT NULL PRIMARY KEY,
    settings TEXT NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    next_task BIGINT NOT NULL,
    next_project BIGINT NOT NULL,
    next_conversation BIGINT NOT NULL
) {rowless};

CREATE TABLE projects (
    user_id {text} NOT NULL,
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    folded {text} NOT NULL,
    colour TEXT,
    archived_at BIGINT,
    version BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
) {rowless};

-- Instants are microseconds since 1970, UTC. state is 1 for open, 2 for done, 3 for in the trash. due_key is what lists
-- are sorted by: the date, then T and the time if there is one; ~ without a date. due_at is set only for a due time with
-- a zone of its own. priority is its rank, 1 for high to 4 for none. search, tags_folded: see domain::search_text.
CREATE TABLE tasks (
    user_id {text} NOT NULL,
    id BIGINT NOT NULL,
    state BIGINT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    due TEXT,
    due_at BIGINT,
    due_key {text} NOT NULL,
    repeat TEXT,
    priority BIGINT NOT NULL,
    tags TEXT NOT NULL,
    tags_folded {text} NOT NULL,
    project_id BIGINT,
    parent_id BIGINT,
    position BIGINT NOT NULL,
    completed_at BIGINT,
    deleted_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    search {text} NOT NULL,
    PRIMARY KEY (user_id, id)
) {rowless};

-- Its last columns answer what is due, overdue or in a project without a look at the rows.
CREATE INDEX tasks_by_due ON tasks (user_id, state, due_key, priority, position, id, due_at, project_id);
CREATE INDEX tasks_by_completion ON tasks (user_id, state, (COALESCE(completed_at, 0)), id);
CREATE INDEX tasks_by_update ON tasks (user_id, state, updated_at, id);
CREATE INDEX tasks_by_parent ON tasks (user_id, parent_id);

CREATE TABLE journal (
    user_id {text} NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    door TEXT NOT NULL,
    action TEXT NOT NULL,
    request_id TEXT NOT NULL,
    idempotency_key {text},
    conversation_id BIGINT,
    message_id BIGINT,
    undoes BIGINT,
    undone_by BIGINT,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    changes TEXT NOT NULL,
    PRIMARY KEY (user_id, seq)
) {rowless};

CREATE UNIQUE INDEX journal_key ON journal (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX journal_undone ON journal (user_id, undone_by) WHERE undone_by IS NOT NULL;

-- Which entries speak of which row: kind is t for a task, p for a project, s for the settings.
CREATE TABLE journal_rows (
    user_id {text} NOT NULL,
    kind {text} NOT NULL,
    row_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind, row_id, seq)
) {rowless};

CREATE TABLE conversations (
    user_id {text} NOT NULL,
    id BIGINT NOT NULL,
    title TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
) {rowless};

CREATE TABLE messages (
    user_id {text} NOT NULL,
    conversation_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    blocks TEXT NOT NULL,
    engine TEXT,
    usage TEXT,
    idempotency_key {text},
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, conversation_id, id)
) {rowless};

CREATE UNIQUE INDEX messages_key ON messages (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- user_id is not {text} here and below: it is compared with "user"."id", which Better Auth leaves to the database.
CREATE TABLE api_token (
    user_id TEXT NOT NULL,
    id {text} NOT NULL,
    name TEXT NOT NULL,
    hash {text} NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (user_id, id)
) {rowless};

CREATE TABLE sign_in_link (
    user_id TEXT NOT NULL,
    hash {text} NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, hash)
) {rowless};
