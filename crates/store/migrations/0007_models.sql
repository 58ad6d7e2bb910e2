-- A reply that a language model is still writing is a message already, so that any copy of the program can show it, stop
-- it, or end it when whoever wrote it has gone: writer is that one's name for it, alive_at when it was last heard of,
-- stop_at when the person had enough. A finished message has none of the three.
ALTER TABLE messages ADD COLUMN writer {text};
ALTER TABLE messages ADD COLUMN alive_at BIGINT;
ALTER TABLE messages ADD COLUMN stop_at BIGINT;

CREATE INDEX messages_unfinished ON messages (user_id, conversation_id) WHERE writer IS NOT NULL;

-- Writers that are to stop. It belongs to nobody: each copy of the program looks for the names it has given, for all
-- users at once.
CREATE TABLE stop_request (
    writer {text} NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);

-- What language models were used for, by user and day (UTC).
CREATE TABLE model_use (
    user_id {text} NOT NULL,
    day {text} NOT NULL,
    requests BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    PRIMARY KEY (user_id, day)
) {rowless};

-- The same for everybody together.
CREATE TABLE model_use_total (
    day {text} NOT NULL PRIMARY KEY,
    requests BIGINT NOT NULL,
    tokens BIGINT NOT NULL
);
